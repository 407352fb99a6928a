import { styleText } from 'node:util';
import * as z from 'zod/mini';
import { balanceBar } from './bar.ts';
import { type Call, localClient } from './local-client.ts';

const tool = z.object({
  id: z.string(),
  name: z.string(),
  typicalCredits: z.number(),
  maxCredits: z.number(),
  exampleInput: z.unknown(),
  pricing: z.object({ kind: z.string() }),
});
type Tool = z.infer<typeof tool>;
type Chosen = { readonly name: string; readonly asked: unknown; readonly quote: z.infer<typeof estimate> };
const pricing = z.object({ tools: z.array(tool) });
const estimate = z.object({
  estimateId: z.string(),
  credits: z.number(),
  typicalCredits: z.number(),
  balance: z.object({ available: z.number(), after: z.number() }),
});
const held = z.object({ runId: z.string(), held: z.number() });
const settled = z.object({ charged: z.number(), released: z.number() });
const failed = z.object({ charged: z.number(), released: z.number() });
const balance = z.object({
  available: z.number(),
  held: z.number(),
  progress: z.object({ used: z.number(), total: z.number() }),
  runsToday: z.object({ used: z.number(), limit: z.nullable(z.number()) }),
  nextResetAt: z.nullish(z.string()),
});
const usage = z.object({
  entries: z.array(
    z.object({
      kind: z.string(),
      credits: z.number(),
      status: z.optional(z.string()),
      tool: z.optional(z.string()),
      held: z.optional(z.number()),
      reason: z.optional(z.string()),
    }),
  ),
});
const token = z.object({ token: z.string() });

/** Where the second column begins. */
const COLUMN = 52;

const signed = (credits: number): string => (credits > 0 ? `+${credits}` : String(credits)).padStart(7);

/** One tool for each kind of price. */
const oneOfEachKind = (tools: readonly Tool[]): Tool[] => [
  ...new Map(tools.toReversed().map((each) => [each.pricing.kind, each])).values(),
];

class Story {
  constructor(
    private readonly call: Call,
    private readonly out: NodeJS.WriteStream,
  ) {}

  private say(line = ''): void {
    this.out.write(`${line}\n`);
  }

  private step(title: string, call: string): void {
    const { out } = this;
    const dim = (text: string) => (out.isTTY ? styleText('dim', text) : text);
    const bold = (text: string) => (out.isTTY ? styleText('bold', text) : text);
    this.say(`  ${bold(title.padEnd(COLUMN))} ${dim(call)}`);
  }

  private async tokenOf(sub: string, scope: string): Promise<string> {
    return token.parse(await this.call('POST', '/local/token', undefined, { sub, scopes: [scope] })).token;
  }

  private async balanceOf(user: string) {
    return balance.parse(await this.call('GET', '/v1/balance', user));
  }

  private async showBar(user: string): Promise<void> {
    const { progress, available, held } = await this.balanceOf(user);
    this.say(`    ${balanceBar({ total: progress.total, available, held })}  ${available} free · ${held} held`);
  }

  /** The dearest of the tools that leave room for another run, of those whose typical cost is below the most it can be. */
  private async choose(tools: readonly Tool[], account: string, agent: string): Promise<Chosen> {
    const quotes = await Promise.all(
      tools.map(async ({ id, name, exampleInput }) => {
        const asked = { tool: id, input: exampleInput, accountId: account };
        return { name, asked, quote: estimate.parse(await this.call('POST', '/v1/estimates', agent, asked)) };
      }),
    );
    const fitting = quotes
      .filter(({ quote }) => quote.credits * 2 <= quote.balance.available)
      .sort((a, b) => b.quote.credits - a.quote.credits);
    const chosen = fitting.find(({ quote }) => quote.typicalCredits < quote.credits) ?? fitting[0];
    if (!chosen) throw new Error('No tool is cheap enough for a new account');
    return chosen;
  }

  async tell(account: string): Promise<void> {
    const user = await this.tokenOf(account, 'credits/user');
    const agent = await this.tokenOf('demo-agent', 'credits/agent');
    const { tools } = pricing.parse(await this.call('GET', '/v1/pricing'));

    this.step('What a generation costs, in credits', 'GET /v1/pricing');
    for (const { name, typicalCredits, maxCredits } of oneOfEachKind(tools)) {
      this.say(
        `    ${name.padEnd(34)} typically ${String(typicalCredits).padStart(4)}, at most ${String(maxCredits).padStart(5)}`,
      );
    }

    const { name, asked, quote } = await this.choose(tools, account, agent);
    this.step(`The agent asks for a price: ${name}`, 'POST /v1/estimates');
    const { available, after } = quote.balance;
    this.say(
      `    at most ${quote.credits}, typically ${quote.typicalCredits}; balance ${available} before, ${after} after`,
    );

    this.step('The user approves; the credits are held', 'POST /v1/runs');
    const run = held.parse(await this.call('POST', '/v1/runs', user, { estimateId: quote.estimateId }));
    this.say(`    run ${run.runId}: ${run.held} held   (█ spent ▒ held ░ free)`);
    await this.showBar(user);

    this.step('It cost less; the rest goes back', 'POST /v1/runs/{runId}/settle');
    const end = settled.parse(
      await this.call('POST', `/v1/runs/${run.runId}/settle`, agent, { credits: quote.typicalCredits }),
    );
    this.say(`    charged ${end.charged}, given back ${end.released}`);
    await this.showBar(user);

    this.step('Another run fails', 'POST /v1/runs/{runId}/fail');
    const again = estimate.parse(await this.call('POST', '/v1/estimates', agent, asked));
    const second = held.parse(await this.call('POST', '/v1/runs', user, { estimateId: again.estimateId }));
    const over = failed.parse(
      await this.call('POST', `/v1/runs/${second.runId}/fail`, agent, { reason: 'the model did not answer' }),
    );
    this.say(`    failed, not charged: ${over.charged} charged, ${over.released} given back`);

    this.step('The balance', 'GET /v1/balance');
    await this.showBar(user);
    const now = await this.balanceOf(user);
    const runs = `${now.runsToday.used} of ${now.runsToday.limit ?? 'unlimited'} runs today`;
    this.say(
      `    used ${now.progress.used} of ${now.progress.total} · ${runs} · next reset ${now.nextResetAt ?? 'never'}`,
    );

    this.step('The history, newest first', 'GET /v1/usage?limit=3');
    const { entries } = usage.parse(await this.call('GET', '/v1/usage?limit=3', user));
    for (const entry of entries) {
      const what = entry.status === 'failed' ? 'failed, not charged' : (entry.status ?? entry.reason ?? '');
      this.say(
        `    ${signed(entry.credits)}  ${entry.kind.padEnd(8)} ${[entry.tool, what].filter(Boolean).join(' · ')}`,
      );
    }
  }

  tryIt(url: string): void {
    this.say();
    this.say('  Try it');
    this.say(`    curl ${url}/v1/pricing`);
    this.say(`    TOKEN=$(curl -s ${url}/local/token -d '{"sub":"me","scopes":["credits/user"]}' | cut -d'"' -f4)`);
    this.say(`    curl ${url}/v1/balance -H "authorization: Bearer $TOKEN"`);
    this.say();
    this.say(`Serving on ${url}; Ctrl-C ends it.`);
  }

  problem(error: unknown): void {
    this.say(`  The walk-through stopped: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Walks through the main job once, over HTTP, with a new account. What goes wrong is told and nothing more: the server goes on. */
export const tellStory = async (url: string, out: NodeJS.WriteStream): Promise<void> => {
  const story = new Story(localClient(url), out);
  try {
    await story.tell(`demo-${Date.now().toString(36)}`);
  } catch (error) {
    story.problem(error);
  }
  story.tryIt(url);
};
