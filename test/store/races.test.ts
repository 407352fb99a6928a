import { beforeEach, describe, expect, test } from 'vitest';
import { type Balance, balanceOf } from '../../lib/domain/balance.ts';
import { isRefusal } from '../../lib/domain/refusal.ts';
import { DAY_MS, HOUR_MS } from '../../lib/domain/time.ts';
import { touchAccount } from '../../lib/store/change-account.ts';
import { openTable } from '../../lib/store/table.ts';
import { stoppingAfter } from '../faulty-client.ts';
import { AGENT, granted, METERED, World } from '../world.ts';

let world: World;
beforeEach(async () => {
  world = await World.open();
});

const MIDNIGHT = Date.UTC(2026, 2, 2);
const balance = async (accountId: string): Promise<Balance> => balanceOf(await world.account(accountId), world.nowMs);
const times = <T>(count: number, make: (at: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, at) => make(at)));
const refusals = (answers: readonly object[]): string[] => answers.filter(isRefusal).map((answer) => answer.refused);

describe('overspent together', () => {
  test('64 approvals at once on one account admit exactly what the balance allows', async () => {
    granted(await world.plan('ann', 'pro'));
    granted(await world.grant('ann', 33));
    const { available } = await balance('ann');
    const size = Math.min(300, Math.floor(available / 40));
    const estimates = await times(64, () => world.quote('ann', size));
    const answers = await Promise.all(estimates.map((estimateId) => world.approve('ann', estimateId)));
    const admitted = answers.filter((answer) => !isRefusal(answer));
    expect(admitted).toHaveLength(Math.floor(available / size));
    expect(new Set(refusals(answers))).toEqual(new Set(['insufficient_credits']));
    expect(await balance('ann')).toMatchObject({
      available: available - admitted.length * size,
      held: admitted.length * size,
    });
    expect(await world.faults('ann')).toEqual([]);
  });

  test('64 approvals on a new account stop at the run limit, to the run', async () => {
    const estimates = await times(64, () => world.quote('ann', 1));
    const answers = await Promise.all(estimates.map((estimateId) => world.approve('ann', estimateId)));
    expect(answers.filter((answer) => !isRefusal(answer))).toHaveLength(15);
    expect(new Set(refusals(answers))).toEqual(new Set(['daily_run_limit_reached']));
    expect((await balance('ann')).runsToday).toMatchObject({ used: 15, limit: 15 });
  });

  test('holds over the edge of one grant into the next draw every credit of the first', async () => {
    await world.plan('ann', 'pro');
    granted(await world.grant('ann', 50, new Date(world.nowMs + HOUR_MS).toISOString()));
    const estimates = await times(30, () => world.quote('ann', 7));
    const answers = await Promise.all(estimates.map((estimateId) => world.approve('ann', estimateId)));
    expect(refusals(answers)).toEqual([]);
    const { grants } = await balance('ann');
    expect(grants.map(({ kind, remaining, held }) => [kind, remaining, held]).slice(0, 2)).toEqual([
      ['promotional', 0, 50],
      ['free', 0, 100],
    ]);
    expect(await world.faults('ann')).toEqual([]);
  });
});

describe('one estimate, many approvals', () => {
  test('sent 24 times at once makes one run and one answer', async () => {
    const estimateId = await world.quote('ann', 10);
    const answers = await times(24, () => world.approve('ann', estimateId));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await balance('ann')).toMatchObject({ held: 10, runsToday: { used: 1 } });
  });

  test('does not hold again when an old approval arrives while the run is settled', async () => {
    const estimateId = await world.quote('ann', 10);
    const run = granted(await world.approve('ann', estimateId));
    const late = times(16, () => world.approve('ann', estimateId));
    const settled = world.settle(run.runId, 10, run.receipt);
    expect(new Set((await late).map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await settled).toMatchObject({ charged: 10 });
    expect(await world.approve('ann', estimateId)).toEqual(run);
    expect(await balance('ann')).toMatchObject({ available: 30, held: 0 });
  });
});

describe('settle, fail and lapse race', () => {
  test.each([1, 2, 3, 4, 5, 6])('for one outcome, round %i', async () => {
    const run = await world.hold('ann', 10, 60);
    const answers = await Promise.all([
      ...Array.from({ length: 6 }, (_, at) => world.settle(run.runId, 4, at % 2 === 0 ? run.receipt : undefined)),
      ...Array.from({ length: 6 }, (_, at) => world.fail(run.runId, 'x', at % 2 === 0 ? run.receipt : undefined)),
    ]);
    const { records } = await world.history('ann');
    expect(records).toHaveLength(1);
    const outcome = records[0]?.outcome;
    const winners = answers.filter((answer) => !isRefusal(answer));
    expect(winners).toHaveLength(6);
    for (const winner of winners) expect(winner).toMatchObject({ status: outcome });
    for (const loser of answers.filter(isRefusal)) expect(loser).toEqual({ refused: 'run_already', outcome });
    expect(await balance('ann')).toMatchObject({ held: 0, available: outcome === 'settled' ? 36 : 40 });
    expect(await world.faults('ann')).toEqual([]);
  });

  test('a sweep at the deadline and a late settle: the lapse stands, the cost is absorbed', async () => {
    const run = await world.hold('ann', 10, 60);
    world.nowMs += 60_000;
    const answers = await Promise.all([
      ...Array.from({ length: 8 }, () => world.settle(run.runId, 4, run.receipt)),
      ...Array.from({ length: 4 }, () => touchAccount(world.deps.table, 'ann', world.nowMs)),
    ]);
    expect(refusals(answers)).toEqual(Array.from({ length: 8 }, () => 'hold_expired'));
    expect((await world.history('ann')).records).toMatchObject([{ outcome: 'expired', absorbed: 4 }]);
    expect(await balance('ann')).toMatchObject({ available: 40, held: 0 });
    expect(await world.faults('ann')).toEqual([]);
  });
});

describe('a crash between the two writes of a settle', () => {
  const crashed = async (credits: number) => {
    const run = await world.hold('ann', 10);
    const dying = world.through(stoppingAfter('PutItemCommand'));
    await expect(world.settle(run.runId, credits, run.receipt, dying)).rejects.toThrow('stopped');
    return run;
  };

  test('is invisible: every view reads the record', async () => {
    const run = await crashed(4);
    expect(await balance('ann')).toMatchObject({ available: 36, held: 0 });
    expect(await world.faults('ann')).toEqual([]);
    expect(await world.extend(run.runId, 600)).toEqual({ refused: 'run_already', outcome: 'settled' });
  });

  test.each(['the same settle again', 'a touch', 'another hold that needs the credits', 'the deadline'])(
    'is healed by %s, once',
    async (what) => {
      const run = await crashed(4);
      if (what === 'the same settle again') granted(await world.settle(run.runId, 4));
      if (what === 'a touch') await touchAccount(world.deps.table, 'ann', world.nowMs);
      if (what === 'another hold that needs the credits') await world.hold('ann', 36);
      if (what === 'the deadline') {
        world.nowMs += HOUR_MS;
        await touchAccount(world.deps.table, 'ann', world.nowMs);
      }
      expect((await world.account('ann')).holds.some((hold) => run.runId.startsWith(hold.runUuid))).toBe(false);
      granted(await world.settle(run.runId, 4));
      const { available, held } = await balance('ann');
      expect(available + held).toBe(36);
      expect((await world.history('ann')).records).toMatchObject([{ outcome: 'settled' }]);
      expect(await world.faults('ann')).toEqual([]);
    },
  );

  test('over midnight gives back as of its own instant', async () => {
    world.nowMs = MIDNIGHT - 1;
    const run = await crashed(4);
    world.nowMs = MIDNIGHT + HOUR_MS;
    expect(await balance('ann')).toMatchObject({ available: 40, held: 0 });
    granted(await world.settle(run.runId, 4));
    expect(await balance('ann')).toMatchObject({ available: 40, held: 0 });
    await touchAccount(world.deps.table, 'ann', world.nowMs);
    const { entries } = await world.history('ann');
    expect(entries.map(({ kind, atMs }) => [kind, atMs])).toEqual([
      ['grant', MIDNIGHT - DAY_MS],
      ['reset', MIDNIGHT],
    ]);
    expect(await world.faults('ann')).toEqual([]);
  });
});

describe('midnight', () => {
  test('crossed by 32 holds and 8 sweeps at once is crossed once', async () => {
    granted(await world.plan('ann', 'pro'));
    const spent = await world.hold('ann', 50);
    granted(await world.settle(spent.runId, 50));
    const estimates = await times(32, () => world.quote('ann', 5));
    world.nowMs = MIDNIGHT;
    const late = estimates.map((estimateId) => world.approve('ann', estimateId));
    expect(refusals(await Promise.all(late))).toEqual(Array.from({ length: 32 }, () => 'estimate_expired'));
    const fresh = await times(32, () => world.quote('ann', 5));
    const answers = await Promise.all([
      ...fresh.map((estimateId) => world.approve('ann', estimateId)),
      ...Array.from({ length: 8 }, () => touchAccount(world.deps.table, 'ann', world.nowMs)),
    ]);
    expect(refusals(answers)).toEqual([]);
    const { entries } = await world.history('ann');
    expect(entries.filter((entry) => entry.kind === 'reset')).toHaveLength(1);
    expect(await balance('ann')).toMatchObject({ held: 160, runsToday: { used: 32 } });
    expect(await world.faults('ann')).toEqual([]);
  });
});

describe('a write that took effect though its answer was lost', () => {
  test('an approval is answered all the same when sent again', async () => {
    await world.hold('ann', 1);
    const estimateId = await world.quote('ann', 10);
    const dying = world.through(stoppingAfter('UpdateItemCommand'));
    await expect(world.approveThrough(dying, 'ann', estimateId)).rejects.toThrow('stopped');
    expect(await world.approve('ann', estimateId)).toMatchObject({ held: 10 });
    expect(await balance('ann')).toMatchObject({ held: 11, runsToday: { used: 2 } });
  });

  test('a grant under one key is given once', async () => {
    const dying = world.through(stoppingAfter('TransactWriteItemsCommand'));
    await expect(world.grant('ann', 20, undefined, 'key', dying)).rejects.toThrow('stopped');
    const first = granted(await world.grant('ann', 20, undefined, 'key'));
    const again = await times(12, () => world.grant('ann', 20, undefined, 'key'));
    for (const answer of again) expect(answer).toEqual(first);
    expect(await world.grant('ann', 21, undefined, 'key')).toEqual({ refused: 'idempotency_mismatch' });
    world.nowMs += 90 * DAY_MS;
    expect(await world.grant('ann', 20, undefined, 'key')).toEqual(first);
    const { entries } = await world.history('ann');
    expect(entries.filter((entry) => entry.reason === 'test')).toHaveLength(1);
  });

  test('a refund is given once', async () => {
    const run = await world.hold('ann', 10);
    granted(await world.settle(run.runId, 10));
    const answers = await times(12, () => world.refund(run.runId));
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(await balance('ann')).toMatchObject({ available: 40 });
    expect(await world.refund(run.runId, 'service_fault')).toEqual({ refused: 'idempotency_mismatch' });
    expect(await world.faults('ann')).toEqual([]);
  });
});

describe('a standing rule', () => {
  test('taken back meets the approvals under it in the write', async () => {
    await world.prefer('ann', { autoApproveUpTo: 10 });
    const estimates = await times(12, () => world.quote('ann', 1, AGENT));
    const [answers] = await Promise.all([
      Promise.all(estimates.map((estimateId) => world.approve('ann', estimateId, 3600, AGENT))),
      world.prefer('ann', { autoApproveUpTo: null }),
    ]);
    const { rule, holds } = await world.account('ann');
    expect(rule).toEqual({ autoApproveUpTo: null, version: 2 });
    expect(holds).toHaveLength(answers.filter((answer) => !isRefusal(answer)).length);
    for (const hold of holds) expect(hold.approval).toEqual({ how: 'standing_rule', ruleVersion: 1 });
    const after = await world.quote('ann', 1, AGENT);
    expect(await world.approve('ann', after, 3600, AGENT)).toEqual({ refused: 'approval_required' });
  });
});

describe('a request that began before midnight and writes after it', () => {
  const overMidnight = async (act: () => Promise<object>) => {
    world.nowMs = MIDNIGHT;
    await world.hold('ann', 1);
    world.nowMs = MIDNIGHT - 1;
    const answer = await act();
    world.nowMs = MIDNIGHT + 1;
    return answer;
  };

  test('a fail is not taken from the new day’s count', async () => {
    world.nowMs = MIDNIGHT - HOUR_MS / 2;
    const run = await world.hold('ann', 10);
    expect(await overMidnight(() => world.fail(run.runId))).toMatchObject({ released: 10 });
    expect(await balance('ann')).toMatchObject({ held: 1, available: 39, runsToday: { used: 1 } });
    expect(await world.faults('ann')).toEqual([]);
  });

  test('an approval is counted on the day its write falls on', async () => {
    world.nowMs = MIDNIGHT - 1;
    await world.hold('ann', 1);
    const estimateId = await world.quote('ann', 5);
    world.nowMs = MIDNIGHT;
    await world.hold('ann', 1);
    const instants = [MIDNIGHT - 1];
    const slow = { ...world.deps, now: () => instants.shift() ?? MIDNIGHT + 1 };
    const run = granted(await world.approveThrough(slow, 'ann', estimateId));
    expect(run.approval.at).toBe(new Date(MIDNIGHT + 1).toISOString());
    world.nowMs = MIDNIGHT + 1;
    expect((await balance('ann')).runsToday.used).toBe(2);
    granted(await world.fail(run.runId));
    expect((await balance('ann')).runsToday.used).toBe(1);
    expect(await world.faults('ann')).toEqual([]);
  });
});

describe('a catalog that has forgotten a tool', () => {
  test('still reads the account, its runs and its history, and ends them', async () => {
    const run = await world.hold('ann', 10);
    const forgetful = { ...world.deps.catalog, tools: world.deps.catalog.tools.filter(({ id }) => id !== METERED) };
    const table = openTable(world.deps.table.client, world.deps.table.name, forgetful);
    const deps = { ...world.deps, catalog: forgetful, table };
    expect((await touchAccount(table, 'ann', world.nowMs)).holds).toMatchObject([{ tool: 'forgotten:14' }]);
    expect(await world.settle(run.runId, 4, undefined, deps)).toMatchObject({ charged: 4 });
    expect(await balance('ann')).toMatchObject({ available: 36, held: 0 });
  });
});
