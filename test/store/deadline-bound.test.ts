import { beforeEach, describe, expect, test } from 'vitest';
import type { Account } from '../../lib/domain/account.ts';
import { type HoldPlan, holdFrom, planHold } from '../../lib/domain/hold-plan.ts';
import { isRefusal } from '../../lib/domain/refusal.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../lib/domain/time.ts';
import { touchAccount } from '../../lib/store/change-account.ts';
import { readDue } from '../../lib/store/due-accounts.ts';
import { type Placed, placeHold } from '../../lib/store/place-hold.ts';
import { shardOf } from '../../lib/store/shard.ts';
import { runUuidAt } from '../domain/account-samples.ts';
import { granted, World } from '../world.ts';

const OWNER = { how: 'explicit' } as const;

let world: World;
beforeEach(async () => {
  world = await World.open();
});

const stored = () => world.stored('ann');

const planOn = (account: Account): HoldPlan => {
  const plan = planHold(account, { credits: 1, approval: OWNER }, world.nowMs);
  if (isRefusal(plan)) throw new Error(plan.refused);
  return plan;
};

let runs = 0;
/** Places a hold of so many seconds by a plan made before, as of `nowMs`: a request that has been under way since. */
const place = (plan: HoldPlan, seconds: number, nowMs = world.nowMs): Promise<Placed> => {
  const deadlineMs = nowMs + seconds * SECOND_MS;
  const terms = { tool: 'agent-research', priceVersion: 'p', approval: OWNER, approvedAtMs: nowMs };
  const runUuid = runUuidAt(nowMs, ++runs);
  const hold = holdFrom(plan, { ...terms, runUuid, deadlineMs, firstDeadlineMs: deadlineMs });
  return placeHold(world.deps.table, 'ann', plan, hold, nowMs);
};

/** The bound is never later than a deadline: the index the sweep reads is by it. */
const expectBoundInTime = async (): Promise<void> => {
  const { holds, holdsValidUntilMs } = await stored();
  expect(holdsValidUntilMs).toBeLessThanOrEqual(Math.min(...holds.map((hold) => hold.deadlineMs)));
};

describe('a hold under way since before the bound passed, and one that replaces the passed bound (R7; found by seed 830)', () => {
  test('the sweep finds the lapse of the first in its minute', async () => {
    const ended = await world.hold('ann', 1, 3600);
    granted(await world.settle(ended.runId, 1));
    const boundMs = (await stored()).holdsValidUntilMs ?? 0;

    world.nowMs = boundMs;
    const [first, second] = [await world.quote('ann', 2), await world.quote('ann', 3)];
    world.nowMs = boundMs - 1;
    granted(await world.approve('ann', first, 60));
    world.nowMs = boundMs + 5;
    granted(await world.approve('ann', second, 3600));
    await expectBoundInTime();

    world.nowMs = boundMs + MINUTE_MS;
    const { table } = world.deps;
    const due = await readDue(table, 'deadlines', shardOf('ann'), world.nowMs, 10, null);
    expect(due.accountIds).toEqual(['ann']);
    await touchAccount(table, 'ann', world.nowMs);
    expect((await world.history('ann')).records.map(({ outcome }) => outcome)).toEqual(['settled', 'expired']);
  });

  test.each([
    ['nothing', null, true],
    ['a hold that leaves the passed bound', 'hold', false],
    ['the end of a run', 'settle', false],
  ] as const)('a passed bound is replaced where %s came since the plan; else planned anew', async (_, came, placed) => {
    const [run, other] = [await world.hold('ann', 1, 3600), await world.hold('ann', 1, 7200)];
    granted(await world.settle(run.runId, 1));
    const boundMs = (await stored()).holdsValidUntilMs ?? 0;
    world.nowMs = boundMs + 5;
    const seen = await stored();
    const plan = planOn(seen);
    if (came === 'hold') expect(await place(plan, 60, boundMs - 1)).toEqual({ placed: true });
    if (came === 'settle') granted(await world.settle(other.runId, 1));

    const answer = await place(plan, 3600);
    expect(answer.placed).toBe(placed);
    if (!answer.placed) {
      expect(answer.account?.ver).toBeGreaterThan(seen.ver);
      expect(await place(planOn(await stored()), 3600)).toEqual({ placed: true });
    }
    await expectBoundInTime();
    expect((await stored()).holdsValidUntilMs).toBeGreaterThan(world.nowMs);
    expect(await world.faults('ann')).toEqual([]);
  });

  test.each([
    ['stays', 3600],
    ['comes down to a deadline before it', 60],
  ])('a bound that has not passed and %s disturbs no parallel hold', async (_, seconds) => {
    await world.hold('ann', 1, 7200);
    world.nowMs += MINUTE_MS;
    const plan = planOn(await stored());
    await world.hold('ann', 1, 24 * (HOUR_MS / SECOND_MS));
    expect(await place(plan, seconds)).toEqual({ placed: true });
    await expectBoundInTime();
  });
});
