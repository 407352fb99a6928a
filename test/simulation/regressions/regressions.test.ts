import { expect, test } from 'vitest';
import { isRefusal } from '../../../lib/domain/refusal.ts';
import { doors } from '../history/doors.ts';
import type { Plan } from '../history/plan.ts';
import { planOf } from '../history/plan-of.ts';
import { newLife } from '../history/scheduler.ts';
import { tellHistory } from '../history/tell-history.ts';
import { createWorld } from '../history/world.ts';
import secondSubscription from './second-subscription-after-an-ended-one.json' with { type: 'json' };
import twoSubscriptions from './two-subscriptions-at-once.json' with { type: 'json' };
import ofOneSecond from './two-subscriptions-of-one-second.json' with { type: 'json' };

const CALM = { rates: {}, killed: 0, latencyMs: 0, stalled: 0, stallMs: 0, skewMs: 0, stripeFails: 0 };
const MIDNIGHT = Date.UTC(2026, 2, 2);

test('a run that fails on a host whose clock is still before the midnight it was approved after does not count (found by seed 184)', async () => {
  const world = createWorld({ seed: 1, startMs: MIDNIGHT + 65, weather: CALM, scenes: [] }, { trace: false });
  const shown: number[] = [];
  void world.spawn(async () => {
    const deps = world.depsOf(newLife('ann', 'approve', world.now()));
    const behind = world.depsOf(newLife('agent-1', 'fail', world.now(), -500));
    const quoted = await doors.estimate(deps, 'ann', 'user', 9);
    if (isRefusal(quoted)) throw new Error(quoted.refused);
    world.oracle.estimated(runOf(quoted.estimateId), 'ann', 9);
    world.oracle.approving(runOf(quoted.estimateId), 'user');
    const held = await doors.approve(deps, 'ann', 'user', quoted.estimateId, 3600);
    if (isRefusal(held)) throw new Error(held.refused);
    world.oracle.sending(held.runId.slice(0, 36), 'failed', 0);
    await doors.fail(behind, held.runId, null);
    const { runsToday, available } = await doors.balance(deps, 'ann');
    shown.push(runsToday.used, available);
  });
  await world.run(() => false);
  expect({ shown, failures: world.failures }).toEqual({ shown: [0, 40], failures: [] });
});

/** What the simulation's signer signs is readable. */
const runOf = (estimateId: string): string => JSON.parse(estimateId.slice('estimate '.length)).runUuid;

const asPlan = (plan: unknown): Plan => ({ ...planOf(0), ...(typeof plan === 'object' ? plan : {}) });

test.each([
  {
    it: 'of two subscriptions whose payments are heard of at once, one is ended and paid back (seed 14840)',
    plan: twoSubscriptions,
  },
  {
    it: 'a subscription after one that was ended early begins with all its credits (seed 305470)',
    plan: secondSubscription,
  },
  {
    it: 'money of a subscription goes back without the credits of one bought in the same second (seed 602344)',
    plan: ofOneSecond,
  },
])('$it', async ({ plan }) => {
  expect((await tellHistory(asPlan(plan))).failures).toEqual([]);
});
