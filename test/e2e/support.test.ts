import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { getBalance, getRun, listUsage, putPreferences } from '../../lib/http/contract/account.ts';
import { createRun } from '../../lib/http/contract/approve.ts';
import { failRun, settleRun } from '../../lib/http/contract/settle.ts';
import { assignPlan, getAccount, grantCredits, REFUND_REASONS, refundRun } from '../../lib/http/contract/support.ts';
import type { Asked } from './actor.ts';
import { Api, DAY, HOUR, iso, MINUTE } from './api.ts';
import { faultsOf } from './invariants.ts';

let api: Api;
let allowance: number;
beforeAll(async () => {
  api = await Api.open();
  allowance = api.free.dailyFreeCredits;
});
afterAll(() => api.stop());

const settled = async (owner: Awaited<ReturnType<Api['user']>>, held: number, credits: number): Promise<string> => {
  const { runId } = await api.hold(owner, held);
  await api.agent.ok(settleRun, { params: { runId }, body: { credits } });
  return runId;
};
const refund = (runId: string, body: object) => api.support.ok(refundRun, { params: { runId }, body });
const refusedRefund = (runId: string, body: object) => api.support.refused(refundRun, { params: { runId }, body });

test('support sees what the owner sees, and the runs under way', async () => {
  await api.nextNoon();
  const owner = await api.user();
  const params = { id: owner.sub };
  const untouched = await api.support.ok(getAccount, { params });
  expect(untouched).toMatchObject({ accountId: owner.sub, plan: 'free', runs: [], balance: { available: allowance } });
  await owner.ok(putPreferences, { body: { autoApproveUpTo: 3, lowBalanceAt: 4 } });
  const { runId, expiresAt } = await api.hold(owner, 6);
  expect(await api.support.ok(getAccount, { params })).toEqual({
    accountId: owner.sub,
    plan: 'free',
    balance: await owner.ok(getBalance),
    preferences: { autoApproveUpTo: 3, lowBalanceAt: 4, ruleVersion: 1 },
    runs: [{ runId, tool: api.metered.id, held: 6, expiresAt }],
  });
});

test('support grants credits that the owner sees with reason, note and actor (R29)', async () => {
  const t = await api.nextNoon();
  const owner = await api.user();
  const body = { credits: 12, reason: 'an outage', note: 'ticket 7', expiresAt: iso(t + 9 * DAY) };
  const headers = { 'idempotency-key': 'outage-7' };
  const { grant, entryId } = await api.support.ok(grantCredits, { params: { id: owner.sub }, headers, body });
  expect(grant).toMatchObject({ kind: 'promotional', granted: 12, expiresAt: iso(t + 9 * DAY) });
  const [line] = await api.history(owner);
  expect(line).toMatchObject({ id: entryId, kind: 'grant', at: iso(t), credits: 12, actor: 'support-1' });
  expect(line).toMatchObject({ reason: 'an outage', note: 'ticket 7', grants: [{ id: grant.id, credits: 12 }] });
  const after = await api.balance(owner);
  expect(after).toMatchObject({ available: allowance + 12, progress: { used: 0, total: allowance + 12 } });
  expect(await faultsOf(api, owner)).toEqual([]);
});

test('an end that is not in the future makes no grant', async () => {
  const t = await api.nextNoon();
  const owner = await api.user();
  const grant = (expiresAtMs: number, key: string) => ({
    params: { id: owner.sub },
    headers: { 'idempotency-key': key },
    body: { credits: 5, reason: 'late', expiresAt: iso(expiresAtMs) },
  });
  for (const [key, endMs] of [
    ['past', t - 1],
    ['now', t],
  ] as const) {
    const refused = await api.support.refused(grantCredits, grant(endMs, key));
    expect(refused).toMatchObject({ status: 400, problem: { errors: [{ path: 'expiresAt' }] } });
  }
  await api.support.ok(grantCredits, grant(t + 1, 'next'));
  expect(await api.balance(owner)).toMatchObject({ available: allowance + 5 });
});

test('support puts an account on a plan at once: limit, daily and monthly credits (R26, R29)', async () => {
  const t = await api.nextNoon();
  const owner = await api.user();
  const params = { id: owner.sub };
  await settled(owner, 30, 30);
  for (const plan of api.pricing.plans.filter(({ id }) => id !== 'free')) {
    const reply = await api.support.ok(assignPlan, { params, body: { planId: plan.id, reason: `try ${plan.id}` } });
    expect(reply).toMatchObject({ accountId: owner.sub, plan: plan.id });
    expect(reply.balance).toEqual(await owner.ok(getBalance));
    expect(reply.balance.runsToday).toMatchObject({ used: 1, limit: plan.dailyRunLimit });
    const subscription = reply.balance.grants.find(({ kind }) => kind === 'subscription');
    expect(subscription).toMatchObject({ granted: plan.creditsPerCycle, remaining: plan.creditsPerCycle });
    const [line] = await api.history(owner, { kind: 'adjustment' });
    expect(line).toMatchObject({ at: iso(t), planId: plan.id, reason: `try ${plan.id}`, actor: 'support-1' });
    expect(await faultsOf(api, owner)).toEqual([]);
  }
  const custom = await api.support.ok(assignPlan, { params, body: { planId: 'enterprise', reason: 'agreed' } });
  expect(custom).toMatchObject({ plan: 'enterprise', balance: { runsToday: { limit: null } } });
  const unknown = await api.support.refused(assignPlan, { params, body: { planId: 'platinum', reason: 'none' } });
  expect(unknown).toMatchObject({ status: 400, problem: { errors: [{ path: 'planId' }] } });
});

describe('a refund of a settled run (R27)', () => {
  test.each(REFUND_REASONS)('%s gives the charge back to where it came from, once', async (reason) => {
    const t = await api.nextNoon();
    const owner = await api.user();
    const promo = await api.promote(owner, 10, t + HOUR);
    const runId = await settled(owner, 25, 18);
    expect(await api.balance(owner)).toMatchObject({ available: allowance + 10 - 18 });
    await api.at(t + MINUTE);
    const reply = await refund(runId, { reason, note: 'case 9' });
    const told = { reason, refundedAt: iso(t + MINUTE) };
    expect(reply).toEqual({ runId, status: 'settled', charged: 18, refunded: 18, ...told });
    expect(await api.balance(owner)).toMatchObject({ available: allowance + 10, progress: { used: 0 } });
    const line = (await api.history(owner)).find(({ kind }) => kind === 'refund');
    expect(line).toMatchObject({ credits: 18, runId, reason, note: 'case 9', actor: 'support-1', at: iso(t + MINUTE) });
    expect(line?.grants).toMatchObject([
      { id: promo.id, credits: 10 },
      { id: 'grt_1', credits: 8 },
    ]);
    const stated = { refund: { at: iso(t + MINUTE), credits: 18, reason } };
    expect(await owner.ok(getRun, { params: { runId } })).toMatchObject({ status: 'settled', charged: 18, ...stated });
    const [run] = (await owner.ok(listUsage, { query: { kind: 'run' } })).entries;
    expect(run).toMatchObject({ credits: -18, ...stated });
    expect(await faultsOf(api, owner)).toEqual([]);
  });

  test('not liking the output is no reason: refused by policy, whatever the run', async () => {
    await api.nextNoon();
    const owner = await api.user();
    const body = { reason: 'output_unsatisfactory' };
    for (const runId of [await settled(owner, 5, 5), (await api.hold(owner, 5)).runId]) {
      expect(await refusedRefund(runId, body)).toMatchObject({ status: 422, code: 'refund_not_covered' });
    }
    expect(await api.balance(owner)).toMatchObject({ available: allowance - 10, held: 5 });
  });

  test('what was not charged is not refunded: held, failed, expired, unknown', async () => {
    const t = await api.nextNoon();
    const owner = await api.user();
    const goodwill = { reason: 'goodwill' };
    const failed = await api.hold(owner, 5);
    await api.agent.ok(failRun, { params: { runId: failed.runId }, body: { reason: 'broken' } });
    const expired = await api.hold(owner, 5, 60);
    await api.at(t + MINUTE);
    const held = await api.hold(owner, 5);
    expect(await refusedRefund(held.runId, goodwill)).toMatchObject({ status: 422, code: 'refund_not_covered' });
    expect(await refusedRefund(failed.runId, goodwill)).toMatchObject({ status: 409, code: 'run_already_failed' });
    expect(await refusedRefund(expired.runId, goodwill)).toMatchObject({ status: 409, code: 'run_already_expired' });
    const unknown = held.runId.replace(/^.{8}/, '00000000');
    expect(await refusedRefund(unknown, goodwill)).toMatchObject({ status: 404, code: 'not_found' });
    expect(await api.balance(owner)).toMatchObject({ available: allowance - 5, held: 5 });
    expect(await faultsOf(api, owner)).toEqual([]);
  });

  test('days later: free credits have lapsed, promotional ones come back for 24 hours (R15)', async () => {
    const t = await api.nextNoon();
    const owner = await api.user();
    await api.promote(owner, 10, t + HOUR);
    const runId = await settled(owner, 25, 25);
    await api.at(t + 3 * DAY);
    expect(await api.balance(owner)).toMatchObject({ available: allowance });
    expect(await refund(runId, { reason: 'service_fault' })).toMatchObject({ charged: 25, refunded: 10 });
    expect(await api.balance(owner)).toMatchObject({ available: allowance + 10 });
    await api.at(t + 4 * DAY - 1);
    expect(await api.balance(owner)).toMatchObject({ available: allowance + 10 });
    await api.at(t + 4 * DAY);
    expect(await api.balance(owner)).toMatchObject({ available: allowance });
    expect(await faultsOf(api, owner)).toEqual([]);
  });

  test('a run that was free of charge is refunded nothing', async () => {
    await api.nextNoon();
    const owner = await api.user();
    const reply = await refund(await settled(owner, 5, 0), { reason: 'goodwill' });
    expect(reply).toMatchObject({ charged: 0, refunded: 0 });
    expect(await api.balance(owner)).toMatchObject({ available: allowance });
  });
});

test('many small grants are spent together; how many there may be is said, not found out by a failure', async () => {
  await api.nextNoon();
  const owner = await api.user();
  const another = (at: number): Asked => ({
    params: { id: owner.sub },
    headers: { 'idempotency-key': `small-${at}` },
    body: { credits: 1, reason: 'drop by drop' },
  });
  // Today's free credits are the first of sixty.
  for (let at = 1; at < 60; at++) await api.support.ok(grantCredits, another(at));
  expect(await api.support.refused(grantCredits, another(60))).toMatchObject({ status: 400 });
  const { estimateId } = await api.quote(owner, allowance + 59);
  const { runId, receipt } = await owner.ok(createRun, { body: { estimateId } });
  expect(await api.balance(owner)).toMatchObject({ available: 0, held: allowance + 59 });
  const body = { credits: allowance + 30, receipt };
  expect(await api.agent.ok(settleRun, { params: { runId }, body })).toMatchObject({ released: 29 });
  expect(await api.support.ok(grantCredits, another(59))).toMatchObject({ grant: { granted: 1 } });
  expect(await faultsOf(api, owner)).toEqual([]);
});
