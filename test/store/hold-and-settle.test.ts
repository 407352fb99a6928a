import { beforeEach, describe, expect, test } from 'vitest';
import { balanceOf } from '../../lib/domain/balance.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../lib/domain/time.ts';
import { touchAccount } from '../../lib/store/change-account.ts';
import { openEstimate } from '../../lib/token/estimate-token.ts';
import { AGENT, granted, World } from '../world.ts';

let world: World;
beforeEach(async () => {
  world = await World.open();
});

const balance = async (accountId: string) => balanceOf(await world.account(accountId), world.nowMs);
const MIDNIGHT = Date.UTC(2026, 2, 2);

describe('one run', () => {
  test('is held, then charged what it cost, and the rest is back at once', async () => {
    const run = await world.hold('ann', 10);
    expect(run).toMatchObject({ status: 'held', held: 10, estimate: 10, approval: { by: 'ann', how: 'explicit' } });
    expect(await balance('ann')).toMatchObject({ available: 30, held: 10, progress: { used: 0, total: 40 } });
    expect(await world.settle(run.runId, 4)).toEqual({
      runId: run.runId,
      status: 'settled',
      charged: 4,
      released: 6,
      absorbed: 0,
    });
    expect(await balance('ann')).toMatchObject({ available: 36, held: 0, progress: { used: 4, total: 40 } });
    expect(await world.faults('ann')).toEqual([]);
  });

  test('that cost more than it held is charged what it held; the rest is absorbed', async () => {
    const run = await world.hold('ann', 10);
    expect(await world.settle(run.runId, 25)).toMatchObject({ charged: 10, released: 0, absorbed: 15 });
    expect(await balance('ann')).toMatchObject({ available: 30, held: 0 });
  });

  test('that failed is charged nothing and does not count against the day', async () => {
    const run = await world.hold('ann', 10);
    expect((await balance('ann')).runsToday.used).toBe(1);
    expect(await world.fail(run.runId)).toMatchObject({ status: 'failed', charged: 0, released: 10 });
    expect(await balance('ann')).toMatchObject({ available: 40, held: 0, runsToday: { used: 0 } });
    expect(await world.faults('ann')).toEqual([]);
  });

  test('settles with its receipt as without, and not with that of another', async () => {
    const first = await world.hold('ann', 10);
    const second = await world.hold('ann', 10);
    expect(await world.settle(first.runId, 3, second.receipt)).toMatchObject({ refused: 'validation_failed' });
    expect(await world.settle(first.runId, 3, first.receipt)).toMatchObject({ charged: 3 });
    expect(await world.fail(second.runId, 'x', second.receipt)).toMatchObject({ released: 10 });
    expect(await balance('ann')).toMatchObject({ available: 37, held: 0 });
    expect(await world.faults('ann')).toEqual([]);
  });
});

describe('a request repeated', () => {
  test('an approval gives the same answer while it is held, after it has ended, and days later', async () => {
    const estimateId = await world.quote('ann', 10);
    const first = granted(await world.approve('ann', estimateId));
    expect(await world.approve('ann', estimateId)).toEqual(first);
    granted(await world.settle(first.runId, 4));
    expect(await world.approve('ann', estimateId)).toEqual(first);
    world.nowMs += 16 * MINUTE_MS;
    expect(await world.approve('ann', estimateId)).toEqual(first);
    world.nowMs += 40 * DAY_MS;
    expect(await world.approve('ann', estimateId)).toEqual(first);
    expect((await world.history('ann')).records).toHaveLength(1);
    expect(await world.faults('ann')).toEqual([]);
  });

  test('an approval with another body is a mismatch', async () => {
    const estimateId = await world.quote('ann', 10);
    granted(await world.approve('ann', estimateId, 600));
    expect(await world.approve('ann', estimateId, 601)).toEqual({ refused: 'idempotency_mismatch' });
  });

  test('an estimate that another release has planned in its own words holds what it quoted', async () => {
    const { signer } = world.deps;
    const estimate = await openEstimate(signer, await world.quote('ann', 10));
    const { draws, nextOrdinal } = estimate?.plan ?? {};
    const estimateId = await signer.sign('estimate', { ...estimate, plan: { draws, nextOrdinal, bound: 'another' } });
    expect(await world.approve('ann', estimateId)).toMatchObject({ status: 'held', held: 10 });
    expect(await balance('ann')).toMatchObject({ held: 10 });
  });

  test('an estimate nobody approved in time makes no run', async () => {
    const estimateId = await world.quote('ann', 10);
    world.nowMs += 15 * MINUTE_MS - 1;
    const late = await world.quote('ann', 10);
    world.nowMs += 1;
    expect(await world.approve('ann', estimateId)).toEqual({ refused: 'estimate_expired' });
    expect(await world.approve('ann', late)).toMatchObject({ status: 'held' });
  });

  test('a settle gives the same answer for ever, and a different one names the outcome', async () => {
    const run = await world.hold('ann', 10);
    const first = await world.settle(run.runId, 4);
    world.nowMs += 3 * DAY_MS;
    expect(await world.settle(run.runId, 4)).toEqual(first);
    expect(await world.settle(run.runId, 4, run.receipt)).toEqual(first);
    expect(await world.settle(run.runId, 5)).toEqual({ refused: 'run_already', outcome: 'settled' });
    expect(await world.fail(run.runId)).toEqual({ refused: 'run_already', outcome: 'settled' });
    expect(await world.extend(run.runId, 60)).toEqual({ refused: 'run_already', outcome: 'settled' });
    expect(await world.faults('ann')).toEqual([]);
  });

  test('a fail likewise', async () => {
    const run = await world.hold('ann', 10);
    const first = await world.fail(run.runId, 'out of memory');
    expect(await world.fail(run.runId, 'out of memory')).toEqual(first);
    expect(await world.fail(run.runId, 'another reason')).toEqual({ refused: 'run_already', outcome: 'failed' });
    expect(await world.settle(run.runId, 1)).toEqual({ refused: 'run_already', outcome: 'failed' });
    expect((await balance('ann')).available).toBe(40);
  });
});

describe('a deadline', () => {
  test('frees the credits at its millisecond, in the read and in the write, with no sweep', async () => {
    const run = await world.hold('ann', 40, 60);
    world.nowMs += MINUTE_MS - 1;
    expect(await balance('ann')).toMatchObject({ available: 0, held: 40, runsToday: { used: 1 } });
    expect(await world.approve('ann', await world.quote('ann', 40))).toMatchObject({
      refused: 'insufficient_credits',
      needed: 40,
      available: 0,
    });
    world.nowMs += 1;
    expect(await balance('ann')).toMatchObject({ available: 40, held: 0, runsToday: { used: 0 } });
    expect(await world.hold('ann', 40)).toMatchObject({ held: 40 });
    expect(await world.settle(run.runId, 7)).toEqual({ refused: 'hold_expired' });
    const { records } = await world.history('ann');
    expect(records).toMatchObject([{ outcome: 'expired', absorbed: 7, cost: 7 }]);
    expect(await world.settle(run.runId, 9)).toEqual({ refused: 'hold_expired' });
    expect((await world.history('ann')).records).toMatchObject([{ absorbed: 7 }]);
    expect(await world.fail(run.runId)).toEqual({ refused: 'hold_expired' });
    expect(await world.faults('ann')).toEqual([]);
  });

  test('moves out when asked, the same for the same request, and never beyond 24 hours', async () => {
    const run = await world.hold('ann', 10, 600);
    const extended = granted(await world.extend(run.runId, 1200));
    expect(Date.parse(extended.expiresAt)).toBe(world.nowMs + 1800_000);
    expect(await world.extend(run.runId, 1200)).toEqual(extended);
    expect(await world.extend(run.runId, 60)).toEqual(extended);
    expect(await world.extend(run.runId, 86_400)).toMatchObject({ refused: 'validation_failed' });
    world.nowMs += 1800_000 - 1;
    const heartbeat = granted(await world.extend(run.runId, 1800));
    expect(Date.parse(heartbeat.expiresAt)).toBe(world.nowMs + 1800_000);
    world.nowMs += 1800_000 - 1;
    expect(await world.settle(run.runId, 4, run.receipt)).toMatchObject({ charged: 4 });
    expect(await world.faults('ann')).toEqual([]);
  });

  test('a receipt of before the extension still settles after it', async () => {
    const run = await world.hold('ann', 10, 60);
    granted(await world.extend(run.runId, 600));
    world.nowMs += 5 * MINUTE_MS;
    expect(await world.settle(run.runId, 4, run.receipt)).toMatchObject({ charged: 4 });
  });

  test('shorter than those already running is kept too', async () => {
    await world.hold('ann', 10, 3600);
    await world.hold('ann', 30, 30);
    world.nowMs += 30_000;
    expect(await balance('ann')).toMatchObject({ available: 30, held: 10 });
    await world.hold('ann', 30, 30);
    expect(await world.faults('ann')).toEqual([]);
  });
});

describe('midnight', () => {
  test('resets the free credits to the allowance, in the read and in the write, whatever is left', async () => {
    const run = await world.hold('ann', 30);
    granted(await world.settle(run.runId, 30));
    world.nowMs = MIDNIGHT - 1;
    expect(await balance('ann')).toMatchObject({ available: 10, runsToday: { used: 1 } });
    world.nowMs = MIDNIGHT;
    expect(await balance('ann')).toMatchObject({ available: 40, runsToday: { used: 0 } });
    await world.hold('ann', 40);
    expect(await world.faults('ann')).toEqual([]);
    const resets = (await world.history('ann')).entries.filter((entry) => entry.kind === 'reset');
    expect(resets).toMatchObject([{ atMs: MIDNIGHT, reason: 'daily_free_credits' }]);
  });

  test('writes nothing for an account that drew nothing, however many days', async () => {
    const run = await world.hold('ann', 1);
    granted(await world.fail(run.runId));
    world.nowMs += 400 * DAY_MS;
    expect(await balance('ann')).toMatchObject({ available: 40 });
    await world.hold('ann', 40);
    expect((await world.history('ann')).entries.map((entry) => entry.kind)).toEqual(['grant']);
    expect(await world.faults('ann')).toEqual([]);
  });

  test('passing under a hold: free credits given back lapse, promotional ones do not', async () => {
    world.nowMs = MIDNIGHT - HOUR_MS / 2;
    granted(await world.grant('ann', 20, new Date(MIDNIGHT + DAY_MS).toISOString()));
    const run = await world.hold('ann', 50);
    world.nowMs = MIDNIGHT;
    expect(await balance('ann')).toMatchObject({ available: 50, held: 50 });
    granted(await world.fail(run.runId));
    expect(await balance('ann')).toMatchObject({ available: 60, held: 0 });
    await touchAccount(world.deps.table, 'ann', world.nowMs);
    const lapsed = (await world.history('ann')).entries.filter((entry) => entry.kind === 'expiry');
    expect(lapsed).toMatchObject([{ reason: 'returned_after_expiry', changes: [{ kind: 'free', credits: -40 }] }]);
    expect(await world.faults('ann')).toEqual([]);
  });

  test('promotional credits whose grant died under the hold come back for 24 hours', async () => {
    granted(await world.grant('ann', 20, new Date(world.nowMs + 60_000).toISOString()));
    const run = await world.hold('ann', 20);
    world.nowMs += 60_000;
    expect(await balance('ann')).toMatchObject({ available: 40, held: 20 });
    world.nowMs += 1;
    granted(await world.fail(run.runId));
    expect(await balance('ann')).toMatchObject({ available: 60, held: 0 });
    world.nowMs += DAY_MS - 1;
    expect(await balance('ann')).toMatchObject({ available: 60 });
    world.nowMs += 1;
    expect(await balance('ann')).toMatchObject({ available: 40 });
    expect(await world.faults('ann')).toEqual([]);
  });
});

describe('who says yes', () => {
  test('an agent alone does not', async () => {
    const estimateId = await world.quote('ann', 10, AGENT);
    expect(await world.approve('ann', estimateId, 3600, AGENT)).toEqual({ refused: 'approval_required' });
    expect((await balance('ann')).held).toBe(0);
    const run = granted(await world.approve('ann', estimateId));
    expect(await world.approve('ann', estimateId, 3600, AGENT)).toEqual(run);
  });

  test('another user does not, and learns nothing', async () => {
    const estimateId = await world.quote('ann', 10);
    expect(await world.approve('bob', estimateId)).toMatchObject({
      refused: 'validation_failed',
      faults: [{ path: 'estimateId' }],
    });
  });
});
