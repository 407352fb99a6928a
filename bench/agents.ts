import { isRefusal } from '../lib/domain/refusal.ts';
import { parseRunId } from '../lib/http/run-id.ts';
import { viewAccount } from '../lib/store/account-view.ts';
import type { Bench } from './engine.ts';
import { exact, type Figure, type Section, told } from './figure.ts';
import { Meter } from './meter.ts';
import { Product } from './product.ts';
import { median } from './quantile.ts';
import { type Guard, Textbook } from './textbook.ts';
import { type TextbookTally, textbookRush } from './textbook-rush.ts';

const AGENTS = 64;
const CREDITS = 50;
/** The `starter` plan: free credits for the day, credits for the cycle, 100 runs a day. */
const FREE = 60;
const CYCLE = 2000;

interface Tally {
  readonly admitted: number;
  readonly refused: number;
  readonly unexpected: number;
  /** Answers without their hold on the account, and holds nobody was told of. */
  readonly lost: number;
  /** Placing writes beyond one for each agent. */
  readonly extraTries: number;
  readonly lastAnswerMs: number;
}

/** Every agent has its own estimate, made before any hold; the owner approves all of them at the same instant. */
const rush = async (product: Product, meter: Meter, accountId: string): Promise<Tally> => {
  const estimates = await Promise.all(Array.from({ length: AGENTS }, () => product.quote(accountId, CREDITS)));
  const startMs = performance.now();
  const { result: answers, spent } = await meter.of(() =>
    Promise.allSettled(estimates.map((estimateId) => product.approve(accountId, estimateId))),
  );
  const lastAnswerMs = performance.now() - startMs;
  const values = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  const told = values.flatMap((value) => (isRefusal(value) ? [] : [parseRunId(value.runId)?.runUuid]));
  const refused = values.filter((value) => isRefusal(value) && value.refused === 'insufficient_credits').length;
  const { account } = await viewAccount(product.deps.table, accountId, product.nowMs);
  const held = account.holds.map((hold) => hold.runUuid);
  return {
    admitted: held.length,
    refused,
    unexpected: AGENTS - told.length - refused,
    lost:
      held.filter((run) => !told.includes(run)).length +
      told.filter((run) => run === undefined || !held.includes(run)).length,
    extraTries: spent.requests.filter((command) => command === 'UpdateItemCommand').length - AGENTS,
    lastAnswerMs,
  };
};

const rushes = async (bench: Bench, rounds: number, grants: 1 | 2): Promise<readonly Tally[]> => {
  const own = await bench.openStackTable();
  const meter = new Meter(own.client);
  const product = Product.open(own);
  const tallies: Tally[] = [];
  for (let round = 0; round < rounds; round++) {
    const accountId = `account-${round}`;
    await product.openAccount(accountId, 'starter');
    if (grants === 1) await product.settle(await product.hold(accountId, FREE), FREE);
    tallies.push(await rush(product, meter, accountId));
  }
  return tallies;
};

const textbookRushes = async (bench: Bench, rounds: number, guard: Guard): Promise<readonly TextbookTally[]> => {
  const textbook = new Textbook(await bench.openPlainTable(), guard);
  const tallies: TextbookTally[] = [];
  for (let round = 0; round < rounds; round++) {
    const accountId = `account-${round}`;
    await textbook.openAccount(accountId, CYCLE);
    tallies.push(await textbookRush(textbook, accountId, AGENTS, CREDITS));
  }
  return tallies;
};

const sum = <T>(tallies: readonly T[], pick: (tally: T) => number): number =>
  tallies.reduce((total, tally) => total + pick(tally), 0);

const correctness = (where: string, balance: number, ours: readonly Tally[]): readonly Figure[] => {
  const fits = Math.floor(balance / CREDITS);
  const shown = (counts: readonly number[]) => [...new Set(counts)].join(', ');
  const admitted = ours.map((tally) => tally.admitted);
  const refused = ours.map((tally) => tally.refused);
  const wrong = sum(ours, ({ unexpected, lost }) => unexpected + lost);
  return [
    exact(
      `admitted / refused; ${where}`,
      `${fits} / ${AGENTS - fits}`,
      `${shown(admitted)} / ${shown(refused)}`,
      '',
      admitted.every((count) => count === fits) && refused.every((count) => count === AGENTS - fits),
    ),
    exact(
      `unexpected errors / lost answers; ${where}`,
      '0 / 0',
      `${sum(ours, ({ unexpected }) => unexpected)} / ${sum(ours, ({ lost }) => lost)}`,
      '',
      wrong === 0,
    ),
  ];
};

export const agents = async (bench: Bench, rounds: number): Promise<Section> => {
  const single = await rushes(bench, rounds, 1);
  const double = await rushes(bench, rounds, 2);
  const versioned = await textbookRushes(bench, rounds, 'version');
  const plain = await textbookRushes(bench, rounds, 'balance');
  const perRush = (tries: number) => (tries / rounds).toFixed(0);
  const lastAnswer = (tallies: readonly { readonly lastAnswerMs: number }[]) =>
    `${median(tallies.map(({ lastAnswerMs }) => lastAnswerMs)).toFixed(0)} ms`;
  const firstLost = (tallies: readonly TextbookTally[]) => perRush(sum(tallies, (tally) => tally.firstTriesLost));
  const tries = (tallies: readonly { readonly extraTries: number }[]) =>
    perRush(sum(tallies, (each) => each.extraTries));
  return {
    title: `${AGENTS} agents on one account at once, credits for fewer, ${rounds} times`,
    figures: [
      ...correctness('credits in one grant', CYCLE, single),
      ...correctness('credits over two grants', FREE + CYCLE, double),
      told(
        'first tries lost to another agent; credits in one grant',
        tries(single),
        `${firstLost(versioned)} (${firstLost(plain)} by balance)`,
      ),
      told(
        'writes beyond one an agent; credits in one grant',
        tries(single),
        `${tries(versioned)} (${tries(plain)} by balance)`,
      ),
      told('writes beyond one an agent; credits over two grants', tries(double)),
      told(
        'until the last has its answer; credits in one grant',
        lastAnswer(single),
        `${lastAnswer(versioned)} (${lastAnswer(plain)} by balance)`,
      ),
      told('until the last has its answer; credits over two grants', lastAnswer(double)),
    ],
    notes: [
      `Every agent has its own estimate, made before any hold; all are approved at the same instant, each for ${CREDITS} credits. Tries are the mean of the rounds, times their median. An agent that is refused has been told so after the account was brought up to date and looked at once more.`,
      'Credits in one grant: holds commute, so nobody tries twice. Over two grants: the estimates were all made on the first grant, which serves one of them; the others’ conditions fail, the stored account comes back with the failure, and they write again with a new split. It happens where a grant runs out, not with every hold.',
      `The comparison reads, modifies and writes the account guarded by \`ver\`, as a split over several grants needs, and backs off as the product does. The embedded engine runs one write after the other, so that no two transactions are ever in progress at once: what is lost here is lost to the guard alone. “By balance”: the same with a single balance and no guard but \`balance >= :credits\`, which loses nothing here. The real service adds to either: a transaction that meets another one under way on the same item is [cancelled](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-conflict-handling) with \`TransactionConflict\`, which the SDK does not retry; of k that overlap on one account at most one goes through, so up to (k−1)/k of first tries fail. It cannot be shown on this engine. Single-item writes do not cancel each other.`,
    ],
  };
};
