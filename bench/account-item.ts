import type { Account, Hold } from '../lib/domain/account.ts';
import { DAY_MS, dayOf, ESTIMATE_VALID_MS } from '../lib/domain/time.ts';
import { accountToRow, type ToolCodes } from '../lib/store/account-row.ts';
import { viewAccount } from '../lib/store/account-view.ts';
import type { Bench } from './engine.ts';
import { exact, type Section, told } from './figure.ts';
import { itemBytes, WRITE_UNIT_BYTES } from './item-size.ts';
import { Meter } from './meter.ts';
import { NOON, Product } from './product.ts';

/** As Cognito names a person. */
const SUB = '5f1c2d34-9a7b-4c8d-8e6f-0a1b2c3d4e5f';
const HOLDS = 8;
const BUSY_RUNS = 100;

/** A number whose digits none are trimmed, so that it costs as much as one of its length can. */
const full = (near: number): number => near - (near % 10) + 1;

const heavyHold = (account: Pick<Account, 'grants'>, at: number, grantsEach: number): Hold => {
  const estimatedAtMs = NOON.toString(16).padStart(12, '0');
  return {
    runUuid: `${estimatedAtMs.slice(0, 8)}-${estimatedAtMs.slice(8)}-7000-8000-00000000000${at}`,
    tool: 'agent-research',
    priceVersion: '2026-11',
    parts: account.grants.slice(0, grantsEach).map(({ id, kind }) => ({ grantId: id, kind, credits: 111 })),
    approval: { how: 'standing_rule', ruleVersion: 111 },
    approvedAtMs: NOON + full(ESTIMATE_VALID_MS) - 10,
    firstDeadlineMs: NOON + full(DAY_MS / 2),
    deadlineMs: NOON + full(DAY_MS),
  };
};

/** Everything set that can be set, numbers as long as they come, every hold extended, under a standing rule and over so many grants. */
const heaviest = (real: Account, tools: ToolCodes, grantsEach: number): number => {
  const grants = (['free', 'subscription', 'promotional', 'pack'] as const).map((kind, at) => ({
    id: 111 + at,
    kind,
    granted: 250_001,
    remaining: 111_111,
    expiresAtMs: full(NOON + DAY_MS),
  }));
  const account: Account = {
    ...real,
    ver: 1_111_111,
    planId: 'pro-yearly',
    dailyRunLimit: 111,
    cycle: { anchorMs: full(NOON), step: 11, creditsPerCycle: 250_001 },
    grants,
    holds: Array.from({ length: HOLDS }, (_, at) => heavyHold({ grants }, at, grantsEach)),
    tombstones: [],
    runs: { day: dayOf(NOON), used: 111 },
    rule: { autoApproveUpTo: 111, version: 111 },
    lowBalanceAt: 111,
    nextOrdinal: 1111,
    validUntilMs: full(NOON + DAY_MS),
    holdsValidUntilMs: full(NOON + DAY_MS),
  };
  return itemBytes(accountToRow(account, tools));
};

interface Busy {
  /** Runs until the first that cost more than three write units. */
  readonly cheap: number;
  readonly writeUnits: number;
  /** Write units of a run once the tombstones are old, and how many runs it took to get there. */
  readonly recoveredAfter: number;
}

/** Runs one after the other faster than their estimates lapse, and then after they have. */
const busyAccount = async (product: Product, meter: Meter): Promise<Busy> => {
  await product.openAccount('busy', 'pro', 2);
  const run = async (): Promise<number> => {
    const { spent } = await meter.of(async () => product.settle(await product.hold('busy', 10), 1));
    return spent.writeUnits;
  };
  // The first run of the hour writes the table's indexes too.
  await run();
  const units: number[] = [];
  for (let at = 0; at < BUSY_RUNS; at++) units.push(await run());
  product.nowMs += 2 * ESTIMATE_VALID_MS;
  let recoveredAfter = 0;
  while ((await run()) > 3 && recoveredAfter < BUSY_RUNS) recoveredAfter++;
  const first = units.findIndex((each) => each > 3);
  return {
    cheap: first < 0 ? units.length : first,
    writeUnits: units.reduce((sum, each) => sum + each, 0),
    recoveredAfter,
  };
};

export const accountItem = async (bench: Bench): Promise<Section> => {
  const own = await bench.openStackTable();
  const meter = new Meter(own.client);
  const product = Product.open(own);
  await product.openAccount(SUB, 'pro', 2);
  const empty = itemBytes(await product.item(SUB));
  for (let at = 0; at < HOLDS; at++) await product.hold(SUB, 290);
  const bytes = itemBytes(await product.item(SUB));
  const ended = await product.hold(SUB, 10);
  await product.settle(ended, 1);
  const firstTombstone = itemBytes(await product.item(SUB)) - bytes;
  await product.settle(await product.hold(SUB, 10), 1);
  const tombstone = itemBytes(await product.item(SUB)) - bytes - firstTombstone;
  const { account } = await viewAccount(product.deps.table, SUB, product.nowMs);
  const { tools } = product.deps.table;
  const besideBytes = (used: number) =>
    Math.max(0, 1 + Math.floor((WRITE_UNIT_BYTES - used - firstTombstone) / tombstone));
  const busy = await busyAccount(product, meter);
  return {
    title: 'The account item: bytes, where a write unit is 1,024',
    figures: [
      exact('8 holds and 4 grants, as the API made it', '≤ 1,024', `${bytes}`, '', bytes <= WRITE_UNIT_BYTES),
      told('8 holds and 4 grants, everything long, each hold over two grants', `${heaviest(account, tools, 2)}`),
      told('8 holds and 4 grants, everything long, each hold over all four', `${heaviest(account, tools, 4)}`),
      told('no hold, 4 grants', `${empty}`),
      told(
        `tombstones (${tombstone} bytes each) that fit beside 8 holds / none`,
        `${besideBytes(bytes)} / ${besideBytes(empty)}`,
      ),
      told('runs within 15 minutes, one after the other, before one costs more than 3 write units', `${busy.cheap}`),
      told(`write units of ${BUSY_RUNS} runs within 15 minutes`, `${busy.writeUnits}`, `${BUSY_RUNS * 8}`),
      told('runs after those 15 minutes until one costs 3 write units again', `${busy.recoveredAfter}`),
    ],
    notes: [
      'Sizes by [DynamoDB’s published rules](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html); the page is silent on sets, which are counted as lists here and so err on the high side. The account’s id is a UUID, as Cognito’s `sub` is; every byte of a longer one counts.',
      '“Everything long”: every hold extended and under a standing rule, every preference set, numbers of many digits with none to trim. A hold reaches into a second grant only where the first runs out, so eight of them over two grants each is rare and over four hardly possible. Beyond 1,024 bytes each write of the account costs a second unit, and nothing else changes.',
      'An ended run leaves a tombstone until its estimate has lapsed (15 minutes, and one for an approval under way), so that a late duplicate of its approval cannot hold again. An account with more runs than fit within 15 minutes pays 5 write units for a run instead of 3, and 7 beyond 2,048 bytes; the next holds clear old tombstones away, four at a time.',
    ],
  };
};
