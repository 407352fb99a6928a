import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { getRun, putPreferences } from '../../lib/http/contract/account.ts';
import { createRun } from '../../lib/http/contract/approve.ts';
import { createEstimate } from '../../lib/http/contract/estimate.ts';
import type { Operation } from '../../lib/http/contract/operation.ts';
import { extendRun, failRun, settleRun } from '../../lib/http/contract/settle.ts';
import { assignPlan, getAccount, grantCredits, refundRun } from '../../lib/http/contract/support.ts';
import { Api, HOUR, iso, MINUTE, SECOND } from './api.ts';
import type { DescribedOperation } from './contract-document.ts';
import { faultsOf } from './invariants.ts';
import { staysAnswered } from './stays-answered.ts';

/** What each POST is recognised by (I7); a new one without a line here fails. */
const RECOGNISED_BY: Readonly<Record<string, string>> = {
  createEstimate: 'nothing: it has no effect (R3)',
  createRun: 'its estimate',
  settleRun: 'its run',
  failRun: 'its run',
  extendRun: 'its run',
  refundRun: 'its run',
  grantCredits: 'its Idempotency-Key',
  assignPlan: 'its plan',
  createCheckout: 'what is bought, while its page can be paid',
  createPortal: 'nothing: a page is good for one visit, and has no other effect',
  cancelSubscription: 'its subscription',
  resumeSubscription: 'its subscription',
  changePlan: 'its subscription and plan',
  requestQuote: 'what is asked for, and its Idempotency-Key where there is one',
  refundLegacy: 'its payment',
  stripeWebhook: 'what was paid for',
};

let api: Api;
beforeAll(async () => {
  api = await Api.open();
});
afterAll(() => api.stop());

test('every POST of the contract says what it is recognised by', () => {
  const posts = api.system.contract.operations.filter(({ method }: DescribedOperation) => method === 'POST');
  expect(posts.map(({ operationId }) => operationId).toSorted()).toEqual(Object.keys(RECOGNISED_BY).toSorted());
});

test('an estimate asked for twice is two estimates, and costs nothing either time', async () => {
  await api.nextNoon();
  const owner = await api.user();
  const body = { tool: api.metered.id, input: { maxCredits: 5 } };
  const [one, two] = [await owner.ok(createEstimate, { body }), await owner.ok(createEstimate, { body })];
  expect(one.estimateId).not.toBe(two.estimateId);
  expect(await api.balance(owner)).toMatchObject({ available: api.free.dailyFreeCredits, held: 0 });
});

describe('one estimate makes one run (R6)', () => {
  test('a repeated approval gets the same answer at any distance in time, whatever became of the run', async () => {
    for (const ending of ['settled', 'failed', 'lapsed'] as const) {
      const t = await api.nextNoon();
      const owner = await api.user();
      const { estimateId } = await api.quote(owner, 9);
      const asked = { body: { estimateId, holdSeconds: 7200 } };
      const { runId } = await owner.ok(createRun, asked);
      const params = { runId };
      if (ending === 'settled') await api.agent.ok(settleRun, { params, body: { credits: 4 } });
      if (ending === 'failed') await api.agent.ok(failRun, { params, body: { reason: 'x' } });
      await staysAnswered(api, t, owner, createRun, asked);
      const [line, ...others] = await api.history(owner, { kind: 'run' });
      expect([line?.id, others]).toEqual([runId, []]);
      expect(await faultsOf(api, owner)).toEqual([]);
    }
  });

  test('after an extension too; and to an agent under a standing rule', async () => {
    const t = await api.nextNoon();
    const owner = await api.user();
    await owner.ok(putPreferences, { body: { autoApproveUpTo: 50 } });
    const { estimateId } = await api.quote(owner, 9, api.agent);
    const { runId } = await api.agent.ok(createRun, { body: { estimateId } });
    await api.agent.ok(extendRun, { params: { runId }, body: { seconds: 3600 } });
    await owner.ok(putPreferences, { body: { autoApproveUpTo: null } });
    await staysAnswered(api, t, api.agent, createRun, { body: { estimateId } });
  });

  test('leaving holdSeconds out is asking for an hour; another time is another request', async () => {
    await api.nextNoon();
    const owner = await api.user();
    const { estimateId } = await api.quote(owner, 9);
    const first = await owner.ok(createRun, { body: { estimateId } });
    expect(await owner.ok(createRun, { body: { estimateId, holdSeconds: 3600 } })).toEqual(first);
    for (const ended of [false, true]) {
      if (ended) await api.agent.ok(settleRun, { params: { runId: first.runId }, body: { credits: 9 } });
      const other = await owner.refused(createRun, { body: { estimateId, holdSeconds: 3599 } });
      expect(other).toMatchObject({ status: 409, code: 'idempotency_mismatch' });
    }
    expect(await api.balance(owner)).toMatchObject({ runsToday: { used: 1 } });
  });

  test('a refused approval may be sent again once it is good', async () => {
    await api.nextNoon();
    const owner = await api.user();
    const { estimateId } = await api.quote(owner, api.free.dailyFreeCredits + 5);
    expect(await owner.refused(createRun, { body: { estimateId } })).toMatchObject({ code: 'insufficient_credits' });
    await api.promote(owner, 5);
    expect(await owner.ok(createRun, { body: { estimateId } })).toMatchObject({ status: 'held' });
  });
});

describe('one run has one outcome (R11)', () => {
  const endings: readonly { name: string; operation: Operation; body: object; other: object }[] = [
    { name: 'settled', operation: settleRun, body: { credits: 4 }, other: { credits: 5 } },
    { name: 'failed', operation: failRun, body: { reason: 'it broke' }, other: { reason: 'it burnt' } },
  ];

  test.each(endings)('$name: repeated it is answered the same, for ever', async ({ operation, body }) => {
    const t = await api.nextNoon();
    const owner = await api.user();
    const { runId } = await api.hold(owner, 9);
    await staysAnswered(api, t, api.agent, operation, { params: { runId }, body });
    expect(await faultsOf(api, owner)).toEqual([]);
  });

  test.each(endings)(
    '$name: any other end is a conflict that names it, for ever',
    async ({ name, operation, body, other }) => {
      const t = await api.nextNoon();
      const owner = await api.user();
      const { runId, receipt } = await api.hold(owner, 9);
      const params = { runId };
      await api.agent.ok(operation, { params, body });
      const before = await api.balance(owner);
      for (const later of [0, 2 * HOUR]) {
        await api.at(t + later);
        const conflict = { status: 409, code: `run_already_${name}`, problem: { outcome: name } };
        expect(await api.agent.refused(operation, { params, body: other })).toMatchObject(conflict);
        expect(await api.agent.refused(operation, { params, body: { ...other, receipt } })).toMatchObject(conflict);
        const opposite = endings.find((each) => each.name !== name);
        if (opposite === undefined) throw new Error('there are two ends');
        expect(await api.agent.refused(opposite.operation, { params, body: opposite.body })).toMatchObject(conflict);
        expect(await api.agent.refused(extendRun, { params, body: { seconds: 60 } })).toMatchObject(conflict);
      }
      expect(await api.balance(owner)).toEqual({ ...before, asOf: iso(t + 2 * HOUR) });
      expect(await faultsOf(api, owner)).toEqual([]);
    },
  );

  test('the same cost by usage and by credits, with a receipt or without, is the same settle', async () => {
    await api.nextNoon();
    const owner = await api.user();
    const { runId, receipt } = await api.hold(owner, 30);
    const usage = api.metered.exampleInput;
    const first = await api.agent.ok(settleRun, { params: { runId }, body: { usage } });
    expect(await api.agent.ok(settleRun, { params: { runId }, body: { usage, receipt } })).toEqual(first);
    const cost = first.charged + first.absorbed;
    expect(await api.agent.ok(settleRun, { params: { runId }, body: { credits: cost } })).toEqual(first);
  });

  test('the first late settle is what is absorbed; repeats and others change nothing', async () => {
    const t = await api.nextNoon();
    const owner = await api.user();
    const { runId } = await api.hold(owner, 9, 60);
    await api.at(t + MINUTE);
    for (const credits of [7, 7, 8]) {
      const late = await api.agent.refused(settleRun, { params: { runId }, body: { credits } });
      expect(late).toMatchObject({ status: 410, code: 'hold_expired' });
    }
    expect(await owner.ok(getRun, { params: { runId } })).toMatchObject({ status: 'expired', charged: 0, absorbed: 7 });
    expect(await faultsOf(api, owner)).toEqual([]);
  });
});

test('an extension repeated at once changes nothing', async () => {
  const t = await api.nextNoon();
  const owner = await api.user();
  const { runId } = await api.hold(owner, 9, 60);
  const asked = { params: { runId }, body: { seconds: 120 } };
  for (const at of [t, t, t + 30 * SECOND]) {
    await api.at(at);
    expect(await api.agent.ok(extendRun, asked)).toMatchObject({ expiresAt: iso(t + 180 * SECOND) });
  }
});

describe('what support does, it does once', () => {
  test('one Idempotency-Key, one grant, for ever; another body under it is a mismatch', async () => {
    const t = await api.nextNoon();
    const owner = await api.user();
    const params = { id: owner.sub };
    const headers = { 'idempotency-key': 'a-key' };
    const body = { credits: 5, reason: 'sorry', note: 'n', expiresAt: iso(t + HOUR) };
    await staysAnswered(api, t, api.support, grantCredits, { params, headers, body });
    const { note, ...shorter } = body;
    for (const other of [
      { ...body, credits: 6 },
      { ...body, reason: 'other' },
      { ...body, note: `${note}.` },
      shorter,
    ]) {
      const refused = await api.support.refused(grantCredits, { params, headers, body: other });
      expect(refused).toMatchObject({ status: 409, code: 'idempotency_mismatch' });
    }
    const reordered = JSON.stringify({ expiresAt: body.expiresAt, note, reason: body.reason, credits: 5.0 });
    const again = await api.support.send(grantCredits, { params, headers, rawBody: ` ${reordered} ` });
    expect(again.status).toBe(201);
    expect((await api.history(owner, { kind: 'grant' })).filter(({ actor }) => actor !== undefined)).toHaveLength(1);
  });

  test('a key is one account’s: under it another account gets its own grant', async () => {
    await api.nextNoon();
    const headers = { 'idempotency-key': 'shared-key' };
    for (const credits of [3, 4]) {
      const owner = await api.user();
      const body = { credits, reason: 'sorry' };
      await api.support.ok(grantCredits, { params: { id: owner.sub }, headers, body });
      expect(await api.balance(owner)).toMatchObject({ available: api.free.dailyFreeCredits + credits });
    }
  });

  test('a refund is given once; another reason or note is a mismatch', async () => {
    const t = await api.nextNoon();
    const owner = await api.user();
    const { runId } = await api.hold(owner, 9);
    await api.agent.ok(settleRun, { params: { runId }, body: { credits: 9 } });
    const asked = { params: { runId }, body: { reason: 'goodwill', note: 'n' } };
    await staysAnswered(api, t, api.support, refundRun, asked);
    for (const other of [
      { reason: 'service_fault', note: 'n' },
      { reason: 'goodwill' },
      { reason: 'goodwill', note: 'm' },
    ]) {
      const refused = await api.support.refused(refundRun, { params: { runId }, body: other });
      expect(refused).toMatchObject({ status: 409, code: 'idempotency_mismatch' });
    }
    expect(await api.history(owner, { kind: 'refund' })).toHaveLength(1);
    expect(await faultsOf(api, owner)).toEqual([]);
  });

  test('the plan an account is on, assigned again, changes nothing', async () => {
    await api.nextNoon();
    const owner = await api.user();
    const asked = { params: { id: owner.sub }, body: { planId: 'starter', reason: 'trial' } };
    const first = await api.support.ok(assignPlan, asked);
    expect(await api.support.ok(assignPlan, asked)).toEqual(first);
    expect(await api.history(owner, { kind: 'adjustment' })).toHaveLength(1);
  });

  test('a plan assigned under a key is not assigned again by a late repeat', async () => {
    const t = await api.nextNoon();
    const owner = await api.user();
    const params = { id: owner.sub };
    const headers = { 'idempotency-key': 'to-starter' };
    const asked = { params, body: { planId: 'starter', reason: 'trial' }, headers };
    const first = await api.support.ok(assignPlan, asked);
    await staysAnswered(api, t, api.support, assignPlan, asked);
    await api.support.ok(assignPlan, { params, body: { planId: 'pro', reason: 'upgrade' } });
    expect(await api.support.ok(assignPlan, asked)).toEqual(first);
    expect(await api.support.ok(getAccount, { params })).toMatchObject({ plan: 'pro' });
    const other = { ...asked, body: { planId: 'free', reason: 'trial' } };
    expect(await api.support.refused(assignPlan, other)).toMatchObject({ code: 'idempotency_mismatch' });
    const grant = { params, body: { credits: 5, reason: 'trial' }, headers };
    expect(await api.support.refused(grantCredits, grant)).toMatchObject({ code: 'idempotency_mismatch' });
  });
});
