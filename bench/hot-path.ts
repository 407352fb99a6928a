import type { Bench } from './engine.ts';
import { exact, type Figure, type Section, shownSpent, told, within } from './figure.ts';
import { Meter, type Spent } from './meter.ts';
import { dollars, PRICES, readDollars, writeDollars } from './prices.ts';
import { accepted, NOON, Product } from './product.ts';
import { Textbook } from './textbook.ts';

const UUID = '5f1c2d34-9a7b-4c8d-8e6f-00000000000';
const CREDITS = 20;
const COST = 7;

interface Runs {
  readonly estimate: Spent;
  readonly approve: Spent;
  readonly settle: Spent;
  readonly settleByReceipt: Spent;
  readonly fail: Spent;
  readonly failByReceipt: Spent;
}

/** Each step on an account with four grants, a run in this hour and so many live holds of others. */
const stepsBeside = async (product: Product, meter: Meter, accountId: string, otherHolds: number): Promise<Runs> => {
  await product.openAccount(accountId, 'pro', 2);
  await product.settle(await product.hold(accountId, CREDITS), COST);
  for (let at = 0; at < otherHolds; at++) await product.hold(accountId, CREDITS);
  const estimate = await meter.of(() => product.quote(accountId, CREDITS));
  const approve = await meter.of(async () => accepted(await product.approve(accountId, estimate.result)));
  const { runId } = approve.result;
  const settle = await meter.of(() => product.settle({ runId }, COST));
  const second = await product.hold(accountId, CREDITS);
  const settleByReceipt = await meter.of(() => product.settle(second, COST));
  const third = await product.hold(accountId, CREDITS);
  const fail = await meter.of(() => product.fail({ runId: third.runId }));
  const fourth = await product.hold(accountId, CREDITS);
  const failByReceipt = await meter.of(() => product.fail(fourth));
  return {
    estimate: estimate.spent,
    approve: approve.spent,
    settle: settle.spent,
    settleByReceipt: settleByReceipt.spent,
    fail: fail.spent,
    failByReceipt: failByReceipt.spent,
  };
};

const together = (...parts: readonly Spent[]): Spent => ({
  requests: parts.flatMap((part) => part.requests),
  writeUnits: parts.reduce((sum, part) => sum + part.writeUnits, 0),
  indexUnits: parts.reduce((sum, part) => sum + part.indexUnits, 0),
  readUnits: parts.reduce((sum, part) => sum + part.readUnits, 0),
});

/** The same run in the comparison design, by a caller that knows the account and the run. */
const textbookSteps = async (bench: Bench): Promise<{ read: Spent; hold: Spent; settle: Spent }> => {
  const own = await bench.openPlainTable();
  const meter = new Meter(own.client);
  const textbook = new Textbook(own, 'version');
  const run = { accountId: `${UUID}9`, runId: '019ca945-0a00-70c7-a0d4-bb2f56fa1aba', credits: CREDITS };
  await textbook.openAccount(run.accountId, 1000);
  const read = await meter.of(() => textbook.read(run.accountId));
  const hold = await meter.of(() => textbook.hold(read.result, run, NOON));
  const settle = await meter.of(() => textbook.settle(run, COST, NOON));
  if (hold.result !== 'done' || settle.result !== 'done') throw new Error('the textbook design refused its own run');
  return { read: read.spent, hold: hold.spent, settle: settle.spent };
};

export const hotPath = async (bench: Bench): Promise<Section> => {
  const own = await bench.openStackTable();
  const meter = new Meter(own.client);
  const product = Product.open(own);
  const textbook = await textbookSteps(bench);
  const figures: Figure[] = [];
  for (const others of [0, 8]) {
    const runs = await stepsBeside(product, meter, `${UUID}${others}`, others);
    const beside = others === 0 ? 'no other hold' : `${others} other live holds`;
    const row = (
      figure: string,
      spent: Spent,
      [trips, writes, reads]: readonly [number, number, number],
      against: Spent,
    ) =>
      figures.push(
        exact(
          `${figure}; ${beside}`,
          `${trips} / ${writes} / ${reads}`,
          shownSpent(spent),
          shownSpent(against),
          within(spent, trips, writes, reads),
        ),
      );
    row('approve and hold', runs.approve, [1, 1, 0], textbook.hold);
    row('settle', runs.settle, [3, 2, 1], textbook.settle);
    row('settle, with the receipt', runs.settleByReceipt, [2, 2, 0], textbook.settle);
    row('fail', runs.fail, [3, 2, 1], textbook.settle);
    row('fail, with the receipt', runs.failByReceipt, [2, 2, 0], textbook.settle);
    const run = together(runs.estimate, runs.approve, runs.settleByReceipt);
    const their = together(textbook.read, textbook.hold, textbook.settle);
    figures.push(
      exact(
        `whole run, write units; ${beside}`,
        '≤ 3',
        `${run.writeUnits}`,
        `${their.writeUnits}`,
        run.writeUnits <= 3,
      ),
      exact(
        `a million runs, written; ${beside}`,
        '≤ $1.88',
        dollars(writeDollars(run)),
        dollars(writeDollars(their)),
        run.writeUnits * PRICES.write <= 1.88,
      ),
      told(`a million runs, read: the estimate; ${beside}`, dollars(readDollars(run)), dollars(readDollars(their))),
    );
  }
  return {
    title: 'The hot path: round trips / write units / read units',
    figures,
    notes: [
      'Requests are counted below the SDK’s retries; capacity units are what the engine answers to `ReturnConsumedCapacity`. The account has four grants, free, subscription and two promotional, and has had a run in this hour.',
      'The comparison is the textbook design of `bench/textbook.ts`: an account item and an item for each run, changed together by one `TransactWriteItems` each for hold and settle. DynamoDB performs [two underlying writes of every item in a transaction](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-capacity-handling). It is given what it must know of account and run for free.',
      `Prices: on demand, Standard table class, ${PRICES.region}, $${PRICES.write} for a million write units and $${PRICES.read} for a million read units, in force since ${PRICES.since} ([DynamoDB pricing](https://aws.amazon.com/dynamodb/pricing/on-demand/), looked up ${PRICES.lookedUp} in pages that quote it). Requests only: storage, backups, stream, Lambda and API Gateway come on top of either design.`,
    ],
  };
};
