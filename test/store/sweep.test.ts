import { beforeEach, describe, expect, test } from 'vitest';
import { sweep } from '../../lambdas/schedulers/sweep/sweep.ts';
import { SHARDS } from '../../lib/domain/shards.ts';
import { type DueFor, readDue } from '../../lib/store/due-accounts.ts';
import { shardOf } from '../../lib/store/shard.ts';
import { telemetry } from '../silent-telemetry.ts';
import { granted, World } from '../world.ts';

let world: World;
beforeEach(async () => {
  world = await World.open();
});

const MIDNIGHT = Date.UTC(2026, 2, 2);
const ACCOUNTS = Array.from({ length: 12 }, (_, at) => `account-${at}`);

const sweepAll = async (dueFor: DueFor, hasTime = () => true) => {
  const shards = new Set(ACCOUNTS.map(shardOf));
  const swept = await Promise.all(
    [...shards].map((shard) =>
      sweep({ table: world.deps.table, now: () => world.nowMs, hasTime, telemetry }, dueFor, shard),
    ),
  );
  return {
    touched: swept.reduce((total, one) => total + one.touched, 0),
    failed: swept.reduce((total, one) => total + one.failed, 0),
    complete: swept.every((one) => one.complete),
  };
};

const dueNow = async (dueFor: DueFor): Promise<string[]> => {
  const pages = await Promise.all(
    Array.from({ length: SHARDS }, (_, shard) =>
      readDue(world.deps.table, dueFor, String(shard), world.nowMs, 100, null),
    ),
  );
  return pages.flatMap((page) => [...page.accountIds]).sort();
};

describe('a sweep', () => {
  test('finds the accounts with a hold past its deadline and no other, and ends the holds', async () => {
    for (const id of ACCOUNTS) await world.hold(id, 5, 60);
    await world.hold('patient', 5, 3600);
    world.nowMs += 59_999;
    expect((await dueNow('deadlines')).length).toBeLessThanOrEqual(ACCOUNTS.length);
    world.nowMs += 1;
    expect(await sweepAll('deadlines')).toEqual({ touched: 12, failed: 0, complete: true });
    expect(await dueNow('deadlines')).toEqual([]);
    for (const id of ACCOUNTS) {
      expect((await world.history(id)).records).toMatchObject([{ outcome: 'expired', atMs: world.nowMs }]);
      expect(await world.faults(id)).toEqual([]);
    }
  });

  test('leaves a hold alone that is still running though its account was due early', async () => {
    const run = await world.hold('account-0', 5, 3600);
    world.nowMs += 3_599_000;
    await sweepAll('deadlines');
    expect(await world.settle(run.runId, 5)).toMatchObject({ charged: 5 });
    expect(await world.faults('account-0')).toEqual([]);
  });

  test('at midnight finds those who spent, not those who did not', async () => {
    for (const id of ACCOUNTS) {
      const run = await world.hold(id, 5);
      granted(id < 'account-5' ? await world.settle(run.runId, 5) : await world.fail(run.runId));
    }
    world.nowMs = MIDNIGHT;
    await sweepAll('boundaries');
    for (const id of ACCOUNTS) {
      const resets = (await world.history(id)).entries.filter((entry) => entry.kind === 'reset');
      expect(resets).toHaveLength(id < 'account-5' ? 1 : 0);
      expect(await world.faults(id)).toEqual([]);
    }
    expect(await dueNow('boundaries')).toEqual([]);
    world.nowMs += 86_400_000;
    expect(await sweepAll('boundaries')).toEqual({ touched: 0, failed: 0, complete: true });
  });

  test('run five times at once, and days late, does what it does once', async () => {
    for (const id of ACCOUNTS) await world.hold(id, 7, 60);
    world.nowMs = MIDNIGHT + 3 * 86_400_000;
    const sweeps = await Promise.all([
      ...Array.from({ length: 3 }, () => sweepAll('deadlines')),
      ...Array.from({ length: 2 }, () => sweepAll('boundaries')),
    ]);
    expect(sweeps.every(({ failed }) => failed === 0)).toBe(true);
    for (const id of ACCOUNTS) {
      const { entries, records } = await world.history(id);
      expect(records).toHaveLength(1);
      expect(entries.map((entry) => entry.kind)).toEqual(['grant']);
      expect((await world.account(id)).grants).toMatchObject([{ kind: 'free', remaining: 40 }]);
      expect(await world.faults(id)).toEqual([]);
    }
  });

  test('that runs out of time says so, and the next goes on where it stopped', async () => {
    for (const id of ACCOUNTS) await world.hold(id, 5, 60);
    world.nowMs += 60_000;
    expect(await sweepAll('deadlines', () => false)).toEqual({ touched: 0, failed: 0, complete: false });
    expect(await sweepAll('deadlines')).toEqual({ touched: 12, failed: 0, complete: true });
  });
});
