import { integer } from '../figure.ts';
import type { Machine } from '../show.ts';
import { SWEEPER } from '../time/limits.ts';
import { ASSUMED_COST } from './assumed.ts';
import type { CountedRun, CountedStage } from './count.ts';
import { type CostLine, idleLines, keptLines, runLines, totalOf } from './lines.ts';
import { COST_PRICES, LOOKED_UP, type Price } from './prices.ts';

/** Runs a month the table is worked out for. */
export const VOLUMES = [1e6, 1e7, 1e8] as const;

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');

const dollars = (amount: number): string => `$${amount.toFixed(amount !== 0 && amount < 0.01 ? 4 : 2)}`;
const million = (runs: number): string => `${integer(runs / 1e6)} M runs a month`;

const oneColumn = (lines: readonly CostLine[], unit: string): string =>
  table(
    ['', 'from', unit],
    [
      ...lines.map(({ service, from, dollars: amount }) => [service, from, dollars(amount)]),
      ['**together**', '', `**${dollars(totalOf(lines))}**`],
    ],
  );

const perMillion = (run: CountedRun): string => {
  const volumes = VOLUMES.map((runs) => runLines(run, runs));
  const [first = []] = volumes;
  return table(
    ['', 'a run', ...VOLUMES.map(million)],
    [
      ...first.map(({ service, from }, at) => [
        service,
        service === 'X-Ray' ? 'the first call of a second, and 5 % of the others' : from,
        ...volumes.map((lines) => dollars(lines[at]?.dollars ?? 0)),
      ]),
      ['**together**', '', ...volumes.map((lines) => `**${dollars(totalOf(lines))}**`)],
    ],
  );
};

const words: Readonly<Record<keyof typeof ASSUMED_COST, string>> = {
  estimateMs: 'billed ms of an estimate',
  approveMs: 'billed ms of an approval',
  settleMs: 'billed ms of a settle',
  feedMs: 'billed ms of a call of the function that feeds the bus',
  recordsInBatch: 'records of the stream in such a call',
  hotMemoryGb: 'GB of memory of the three',
  feedMemoryGb: 'GB of memory of the feed',
  logBytesOfCall: 'bytes of log of a call of a function',
  accessLogBytesOfVariable: 'bytes of a variable in the access log',
  sentBytesOfAnswer: 'bytes of an answer with its headers',
  logRetentionMonths: 'months that logs are kept',
  logCompression: 'share of a log’s bytes that is kept, compressed',
  runsOfAccountADay: 'runs a day of an account that has any; midnight’s write is shared among them',
  tracedShare: 'share of calls X-Ray traces beyond the first of a second',
  warmInstances: 'instances of functions that stay warm and read a secret every five minutes',
  ownMetrics: 'metrics of our own that are counted in all month',
  agentProcesses: 'processes of agents that ask for a token each hour',
};

const isKey = (name: string): name is keyof typeof ASSUMED_COST => name in ASSUMED_COST;

const assumptions = (): string =>
  table(
    ['assumed', 'number'],
    Object.entries(ASSUMED_COST).map(([name, value]) => [isKey(name) ? words[name] : name, `${value}`]),
  );

const prices = (): string => {
  const all: readonly Price[] = Object.values(COST_PRICES);
  return table(
    ['price', '', 'page', ''],
    all.map(({ what, said, page, seen }) => [what, said, page, seen === 'quoted' ? '' : '**from memory**']),
  );
};

/** The whole of docs/cost.md. */
export const asCostDocument = (run: CountedRun, stage: CountedStage, { command, date, engine }: Machine): string => {
  const idle = idleLines(stage);
  const kept = keptLines(run);
  const [bare = []] = VOLUMES.map((runs) => runLines(run, runs));
  const traces = bare.find(({ service }) => service === 'X-Ray')?.dollars ?? 0;
  return `${[
    '# Cost',
    'What AWS asks for a million runs (estimate, approval, settle with the receipt), for a month of doing nothing, and for what stays. Nothing has been deployed: what a run does to the database is counted on the engine, what the stage has is counted in the template, what only AWS could tell is assumed, and named.',
    `Written by\n\n\`\`\`\n${command}\n\`\`\`\n\non ${date}, engine ${engine}; do not edit it by hand. Prices of us-east-1, without any free tier, as of ${LOOKED_UP}.`,
    '## A million runs',
    perMillion(run),
    `X-Ray is the line that changes with the volume, because its default rule traces the first call of each second at each function: ${dollars(traces)} a million where runs are few. A sampling rule of the account's own (say 1 %, and none of the first) takes it to cents. Requests that people make beside runs (balance, history) are some more of the first three lines.`,
    '## What stays, each month from then on',
    'For every million runs ever done: their records are kept for good.',
    oneColumn(kept, 'a month'),
    '## A month without a run',
    oneColumn(idle, 'a month'),
    `The sweeps look every minute at ${SWEEPER.shards} shards for holds that have lapsed, used or not. On a stage that nobody uses, disable the schedules: no balance changes (docs/scale.md). People who sign in at the stack's own pool: ${COST_PRICES.activeUserMonth.said} active in a month; with an issuer of one's own, neither that nor the agents' line.`,
    '## At the end of a month',
    table(
      ['runs in the month', 'runs', 'idle', 'the first month’s storage', 'together', 'a run'],
      VOLUMES.map((runs) => {
        const parts = [(totalOf(runLines(run, runs)) * runs) / 1e6, totalOf(idle), (totalOf(kept) * runs) / 1e6];
        const together = parts.reduce((total, each) => total + each, 0);
        return [integer(runs), ...parts.map(dollars), `**${dollars(together)}**`, `$${(together / runs).toFixed(7)}`];
      }),
    ),
    'Not in it: Stripe’s fees, which are a share of the money and not of the runs; support’s and billing’s requests, which are rare; a domain’s hosted zone; the hourly check of the ledger, which reads what it looks at; KMS calls for the table’s key, which DynamoDB makes every few minutes for each caller; taxes.',
    '## What is assumed',
    assumptions(),
    '## Where the prices come from',
    `Looked up ${LOOKED_UP}, on the page named or in pages that quote it; where nobody could look, the line says so, and is to be checked before it is relied on.`,
    prices(),
  ].join('\n\n')}\n`;
};
