import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { getRun, putPreferences } from '../../lib/http/contract/account.ts';
import { createRun } from '../../lib/http/contract/approve.ts';
import { extendRun, failRun, settleRun } from '../../lib/http/contract/settle.ts';
import { assignPlan } from '../../lib/http/contract/support.ts';
import type { Actor } from './actor.ts';
import { Api, DAY, HOUR, iso, MINUTE, SECOND } from './api.ts';
import { faultsOf } from './invariants.ts';

let api: Api;
let allowance: number;
beforeAll(async () => {
  api = await Api.open();
  allowance = api.free.dailyFreeCredits;
});
afterAll(() => api.stop());

const settle = (runId: string, credits: number) => api.agent.ok(settleRun, { params: { runId }, body: { credits } });
const fail = (runId: string) => api.agent.ok(failRun, { params: { runId }, body: { reason: 'test' } });
const isSound = async (...owners: Actor[]): Promise<void> => {
  for (const owner of owners) expect(await faultsOf(api, owner)).toEqual([]);
};

describe.each(['off', 'on'] as const)('with schedules %s (I6)', (schedules) => {
  beforeAll(() => {
    api.schedules = schedules;
  });

  describe('an estimate is valid for 15 minutes (R2)', () => {
    test('until the last millisecond it may be approved, from then on not', async () => {
      const t = await api.nextNoon();
      const owner = await api.user();
      const [first, second] = [await api.quote(owner, 5), await api.quote(owner, 5)];
      expect(first.expiresAt).toBe(iso(t + 15 * MINUTE));
      await api.at(t + 15 * MINUTE - 1);
      const run = await owner.ok(createRun, { body: { estimateId: first.estimateId } });
      await api.at(t + 15 * MINUTE);
      const late = await owner.refused(createRun, { body: { estimateId: second.estimateId } });
      expect(late).toMatchObject({ status: 410, code: 'estimate_expired' });
      expect(await owner.ok(createRun, { body: { estimateId: first.estimateId } })).toEqual(run);
      expect(await api.balance(owner)).toMatchObject({ held: 5, runsToday: { used: 1 } });
    });

    test('a standing rule approves no longer than the owner could', async () => {
      const t = await api.nextNoon();
      const owner = await api.user();
      await owner.ok(putPreferences, { body: { autoApproveUpTo: 100 } });
      const { estimateId } = await api.quote(owner, 5, api.agent);
      await api.at(t + 15 * MINUTE);
      const late = await api.agent.refused(createRun, { body: { estimateId } });
      expect(late).toMatchObject({ status: 410, code: 'estimate_expired' });
    });
  });

  describe('a hold lapses at its deadline, not when something gets to it (R7)', () => {
    test('a millisecond before it settles; at it the credits are free, and a settle charges nothing', async () => {
      const t = await api.nextNoon();
      const [early, late] = [await api.user(), await api.user()];
      const inTime = await api.hold(early, 30, 60);
      const tooLate = await api.hold(late, 30, 60);
      const deadline = t + 60 * SECOND;
      await api.at(deadline - 1);
      expect(await api.balance(late)).toMatchObject({ available: allowance - 30, held: 30, runsToday: { used: 1 } });
      expect(await settle(inTime.runId, 30)).toMatchObject({ charged: 30 });
      await api.at(deadline);
      expect(await api.balance(late)).toMatchObject({ available: allowance, held: 0, runsToday: { used: 0 } });
      const params = { runId: tooLate.runId };
      const refused = await api.agent.refused(settleRun, { params, body: { credits: 30, receipt: tooLate.receipt } });
      expect(refused).toMatchObject({ status: 410, code: 'hold_expired' });
      const run = await late.ok(getRun, { params });
      expect(run).toMatchObject({ status: 'expired', charged: 0, absorbed: 30, endedAt: iso(deadline) });
      await isSound(early, late);
    });

    test('what has lapsed can be held again in the same millisecond', async () => {
      const t = await api.nextNoon();
      const owner = await api.user();
      await api.hold(owner, allowance, 60);
      const next = await api.quote(owner, allowance);
      await api.at(t + 60 * SECOND - 1);
      const refused = await owner.refused(createRun, { body: { estimateId: next.estimateId } });
      expect(refused).toMatchObject({ status: 402, problem: { needed: allowance, available: 0 } });
      await api.at(t + 60 * SECOND);
      expect(await owner.ok(createRun, { body: { estimateId: next.estimateId } })).toMatchObject({ held: allowance });
      await isSound(owner);
    });

    test('an extended hold lapses at its new deadline, the receipt’s old one notwithstanding', async () => {
      const t = await api.nextNoon();
      const owner = await api.user();
      const { runId, receipt } = await api.hold(owner, 10, 60);
      await api.agent.ok(extendRun, { params: { runId }, body: { seconds: 60 } });
      await api.at(t + 120 * SECOND - 1);
      const body = { credits: 4, receipt };
      expect(await api.agent.ok(settleRun, { params: { runId }, body })).toMatchObject({ charged: 4 });
      await isSound(owner);
    });
  });

  describe('midnight UTC', () => {
    test('free credits are reset to the allowance, never pile up, and leave other grants alone (R12)', async () => {
      const midnight = (await api.nextNoon()) + 12 * HOUR;
      const [spender, idler] = [await api.user(), await api.user()];
      const promo = await api.promote(spender, 7, midnight + 3 * DAY);
      await api.balance(idler);
      await settle((await api.hold(spender, 30)).runId, 30);
      await api.at(midnight - 1);
      expect(await api.balance(spender)).toMatchObject({ available: allowance - 30 + 7, runsToday: { used: 1 } });
      await api.at(midnight);
      for (const day of [0, 1, 2]) {
        await api.at(midnight + day * DAY);
        const reset = {
          runsToday: { used: 0, resetsAt: iso(midnight + (day + 1) * DAY) },
          asOf: iso(midnight + day * DAY),
        };
        expect(await api.balance(spender)).toMatchObject({ ...reset, available: allowance + 7 });
        expect(await api.balance(idler)).toMatchObject({ ...reset, available: allowance });
      }
      const resets = await api.history(spender, { kind: 'reset' });
      expect(resets[0]).toMatchObject({ at: iso(midnight), credits: 30, reason: 'daily_free_credits' });
      const grants = (await api.balance(spender)).grants;
      expect(grants).toHaveLength(2);
      expect(grants[1]).toMatchObject({ id: promo.id, granted: 7, remaining: 7 });
      await isSound(spender, idler);
    });

    test('the run limit holds to the last millisecond, says when to come back, and begins anew (R8)', async () => {
      const midnight = (await api.nextNoon()) + 12 * HOUR;
      const owner = await api.user();
      const limit = api.free.dailyRunLimit ?? 0;
      for (let run = 0; run < limit; run++) await settle((await api.hold(owner, 1)).runId, 1);
      const refusal = async () =>
        owner.refused(createRun, { body: { estimateId: (await api.quote(owner, 1)).estimateId } });
      for (const [before, seconds] of [
        [12 * HOUR, 43_200],
        [1001, 2],
        [1000, 1],
        [1, 1],
      ] as const) {
        await api.at(midnight - before);
        const refused = await refusal();
        expect(refused).toMatchObject({ status: 429, code: 'daily_run_limit_reached' });
        expect(refused.problem).toMatchObject({ limit, resetsAt: iso(midnight) });
        expect(refused.headers.get('retry-after')).toBe(String(seconds));
      }
      const waiting = await api.quote(owner, 1);
      await api.at(midnight);
      expect(await owner.ok(createRun, { body: { estimateId: waiting.estimateId } })).toMatchObject({ status: 'held' });
      expect(await api.balance(owner)).toMatchObject({ runsToday: { used: 1, limit } });
      await isSound(owner);
    });

    test('a run that failed or lapsed makes room for another within the limit (R8)', async () => {
      const t = await api.nextNoon();
      const owner = await api.user();
      const limit = api.free.dailyRunLimit ?? 0;
      const failing = await api.hold(owner, 1);
      await api.hold(owner, 1, 60);
      for (let run = 2; run < limit; run++) await api.hold(owner, 1);
      const { estimateId } = await api.quote(owner, 1);
      expect(await owner.refused(createRun, { body: { estimateId } })).toMatchObject({ status: 429 });
      await fail(failing.runId);
      await owner.ok(createRun, { body: { estimateId } });
      const more = await api.quote(owner, 1);
      expect(await owner.refused(createRun, { body: { estimateId: more.estimateId } })).toMatchObject({ status: 429 });
      await api.at(t + 60 * SECOND);
      await owner.ok(createRun, { body: { estimateId: more.estimateId } });
      expect(await api.balance(owner)).toMatchObject({ runsToday: { used: limit, limit } });
      await isSound(owner);
    });

    test('a run counts in the day of its approval, and one that fails tomorrow frees nothing then', async () => {
      const midnight = (await api.nextNoon()) + 12 * HOUR;
      const owner = await api.user();
      await api.at(midnight - 1);
      const yesterday = await api.hold(owner, 5);
      const approvedToday = await api.quote(owner, 5);
      await api.at(midnight);
      await owner.ok(createRun, { body: { estimateId: approvedToday.estimateId } });
      await fail(yesterday.runId);
      expect(await api.balance(owner)).toMatchObject({ runsToday: { used: 1 } });
      await isSound(owner);
    });

    test('a hold keeps the free credits it drew; what it gives back after midnight has lapsed (R15)', async () => {
      const midnight = (await api.nextNoon()) + 12 * HOUR;
      const owner = await api.user();
      await api.at(midnight - MINUTE);
      const { runId } = await api.hold(owner, 30);
      await api.at(midnight);
      expect(await api.balance(owner)).toMatchObject({ available: allowance, held: 30 });
      expect(await settle(runId, 10)).toMatchObject({ charged: 10, released: 20 });
      expect(await api.balance(owner)).toMatchObject({ available: allowance, held: 0 });
      const [lapsed] = await api.history(owner, { kind: 'expiry' });
      expect(lapsed).toMatchObject({ credits: -20, runId, reason: 'returned_after_expiry' });
      await isSound(owner);
    });
  });

  describe('promotional credits', () => {
    test('are there until their last millisecond', async () => {
      const t = await api.nextNoon();
      const owner = await api.user();
      const promo = await api.promote(owner, 9, t + HOUR);
      await api.at(t + HOUR - 1);
      expect(await api.balance(owner)).toMatchObject({ available: allowance + 9 });
      await api.at(t + HOUR);
      const after = await api.balance(owner);
      expect(after).toMatchObject({ available: allowance, progress: { used: 0, total: allowance } });
      expect(after.grants.map(({ kind }) => kind)).toEqual(['free']);
      const [line] = await api.history(owner, { kind: 'expiry' });
      expect(line).toMatchObject({ at: iso(t + HOUR), credits: -9, grants: [{ id: promo.id, kind: 'promotional' }] });
      await isSound(owner);
    });

    test('end three calendar months later where support names no end', async () => {
      const t = await api.nextNoon();
      const { expiresAt } = await api.promote(await api.user(), 1);
      const [then, now] = [new Date(expiresAt), new Date(t)];
      const months = (date: Date) => date.getUTCFullYear() * 12 + date.getUTCMonth();
      expect(months(then) - months(now)).toBe(3);
      expect(Date.parse(expiresAt) % DAY).toBe(12 * HOUR);
      const lastDay = new Date(Date.UTC(then.getUTCFullYear(), then.getUTCMonth() + 1, 0)).getUTCDate();
      expect(then.getUTCDate()).toBe(Math.min(now.getUTCDate(), lastDay));
    });

    test('that a hold gives back after their end come back for 24 hours: a failed run costs nobody what they had (R15)', async () => {
      const t = await api.nextNoon();
      const owner = await api.user();
      const promo = await api.promote(owner, 9, t + MINUTE);
      const { runId } = await api.hold(owner, 9);
      await api.at(t + 2 * MINUTE);
      expect(await api.balance(owner)).toMatchObject({ available: allowance, held: 9 });
      await fail(runId);
      expect(await api.balance(owner)).toMatchObject({ available: allowance + 9, held: 0 });
      const back = (await api.balance(owner)).grants.find(({ id }) => id === promo.id);
      expect(back).toMatchObject({ remaining: 9, expiresAt: iso(t + 2 * MINUTE + DAY) });
      await api.at(t + 2 * MINUTE + DAY - 1);
      expect(await api.balance(owner)).toMatchObject({ available: allowance + 9 });
      await api.at(t + 2 * MINUTE + DAY);
      expect(await api.balance(owner)).toMatchObject({ available: allowance });
      await isSound(owner);
    });

    test('come back for 24 hours from the deadline, where the hold lapses, whenever somebody looks (R15)', async () => {
      const t = await api.nextNoon();
      const [looked, unseen] = [await api.user(), await api.user()];
      for (const owner of [looked, unseen]) {
        await api.promote(owner, 9, t + MINUTE);
        await api.hold(owner, 9, 600);
      }
      await api.at(t + 600 * SECOND);
      expect(await api.balance(looked)).toMatchObject({ available: allowance + 9 });
      await api.at(t + 600 * SECOND + DAY - 1);
      for (const owner of [looked, unseen])
        expect(await api.balance(owner)).toMatchObject({ available: allowance + 9 });
      await api.at(t + 600 * SECOND + DAY);
      for (const owner of [looked, unseen]) expect(await api.balance(owner)).toMatchObject({ available: allowance });
      await isSound(looked, unseen);
    });
  });

  test('subscription credits of an assigned plan reset at the cycle’s end and do not roll over', async () => {
    const t = await api.nextNoon();
    const owner = await api.user();
    const plan = api.pricing.plans.find(({ creditsPerCycle }) => creditsPerCycle > 0);
    const { plan: planId, balance } = await api.support.ok(assignPlan, {
      params: { id: owner.sub },
      body: { planId: plan?.id, reason: 'a trial' },
    });
    expect(planId).toBe(plan?.id);
    const subscription = balance.grants.find(({ kind }) => kind === 'subscription');
    const full = plan?.creditsPerCycle ?? 0;
    expect(subscription).toMatchObject({ granted: full, remaining: full });
    const endsAt = Date.parse(subscription?.expiresAt ?? '');
    expect(endsAt).toBeGreaterThan(t + 27 * DAY);
    const daily = plan?.dailyFreeCredits ?? 0;
    await settle((await api.hold(owner, daily + 50)).runId, daily + 50);
    await api.at(endsAt - 1);
    expect(await api.balance(owner)).toMatchObject({ available: daily + full - 50 });
    await api.at(endsAt);
    expect(await api.balance(owner)).toMatchObject({ available: daily + full });
    await isSound(owner);
  });
});
