import { randomUUID } from 'node:crypto';
import { type DynamoDBDocumentClient, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { DAY_MS, dayOf, SECOND_MS } from '../lib/domain/time.ts';
import { accountKey } from '../lib/store/keys.ts';
import type { Bench } from './engine.ts';
import { measured, ms, ratio, type Section, told } from './figure.ts';
import { accepted, NOON, Product } from './product.ts';
import { quantile } from './quantile.ts';
import { Textbook } from './textbook.ts';

const ACCOUNTS = 20;
const WARM_UP = 200;
const CREDITS = 10;
const COST = 1;
/** Between two runs, so that each account has a few tombstones and none a heap of them; all in one day. */
const STEP_MS = 20 * SECOND_MS;

interface Samples {
  readonly tiny: number[];
  readonly same: number[];
  readonly hold: number[];
  readonly textbookHold: number[];
  readonly run: number[];
  readonly textbookRun: number[];
}

/** A bare `UpdateItem`: a number of an item goes up by one, on no condition. */
const bareUpdate = (client: DynamoDBDocumentClient, TableName: string, Key: Record<string, string>) =>
  client.send(
    new UpdateCommand({
      TableName,
      Key,
      UpdateExpression: 'SET v = v + :one',
      ExpressionAttributeValues: { ':one': 1 },
    }),
  );

const tinyUpdates = async (bench: Bench, { tiny }: Samples) => {
  const { client, table } = await bench.openStackTable();
  const key = { pk: 'tiny', sk: 'A' };
  await client.send(new PutCommand({ TableName: table, Item: { ...key, v: 0 } }));
  return () => timed(tiny, () => bareUpdate(client, table, key));
};

const timed = async <T>(into: number[], work: () => Promise<T>): Promise<T> => {
  const startMs = performance.now();
  const result = await work();
  into.push(performance.now() - startMs);
  return result;
};

/**
 * A whole run: estimate, approval, settle with the receipt; the approval is timed by itself too, and before it a bare update of
 * the very item, which stands in no hold's way.
 */
const productRuns = async (bench: Bench, { same, hold, run }: Samples, total: number) => {
  const product = Product.open(await bench.openStackTable());
  const midnightMs = dayOf(NOON) * DAY_MS;
  product.nowMs = midnightMs + SECOND_MS;
  for (let at = 0; at < ACCOUNTS; at++) await product.openAccount(`account-${at}`, 'pro', 2);
  const stepMs = Math.min(STEP_MS, Math.floor((DAY_MS - 2 * SECOND_MS) / total));
  return async (at: number): Promise<void> => {
    product.nowMs += stepMs;
    const accountId = `account-${at % ACCOUNTS}`;
    const { client, name } = product.deps.table;
    await timed(same, () => bareUpdate(client, name, accountKey(accountId)));
    await timed(run, async () => {
      const estimateId = await product.quote(accountId, CREDITS);
      const held = accepted(await timed(hold, () => product.approve(accountId, estimateId)));
      await product.settle(held, COST);
    });
  };
};

const textbookRuns = async (bench: Bench, { textbookHold, textbookRun }: Samples) => {
  const textbook = new Textbook(await bench.openPlainTable(), 'version');
  for (let at = 0; at < ACCOUNTS; at++) await textbook.openAccount(`account-${at}`, 1_000_000);
  return async (at: number): Promise<void> => {
    const run = { accountId: `account-${at % ACCOUNTS}`, runId: randomUUID(), credits: CREDITS };
    await timed(textbookRun, async () => {
      const seen = await textbook.read(run.accountId);
      const held = await timed(textbookHold, () => textbook.hold(seen, run, NOON));
      const settled = await textbook.settle(run, COST, NOON);
      if (held !== 'done' || settled !== 'done') throw new Error('the textbook design refused its own run');
    });
  };
};

const perSecond = (values: readonly number[]): number =>
  (1000 * values.length) / values.reduce((sum, each) => sum + each, 0);

export const latency = async (bench: Bench, runs: number): Promise<Section> => {
  const samples: Samples = { tiny: [], same: [], hold: [], textbookHold: [], run: [], textbookRun: [] };
  const updateTiny = await tinyUpdates(bench, samples);
  const runProduct = await productRuns(bench, samples, WARM_UP + runs);
  const runTextbook = await textbookRuns(bench, samples);
  for (let at = 0; at < WARM_UP + runs; at++) {
    if (at === WARM_UP) for (const each of Object.values(samples)) each.length = 0;
    await updateTiny();
    await runProduct(at);
    await runTextbook(at);
  }
  const row = (name: string, share: number, item: string, bare: readonly number[]) => {
    const bareMs = quantile(bare, share);
    const ours = quantile(samples.hold, share) / bareMs;
    return measured(
      `approve and hold, ${name}, over a bare UpdateItem of ${item}`,
      '≤ 1.50 ×',
      ratio(ours),
      `${ratio(quantile(samples.textbookHold, share) / bareMs)} (1 × is ${ms(bareMs)})`,
      ours <= 1.5,
    );
  };
  const ours = perSecond(samples.run);
  const theirs = perSecond(samples.textbookRun);
  return {
    title: `Times, ${runs.toLocaleString('en-US')} of each in turn`,
    figures: [
      row('p50', 0.5, 'the same item', samples.same),
      row('p99', 0.99, 'the same item', samples.same),
      row('p50', 0.5, 'a tiny item', samples.tiny),
      row('p99', 0.99, 'a tiny item', samples.tiny),
      told('whole runs a second, one after the other', ours.toFixed(0), theirs.toFixed(0)),
      told('whole runs a second, over the comparison’s', ratio(ours / theirs), '1.00 ×'),
    ],
    notes: [
      `One after the other, each with its own connection of the same settings, after ${WARM_UP} to warm up. Approve and hold is all of the door’s logic: the estimate’s signature checked, the hold placed, the receipt signed. The bare \`UpdateItem\` adds one to a number on no condition: of the account’s own item, which tells what the hold adds to a write, and of an item of a few bytes, which adds what the engine takes to read and write an account. Beside it the comparison’s hold.`,
      'A whole run is estimate, approval and settle with the receipt: four requests. The comparison’s is a read and two transactions: three. On one machine a request costs little and a transaction no more than two writes, so this says what the processor has to do, not what a network between them adds. Tables have the stack’s keys and indexes but not its stream: in AWS it costs a writer nothing, while the embedded engine takes longer for a write with every record it holds.',
    ],
  };
};
