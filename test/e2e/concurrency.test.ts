import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { getRun, putPreferences } from '../../lib/http/contract/account.ts';
import { createRun } from '../../lib/http/contract/approve.ts';
import { extendRun, failRun, settleRun } from '../../lib/http/contract/settle.ts';
import { assignPlan, grantCredits, refundRun } from '../../lib/http/contract/support.ts';
import type { Actor } from './actor.ts';
import { Api, SECOND } from './api.ts';
import type { Reply } from './harness.ts';
import { faultsOf } from './invariants.ts';

const AT_ONCE = 24;

let api: Api;
beforeAll(async () => {
  api = await Api.open();
});
afterAll(() => api.stop());

const times = <T>(count: number, make: (at: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, at) => make(at)));

/** How often each status was answered. */
const tally = (replies: readonly Reply[]): Record<number, number> => {
  const counts: Record<number, number> = {};
  for (const { status } of replies) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};

const quotes = (owner: Actor, credits: number, count = AT_ONCE): Promise<string[]> =>
  times(count, async () => (await api.quote(owner, credits)).estimateId);

const approveAll = (owner: Actor, estimateIds: readonly string[]): Promise<Reply[]> =>
  Promise.all(estimateIds.map((estimateId) => owner.send(createRun, { body: { estimateId } })));

/** A rare write may lose to a storm of holds until it is told to come again; it does, as every client would. */
const patiently = async (send: () => Promise<Reply>): Promise<void> => {
  for (let tries = 0; tries < 20; tries++) {
    const { status, text } = await send();
    if (status < 400) return;
    expect(status, text).toBe(503);
  }
  throw new Error('never taken');
};

const grantOf = (owner: Actor, credits: number, key: string) => ({
  params: { id: owner.sub },
  headers: { 'idempotency-key': key },
  body: { credits, reason: 'welcome' },
});

describe('24 approvals at once on a free account', () => {
  test('of one credit each: exactly as many as the run limit allows (R8)', async () => {
    await api.nextNoon();
    const owner = await api.user();
    const limit = api.free.dailyRunLimit ?? 0;
    expect(limit).toBeLessThan(AT_ONCE);
    const replies = await approveAll(owner, await quotes(owner, 1));
    expect(tally(replies)).toEqual({ 201: limit, 429: AT_ONCE - limit });
    const available = api.free.dailyFreeCredits - limit;
    expect(await api.balance(owner)).toMatchObject({ available, held: limit, runsToday: { used: limit, limit } });
    expect(await faultsOf(api, owner)).toEqual([]);
  });

  test.each([5, 13, 40])('of %i credits each: exactly as many as the balance allows (R5)', async (credits) => {
    await api.nextNoon();
    const owner = await api.user();
    const { dailyFreeCredits: allowance, dailyRunLimit } = api.free;
    const admitted = Math.min(Math.floor(allowance / credits), dailyRunLimit ?? AT_ONCE);
    const replies = await approveAll(owner, await quotes(owner, credits));
    expect(tally(replies)).toEqual({ 201: admitted, 402: AT_ONCE - admitted });
    const rest = allowance - admitted * credits;
    for (const { status, body } of replies) {
      if (status === 402) expect(body).toMatchObject({ needed: credits, available: expect.any(Number) });
    }
    expect(await api.balance(owner)).toMatchObject({ available: rest, held: admitted * credits });
    expect(await faultsOf(api, owner)).toEqual([]);
  });

  test('across several grants, each drained to its last credit', async () => {
    const t = await api.nextNoon();
    const owner = await api.user();
    for (const credits of [3, 4, 5]) await api.promote(owner, credits, t + credits * 3600 * SECOND);
    const total = api.free.dailyFreeCredits + 12;
    const replies = await approveAll(owner, await quotes(owner, 4));
    expect(tally(replies)).toEqual({ 201: Math.floor(total / 4), 402: AT_ONCE - Math.floor(total / 4) });
    expect(await api.balance(owner)).toMatchObject({ available: total % 4, held: total - (total % 4) });
    expect(await faultsOf(api, owner)).toEqual([]);
  });

  test('of an account nobody has used yet, whose first write they all are', async () => {
    await api.nextNoon();
    const owner = await api.user('never-seen-before');
    const replies = await approveAll(owner, await quotes(owner, 10));
    expect(tally(replies)).toEqual({ 201: 4, 402: 20 });
    expect(await faultsOf(api, owner)).toEqual([]);
  });

  test('on the stroke of midnight: today’s credits, today’s limit, once (R12)', async () => {
    const midnight = (await api.nextNoon()) + 12 * 3600 * SECOND;
    const owner = await api.user();
    await api.at(midnight - 1);
    const yesterday = await api.hold(owner, 30);
    const waiting = await quotes(owner, 5);
    await api.at(midnight);
    const allowance = api.free.dailyFreeCredits;
    const replies = await approveAll(owner, waiting);
    expect(tally(replies)).toEqual({ 201: allowance / 5, 402: AT_ONCE - allowance / 5 });
    await api.agent.ok(failRun, { params: { runId: yesterday.runId }, body: { reason: 'late' } });
    expect(await api.balance(owner)).toMatchObject({ available: 0, held: allowance });
    expect(await faultsOf(api, owner)).toEqual([]);
  });
});

describe('the same thing 24 times at once is done once', () => {
  test('an approval, by the owner and by an agent under a rule (R6)', async () => {
    await api.nextNoon();
    const owner = await api.user();
    await owner.ok(putPreferences, { body: { autoApproveUpTo: 10 } });
    const { estimateId } = await api.quote(owner, 10);
    const replies = await times(AT_ONCE, (at) =>
      (at % 2 ? api.agent : owner).send(createRun, { body: { estimateId } }),
    );
    expect(new Set(replies.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(await api.balance(owner)).toMatchObject({ held: 10, runsToday: { used: 1 } });
    expect(await api.history(owner, { kind: 'run' })).toHaveLength(1);
    expect(await faultsOf(api, owner)).toEqual([]);
  });

  test('an approval with two different bodies: one of them is the run, the other a mismatch', async () => {
    await api.nextNoon();
    const owner = await api.user();
    const { estimateId } = await api.quote(owner, 10);
    const replies = await times(AT_ONCE, (at) =>
      owner.send(createRun, { body: { estimateId, holdSeconds: at % 2 ? 600 : 1200 } }),
    );
    expect(tally(replies)).toEqual({ 201: 12, 409: 12 });
    expect(await api.balance(owner)).toMatchObject({ held: 10, runsToday: { used: 1 } });
  });

  test('a grant, a refund, a plan', async () => {
    await api.nextNoon();
    const owner = await api.user();
    const params = { id: owner.sub };
    const headers = { 'idempotency-key': 'all-at-once' };
    const grants = await times(AT_ONCE, () =>
      api.support.send(grantCredits, { params, headers, body: { credits: 9, reason: 'x' } }),
    );
    expect(new Set(grants.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    const { runId } = await api.hold(owner, 20);
    await api.agent.ok(settleRun, { params: { runId }, body: { credits: 20 } });
    const refunds = await times(AT_ONCE, () =>
      api.support.send(refundRun, { params: { runId }, body: { reason: 'goodwill' } }),
    );
    expect(new Set(refunds.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    const plans = await times(AT_ONCE, () =>
      api.support.send(assignPlan, { params, body: { planId: 'starter', reason: 'x' } }),
    );
    expect(tally(plans)).toEqual({ 200: AT_ONCE });
    const lines = await api.history(owner);
    const kinds = ['grant', 'refund', 'adjustment'].map((kind) => lines.filter((line) => line.kind === kind).length);
    expect(kinds).toEqual([2, 1, 1]);
    expect(await faultsOf(api, owner)).toEqual([]);
  });
});

describe('a storm of ends leaves each run one outcome (R11, I5)', () => {
  test('settle and fail of one run, with receipts and without', async () => {
    for (let round = 0; round < 3; round++) {
      await api.nextNoon();
      const owner = await api.user();
      const { runId, receipt } = await api.hold(owner, 20);
      const params = { runId };
      const replies = await times(AT_ONCE, (at) => {
        const withReceipt = at % 4 < 2 ? { receipt } : {};
        return at % 2
          ? api.agent.send(settleRun, { params, body: { credits: 7 + (at % 3), ...withReceipt } })
          : api.agent.send(failRun, { params, body: { reason: `reason ${at % 3}`, ...withReceipt } });
      });
      const won = replies.filter(({ status }) => status === 200);
      expect(new Set(won.map(({ text }) => text)).size).toBe(1);
      const run = await owner.ok(getRun, { params });
      expect(won[0]?.body).toMatchObject({ status: run.status, charged: run.charged, released: run.released });
      const lost = replies.filter(({ status }) => status !== 200);
      for (const { status, body } of lost) {
        expect({ status, body }).toMatchObject({ status: 409, body: { code: `run_already_${run.status}` } });
      }
      const available = api.free.dailyFreeCredits - run.charged;
      expect(await api.balance(owner)).toMatchObject({ available, held: 0 });
      expect(await faultsOf(api, owner)).toEqual([]);
    }
  });

  test('settles, extensions and the lapse itself, while the clock passes the deadline', async () => {
    const t = await api.nextNoon();
    const owner = await api.user();
    await api.promote(owner, 100);
    const runs = await times(8, () => api.hold(owner, 5, 60));
    const storm = runs.flatMap(({ runId }) => [
      () => api.agent.send(settleRun, { params: { runId }, body: { credits: 3 } }),
      () => api.agent.send(failRun, { params: { runId }, body: { reason: 'x' } }),
      () => api.agent.send(extendRun, { params: { runId }, body: { seconds: 1 } }),
    ]);
    const half = storm.length / 2;
    await Promise.all([
      ...storm.slice(0, half).map((send) => send()),
      api.at(t + 60 * SECOND),
      ...storm.slice(half).map((send) => send()),
      ...Array.from({ length: 4 }, () => api.balance(owner)),
    ]);
    await api.at(t + 62 * SECOND);
    const ended = await Promise.all(runs.map(({ runId }) => owner.ok(getRun, { params: { runId } })));
    expect(ended.map(({ status }) => status)).not.toContain('held');
    expect(await api.balance(owner)).toMatchObject({ held: 0 });
    expect(await faultsOf(api, owner)).toEqual([]);
  });

  test('whole runs side by side, while support grants and the owner changes the rule', async () => {
    await api.nextNoon();
    const owner = await api.user();
    await api.support.ok(assignPlan, { params: { id: owner.sub }, body: { planId: 'pro', reason: 'room' } });
    const oneRun = async (at: number): Promise<number> => {
      const { runId } = await api.hold(owner, 10);
      const params = { runId };
      if (at % 3 === 0) return (await api.agent.ok(failRun, { params, body: { reason: 'x' } })).charged;
      return (await api.agent.ok(settleRun, { params, body: { credits: at } })).charged;
    };
    const before = (await api.balance(owner)).available;
    const [charges] = await Promise.all([
      times(AT_ONCE, oneRun),
      times(5, (at) => patiently(() => api.support.send(grantCredits, grantOf(owner, 2, `storm-${at}`)))),
      times(5, (at) => patiently(() => owner.send(putPreferences, { body: { autoApproveUpTo: at } }))),
    ]);
    const charged = charges.reduce((sum, each) => sum + each, 0);
    expect(charges).toEqual(Array.from({ length: AT_ONCE }, (_, at) => (at % 3 === 0 ? 0 : Math.min(at, 10))));
    expect(await api.balance(owner)).toMatchObject({ available: before - charged + 10, held: 0 });
    expect(await faultsOf(api, owner)).toEqual([]);
  });

  test('accounts do not stand in each other’s way', async () => {
    await api.nextNoon();
    const owners = await times(8, () => api.user());
    const replies = await Promise.all(owners.map(async (owner) => approveAll(owner, await quotes(owner, 20, 3))));
    for (const [at, owner] of owners.entries()) {
      expect(tally(replies[at] ?? [])).toEqual({ 201: 2, 402: 1 });
      expect(await faultsOf(api, owner)).toEqual([]);
    }
  });
});
