import { BatchGetCommand, type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Hold } from '../../lib/domain/account.ts';
import { withBounds } from '../../lib/domain/advance.ts';
import { balanceOf } from '../../lib/domain/balance.ts';
import { MAX_HOLDS } from '../../lib/domain/hold-plan.ts';
import { isRefusal } from '../../lib/domain/refusal.ts';
import { tombstoneOf } from '../../lib/domain/run-id.ts';
import { HOUR_MS } from '../../lib/domain/time.ts';
import { accountToRow } from '../../lib/store/account-row.ts';
import { viewAccount } from '../../lib/store/account-view.ts';
import { touchAccount } from '../../lib/store/change-account.ts';
import { Contended } from '../../lib/store/faults.ts';
import { openTable } from '../../lib/store/table.ts';
import { testClient } from '../fresh-table.ts';
import { creditsTable } from '../simulation/memory-table/credits-table.ts';
import { endpointOf } from '../simulation/memory-table/endpoint.ts';
import { quickClient } from '../simulation/memory-table/quick-client.ts';
import { granted, METERED, World } from '../world.ts';

let world: World;
const begin = async (on: World): Promise<void> => {
  world = on;
  granted(await world.plan('ann', 'pro'));
  granted(await world.grant('ann', 100_000));
};
beforeEach(async () => begin(await World.open()));

/** On a table in memory: an engine takes a minute for thousands of lapses. */
const beginInMemory = (): Promise<void> => {
  const table = creditsTable('credits', () => world.nowMs);
  return begin(World.on(quickClient(endpointOf(table)), 'credits'));
};

const stored = () => world.stored('ann');
const balance = async () => balanceOf(await world.account('ann'), world.nowMs);

const runUuid = (ms: number, at: number): string => {
  const hex = ms.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${at.toString(16).padStart(12, '0')}`;
};

/** So many live holds of one credit each of the last grant, as though each had been approved: placing them takes minutes. */
const holdMany = async (count: number): Promise<readonly Hold[]> => {
  const account = await stored();
  const grant = account.grants.at(-1);
  if (grant === undefined) throw new Error('there is no grant');
  const deadlineMs = world.nowMs + HOUR_MS;
  const holds = Array.from(
    { length: count },
    (_, at): Hold => ({
      runUuid: runUuid(world.nowMs, at),
      tool: METERED,
      priceVersion: world.deps.catalog.priceVersion,
      parts: [{ grantId: grant.id, kind: grant.kind, credits: 1 }],
      approval: { how: 'explicit' },
      approvedAtMs: world.nowMs,
      firstDeadlineMs: deadlineMs,
      deadlineMs,
    }),
  );
  const grants = account.grants.map((each) =>
    each.id === grant.id ? { ...each, remaining: each.remaining - count } : each,
  );
  const held = { ...account, ver: account.ver + 1, grants, holds, runs: { ...account.runs, used: count } };
  const { table } = world.deps;
  const Item = accountToRow(withBounds(held, table.catalog, world.nowMs), table.tools);
  await table.client.send(new PutCommand({ TableName: table.name, Item }));
  return holds;
};

/** Fills the account's item with what ended runs leave for a quarter of an hour, until not one more fits. */
const fill = async (): Promise<void> => {
  const { table } = world.deps;
  const account = await stored();
  const marks = Array.from({ length: 2 ** 15 }, (_, at) => tombstoneOf(runUuid(world.nowMs, at * 2 ** 32)));
  const fits = async (count: number): Promise<boolean> => {
    const Item = accountToRow({ ...account, ver: account.ver + 1, tombstones: marks.slice(0, count) }, table.tools);
    return table.client.send(new PutCommand({ TableName: table.name, Item })).then(
      () => true,
      () => false,
    );
  };
  let count = 0;
  for (let step = 2 ** 14; step >= 1; step /= 2) if (await fits(count + step)) count += step;
  await fits(count);
};

describe(`an account holds ${MAX_HOLDS} runs at a time`, () => {
  test('and the next one only once one of them has ended', async () => {
    await holdMany(MAX_HOLDS - 1);
    const last = await world.hold('ann', 2);
    const estimateId = await world.quote('ann', 3);
    const before = await balance();
    expect(await world.approve('ann', estimateId)).toMatchObject({ refused: 'unavailable' });
    expect(await balance()).toEqual(before);
    // A repeat is no new hold.
    granted(await world.settle(last.runId, 2));
    expect(await world.approve('ann', estimateId)).toMatchObject({ status: 'held', held: 3 });
    expect(await world.approve('ann', estimateId)).toMatchObject({ status: 'held', held: 3 });
    expect((await stored()).holds).toHaveLength(MAX_HOLDS);
    expect(await world.faults('ann')).toEqual([]);
  });

  test('of several approved at once for one place, one is held', async () => {
    await holdMany(MAX_HOLDS - 1);
    const estimates = await Promise.all([1, 2, 3, 4].map((credits) => world.quote('ann', credits)));
    const answers = await Promise.all(estimates.map((estimateId) => world.approve('ann', estimateId)));
    expect(answers.filter((answer) => !isRefusal(answer))).toHaveLength(1);
    expect((await stored()).holds).toHaveLength(MAX_HOLDS);
    expect(await world.faults('ann')).toEqual([]);
  });

  test('those past their deadline make room by themselves', async () => {
    await beginInMemory();
    await holdMany(MAX_HOLDS);
    const estimateId = await world.quote('ann', 3);
    expect(await world.approve('ann', estimateId)).toMatchObject({ refused: 'unavailable' });
    world.nowMs += HOUR_MS;
    expect(await world.hold('ann', 3)).toMatchObject({ held: 3 });
    expect((await stored()).holds).toHaveLength(1);
    expect((await world.history('ann')).records).toHaveLength(MAX_HOLDS);
    expect(await world.faults('ann')).toEqual([]);
  }, 60_000);

  test('fewer where its item is full; nothing is half done', async () => {
    await holdMany(3);
    await fill();
    const estimateId = await world.quote('ann', 1);
    const before = await stored();
    await expect(world.approve('ann', estimateId)).rejects.toThrow(Contended);
    expect(await stored()).toEqual(before);
    world.nowMs += HOUR_MS;
    expect(await world.hold('ann', 1)).toMatchObject({ held: 1 });
    expect(await world.faults('ann')).toEqual([]);
  }, 60_000);
});

test('an account with more holds than that is read, brought up and as good as before', async () => {
  await beginInMemory();
  const { available } = await balance();
  const count = 2_100;
  await holdMany(count);
  expect(await balance()).toMatchObject({ available: available - count, held: count });
  expect(await world.approve('ann', await world.quote('ann', 1))).toMatchObject({ refused: 'unavailable' });
  world.nowMs += HOUR_MS;
  expect(await balance()).toMatchObject({ available, held: 0 });
  expect((await touchAccount(world.deps.table, 'ann', world.nowMs)).holds).toEqual([]);
  expect((await world.history('ann')).records).toHaveLength(count);
  expect(await world.hold('ann', 1)).toMatchObject({ held: 1 });
  expect(await world.faults('ann')).toEqual([]);
}, 120_000);

describe('records of held runs that DynamoDB leaves unprocessed', () => {
  /** Asks for the first so many keys of each batch, and says that the others are yet to be processed. */
  const leaving = (most: number): DynamoDBDocumentClient => {
    const client = testClient();
    const { name } = world.deps.table;
    client.middlewareStack.add(
      (next) => async (request) => {
        const { input } = request;
        const wanted = 'RequestItems' in input ? input.RequestItems?.[name] : undefined;
        if (wanted === undefined || !('Keys' in wanted) || wanted.Keys === undefined) return next(request);
        const { Keys } = wanted;
        const command = new BatchGetCommand({ RequestItems: { [name]: { Keys: Keys.slice(0, most) } } });
        const answer =
          most === 0 ? { output: { $metadata: {} }, response: {} } : await next({ ...request, ...command });
        return { ...answer, output: { ...answer.output, UnprocessedKeys: { [name]: { Keys: Keys.slice(most) } } } };
      },
      { step: 'initialize', name: 'leave' },
    );
    return client;
  };
  const through = (most: number) => openTable(leaving(most), world.deps.table.name, world.deps.catalog, async () => {});

  test('are asked for again', async () => {
    await holdMany(250);
    const first = await world.hold('ann', 5);
    granted(await world.settle(first.runId, 5));
    const { account } = await viewAccount(through(60), 'ann', world.nowMs);
    expect(account).toEqual(await world.account('ann'));
    expect(account.holds).toHaveLength(250);
  });

  test('twenty times over are too many', async () => {
    await holdMany(3);
    await expect(viewAccount(through(0), 'ann', world.nowMs)).rejects.toThrow(Contended);
  });
});
