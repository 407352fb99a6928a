import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { getRun } from '../../lib/http/contract/account.ts';
import { createRun } from '../../lib/http/contract/approve.ts';
import { createEstimate } from '../../lib/http/contract/estimate.ts';
import { extendRun, failRun, settleRun } from '../../lib/http/contract/settle.ts';
import { Api, DAY, HOUR, iso, MINUTE, SECOND } from './api.ts';
import { faultsOf } from './invariants.ts';

let api: Api;
beforeAll(async () => {
  api = await Api.open();
});
afterAll(() => api.stop());

const midnightAfter = (ms: number): number => (Math.floor(ms / DAY) + 1) * DAY;

test('the story: an agent asks, the owner approves, credits are held, the run costs less, the rest goes back', async () => {
  const t = await api.nextNoon();
  const { dailyFreeCredits: allowance, dailyRunLimit: limit } = api.free;
  const ann = await api.user('ann');

  const quote = await api.quote(ann, 30, api.agent);
  expect(quote).toMatchObject({
    tool: api.metered.id,
    credits: 30,
    balance: { available: allowance, after: allowance - 30 },
    sufficient: true,
    approval: 'required',
    priceVersion: api.pricing.priceVersion,
    expiresAt: iso(t + 15 * MINUTE),
  });
  expect(quote.typicalCredits).toBeLessThanOrEqual(30);
  expect(quote.breakdown.reduce((sum, line) => sum + line.credits, 0)).toBe(30);
  expect(await api.balance(ann)).toMatchObject({ available: allowance, held: 0, runsToday: { used: 0 } });
  expect(await api.history(ann)).toHaveLength(1);

  const run = await ann.ok(createRun, { body: { estimateId: quote.estimateId } });
  const approval = {
    by: 'ann',
    at: iso(t),
    how: 'explicit',
    shown: { tool: api.metered.id, credits: 30, priceVersion: api.pricing.priceVersion, estimatedAt: iso(t) },
  };
  expect(run).toMatchObject({
    status: 'held',
    held: 30,
    estimate: 30,
    tool: api.metered.id,
    approval,
    expiresAt: iso(t + HOUR),
  });
  const resetsAt = iso(midnightAfter(t));
  const grant = { id: 'grt_1', kind: 'free', granted: allowance, expiresAt: resetsAt };
  expect(await api.balance(ann)).toEqual({
    available: allowance - 30,
    held: 30,
    grants: [{ ...grant, remaining: allowance - 30, held: 30 }],
    progress: { used: 0, total: allowance },
    runsToday: { used: 1, limit, resetsAt },
    plan: 'free',
    nextResetAt: resetsAt,
    asOf: iso(t),
  });
  const shown = { runId: run.runId, accountId: 'ann', held: 30, estimate: 30, approval, expiresAt: iso(t + HOUR) };
  const params = { runId: run.runId };
  const asHeld = { ...shown, status: 'held', charged: 0, released: 0, absorbed: 0, endedAt: null };
  for (const actor of [ann, api.agent, api.support]) expect(await actor.ok(getRun, { params })).toMatchObject(asHeld);
  const [newest] = await api.history(ann);
  expect(newest).toMatchObject({ id: run.runId, kind: 'run', status: 'held', credits: 0, held: 30, charged: 0 });

  await api.at(t + MINUTE);
  const settled = await api.agent.ok(settleRun, { params, body: { credits: 12 } });
  expect(settled).toEqual({ runId: run.runId, status: 'settled', charged: 12, released: 18, absorbed: 0 });
  const [line, opened, ...others] = await api.history(ann);
  expect(line).toMatchObject({
    ...{ id: run.runId, kind: 'run', status: 'settled', credits: -12, estimate: 30, held: 30, charged: 12 },
    ...{ released: 18, endedAt: iso(t + MINUTE), grants: [{ id: 'grt_1', kind: 'free', credits: -12 }] },
  });
  expect(opened).toMatchObject({ kind: 'grant', credits: allowance });
  expect(others).toEqual([]);
  expect(await api.balance(ann)).toMatchObject({
    available: allowance - 12,
    held: 0,
    grants: [{ ...grant, remaining: allowance - 12, held: 0 }],
    progress: { used: 12, total: allowance },
    runsToday: { used: 1, limit },
  });
  const asSettled = { ...shown, status: 'settled', charged: 12, released: 18, absorbed: 0, endedAt: iso(t + MINUTE) };
  for (const actor of [ann, api.agent, api.support])
    expect(await actor.ok(getRun, { params })).toMatchObject(asSettled);
  expect(await faultsOf(api, ann)).toEqual([]);
});

describe('what a settle charges (R9)', () => {
  test.each([
    { it: 'less than held', credits: 7, charged: 7, absorbed: 0 },
    { it: 'exactly what was held', credits: 20, charged: 20, absorbed: 0 },
    { it: 'one more than held', credits: 21, charged: 20, absorbed: 1 },
    { it: 'far more than the balance', credits: 1_000_000_000, charged: 20, absorbed: 999_999_980 },
    { it: 'nothing at all', credits: 0, charged: 0, absorbed: 0 },
  ])('$it: min(real cost, held), and what is above is absorbed', async ({ credits, charged, absorbed }) => {
    await api.nextNoon();
    const owner = await api.user();
    const { runId, receipt } = await api.hold(owner, 20);
    const released = 20 - charged;
    const reply = await api.agent.ok(settleRun, { params: { runId }, body: { credits, receipt } });
    expect(reply).toEqual({ runId, status: 'settled', charged, released, absorbed });
    expect(await owner.ok(getRun, { params: { runId } })).toMatchObject({ charged, released, absorbed });
    const available = api.free.dailyFreeCredits - charged;
    expect(await api.balance(owner)).toMatchObject({ available, held: 0, runsToday: { used: 1 } });
    expect(await faultsOf(api, owner)).toEqual([]);
  });
});

test('a failed run is charged nothing, counts for nothing, and is listed as failed, not charged (R8, R10)', async () => {
  const t = await api.nextNoon();
  const owner = await api.user();
  const { runId } = await api.hold(owner, 25);
  const reply = await api.agent.ok(failRun, { params: { runId }, body: { reason: 'the model timed out' } });
  expect(reply).toEqual({ runId, status: 'failed', charged: 0, released: 25 });
  const [line] = await api.history(owner, { kind: 'run' });
  expect(line).toMatchObject({ status: 'failed', credits: 0, charged: 0, held: 25, released: 25, endedAt: iso(t) });
  expect(line?.reason).toBe('failed, not charged: the model timed out');
  const available = api.free.dailyFreeCredits;
  expect(await api.balance(owner)).toMatchObject({ available, held: 0, runsToday: { used: 0 } });
  expect(await owner.ok(getRun, { params: { runId } })).toMatchObject({
    status: 'failed',
    reason: 'the model timed out',
  });
  expect(await faultsOf(api, owner)).toEqual([]);
});

describe('a hold has a deadline (R7, R11)', () => {
  test('it lapses by itself: nothing is charged, and what the run cost after that is absorbed', async () => {
    const t = await api.nextNoon();
    const owner = await api.user();
    const { runId, expiresAt } = await api.hold(owner, 25, 90);
    expect(expiresAt).toBe(iso(t + 90 * SECOND));
    await api.at(t + 2 * HOUR);
    const available = api.free.dailyFreeCredits;
    expect(await api.balance(owner)).toMatchObject({ available, held: 0, runsToday: { used: 0 } });
    const lapsed = { status: 'expired', charged: 0, released: 25, endedAt: iso(t + 90 * SECOND) };
    const params = { runId };
    expect(await owner.ok(getRun, { params })).toMatchObject({ ...lapsed, absorbed: 0 });
    const late = await api.agent.refused(settleRun, { params, body: { credits: 11 } });
    expect(late).toMatchObject({ status: 410, code: 'hold_expired' });
    const after = await api.agent.refused(failRun, { params, body: { reason: 'late' } });
    expect(after).toMatchObject({ status: 410, code: 'hold_expired' });
    expect(await owner.ok(getRun, { params })).toMatchObject({ ...lapsed, absorbed: 11 });
    const [line] = await api.history(owner, { kind: 'run' });
    expect(line).toMatchObject({ ...lapsed, credits: 0, reason: 'expired, not charged' });
    expect(await faultsOf(api, owner)).toEqual([]);
  });

  test('the agent extends it while it runs, up to 24 hours from the approval', async () => {
    const t = await api.nextNoon();
    const owner = await api.user();
    const { runId } = await api.hold(owner, 10, 600);
    const params = { runId };
    const extend = (seconds: number) => api.agent.ok(extendRun, { params, body: { seconds } });
    expect(await extend(300)).toEqual({ runId, status: 'held', held: 10, expiresAt: iso(t + 900 * SECOND) });
    await api.at(t + 899 * SECOND);
    expect((await extend(600)).expiresAt).toBe(iso(t + 1499 * SECOND));
    expect((await extend(60)).expiresAt).toBe(iso(t + 1499 * SECOND));
    expect(await owner.ok(getRun, { params })).toMatchObject({ status: 'held', expiresAt: iso(t + 1499 * SECOND) });
    const most = DAY / SECOND - 899;
    const tooLong = await api.agent.refused(extendRun, { params, body: { seconds: most + 1 } });
    expect(tooLong).toMatchObject({ status: 400, problem: { errors: [{ path: 'seconds' }] } });
    expect((await extend(most)).expiresAt).toBe(iso(t + DAY));
    await api.at(t + DAY - 1);
    expect(await api.agent.ok(settleRun, { params, body: { credits: 10 } })).toMatchObject({ charged: 10 });
    const ended = await api.agent.refused(extendRun, { params, body: { seconds: 60 } });
    expect(ended).toMatchObject({ status: 409, code: 'run_already_settled' });
    expect(await faultsOf(api, owner)).toEqual([]);
  });

  test('an approval may ask for up to 24 hours; a hold that has lapsed is not extended', async () => {
    const t = await api.nextNoon();
    const owner = await api.user();
    const longest = await api.hold(owner, 5, 86_400);
    expect(longest.expiresAt).toBe(iso(t + DAY));
    const { runId } = await api.hold(owner, 5, 1);
    await api.at(t + SECOND);
    const late = await api.agent.refused(extendRun, { params: { runId }, body: { seconds: 60 } });
    expect(late).toMatchObject({ status: 410, code: 'hold_expired' });
  });
});

test('what the balance does not cover is told beforehand and never held (R2, R5)', async () => {
  await api.nextNoon();
  const owner = await api.user();
  const available = api.free.dailyFreeCredits;
  const dear = await api.quote(owner, available + 1);
  expect(dear).toMatchObject({ sufficient: false, balance: { available, after: 0 } });
  const refused = await owner.refused(createRun, { body: { estimateId: dear.estimateId } });
  expect(refused).toMatchObject({ status: 402, code: 'insufficient_credits' });
  expect(refused.problem).toMatchObject({ needed: available + 1, available });
  expect(await api.balance(owner)).toMatchObject({ available, held: 0, runsToday: { used: 0 } });
  await api.promote(owner, 1);
  expect(await owner.ok(createRun, { body: { estimateId: dear.estimateId } })).toMatchObject({ held: available + 1 });
  expect(await api.balance(owner)).toMatchObject({ available: 0, held: available + 1 });
  expect(await faultsOf(api, owner)).toEqual([]);
});

describe('which credits are spent first (R5)', () => {
  test('the soonest-expiring; free before promotional on the same instant; then the older', async () => {
    const t = await api.nextNoon();
    const owner = await api.user();
    const midnight = midnightAfter(t);
    const free = api.free.dailyFreeCredits;
    const late = await api.promote(owner, 5, midnight + DAY);
    const older = await api.promote(owner, 5, midnight + HOUR);
    const newer = await api.promote(owner, 5, midnight + HOUR);
    const tie = await api.promote(owner, 5, midnight);
    const soon = await api.promote(owner, 5, midnight - 1);
    const order = [soon.id, 'grt_1', tie.id, older.id, newer.id, late.id];
    expect((await api.balance(owner)).grants.map(({ id }) => id)).toEqual(order);
    const { runId } = await api.hold(owner, 5 + free + 5 + 5 + 2);
    const [held] = await api.history(owner, { kind: 'run' });
    expect(held?.grants.map(({ id }) => id)).toEqual(order.slice(0, 5));
    expect((await api.balance(owner)).grants.map((grant) => grant.held)).toEqual([5, free, 5, 5, 2, 0]);
    await api.agent.ok(settleRun, { params: { runId }, body: { credits: 5 + 3 } });
    const after = await api.balance(owner);
    expect(after.grants.map(({ remaining }) => remaining)).toEqual([0, free - 3, 5, 5, 5, 5]);
    expect(await faultsOf(api, owner)).toEqual([]);
  });
});

test('an agent names the account it asks for, and holds nothing without the owner (R4)', async () => {
  await api.nextNoon();
  const owner = await api.user();
  const nameless = { body: { tool: api.metered.id, input: { maxCredits: 5 } } };
  const refused = await api.agent.refused(createEstimate, nameless);
  expect(refused).toMatchObject({ status: 400, problem: { errors: [{ path: 'accountId' }] } });
  const { estimateId } = await api.quote(owner, 5, api.agent);
  const alone = await api.agent.refused(createRun, { body: { estimateId } });
  expect(alone).toMatchObject({ status: 403, code: 'approval_required' });
  expect(await api.balance(owner)).toMatchObject({ held: 0, runsToday: { used: 0 } });
  expect(await owner.ok(createRun, { body: { estimateId } })).toMatchObject({ approval: { how: 'explicit' } });
});
