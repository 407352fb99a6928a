import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addMonthsMs } from '../../lib/domain/time.ts';
import {
  cancelSubscription,
  changePlan,
  createCheckout,
  createPortal,
  resumeSubscription,
} from '../../lib/http/contract/billing.ts';
import { settleRun } from '../../lib/http/contract/settle.ts';
import type { Actor } from './actor.ts';
import { DAY, HOUR, iso } from './api.ts';
import { faultsOf } from './invariants.ts';
import { Shop, told } from './shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await Shop.open();
});
afterAll(() => shop.api.stop());

const GRACE = 3 * HOUR;

const isSound = async (owner: Actor): Promise<void> => expect(await faultsOf(shop.api, owner)).toEqual([]);

/** Runs that cost so many credits in all; the free ones of the day go first. */
const spend = async (owner: Actor, credits: number): Promise<void> => {
  for (let rest = credits; rest > 0; rest -= 300) {
    const run = await shop.api.hold(owner, Math.min(300, rest));
    await shop.api.agent.ok(settleRun, { params: { runId: run.runId }, body: { credits: Math.min(300, rest) } });
  }
};

/** What is left after spending all of the day's free credits. */
const spendFree = async (owner: Actor): Promise<void> => spend(owner, await shop.left(owner, 'free'));

/** An owner on a plan since now, a noon. */
const subscriber = async (planId: string) => {
  const boughtMs = await shop.api.nextNoon();
  const owner = await shop.api.user();
  const session = await shop.buy(owner, { planId });
  return { owner, boughtMs, session };
};

describe('a pack (R14, R16, R17)', () => {
  test('is granted once it is paid, never before, and ends six months later to the millisecond', async () => {
    const t = await shop.api.nextNoon();
    const owner = await shop.api.user();
    const { sessionId, url } = await owner.ok(createCheckout, { body: { packId: 'pack-500' } });
    expect(new URL(url).pathname).toContain(sessionId);
    expect(await shop.left(owner, 'pack')).toBe(0);
    const paid = await shop.pay(sessionId);
    const bought = (await shop.api.balance(owner)).grants.filter(({ kind }) => kind === 'pack');
    expect(bought).toMatchObject([{ granted: 500, remaining: 500 }]);
    const endsMs = Date.parse(bought[0]?.expiresAt ?? '');
    expect(Math.abs(endsMs - addMonthsMs(t, 6))).toBeLessThan(1000);
    const [line] = await shop.api.history(owner, { kind: 'grant' });
    expect(line).toMatchObject({
      credits: 500,
      reason: 'pack_purchased',
      packId: 'pack-500',
      payment: paid.paymentIntentId,
    });
    await isSound(owner);
    await shop.api.at(endsMs - 1);
    expect(await shop.left(owner, 'pack')).toBe(500);
    await shop.api.at(endsMs);
    expect(await shop.left(owner, 'pack')).toBe(0);
    await isSound(owner);
  });

  test('declined gives nothing, and may be tried again on the same page', async () => {
    const owner = await shop.api.user();
    const { sessionId } = await owner.ok(createCheckout, { body: { packId: 'pack-500' } });
    await shop.pay(sessionId, 'declined');
    expect(await shop.left(owner, 'pack')).toBe(0);
    expect(await owner.ok(createCheckout, { body: { packId: 'pack-500' } })).toMatchObject({ sessionId });
    await shop.pay(sessionId);
    expect(await shop.left(owner, 'pack')).toBe(500);
  });

  test('paid later gives its credits when the money is there', async () => {
    const t = await shop.api.nextNoon();
    const owner = await shop.api.user();
    const { sessionId } = await owner.ok(createCheckout, { body: { packId: 'pack-500' } });
    await shop.pay(sessionId, 'paid_later');
    await shop.api.at(t + DAY - 1000);
    expect(await shop.left(owner, 'pack')).toBe(0);
    await shop.api.at(t + DAY + 1000);
    expect(await shop.left(owner, 'pack')).toBe(500);
  });

  test('bought twice gives two grants, each with an end of its own', async () => {
    const t = await shop.api.nextNoon();
    const owner = await shop.api.user();
    await shop.buy(owner, { packId: 'pack-500' });
    await shop.api.at(t + DAY);
    await shop.buy(owner, { packId: 'pack-500' });
    const packs = (await shop.api.balance(owner)).grants.filter(({ kind }) => kind === 'pack');
    expect(packs.map(({ remaining }) => remaining)).toEqual([500, 500]);
    const [first, second] = packs.map(({ expiresAt }) => Date.parse(expiresAt));
    expect((second ?? 0) - (first ?? 0)).toBe(DAY);
  });
});

describe('a plan (R13, R16–R19, R25)', () => {
  test('is in force with its first payment', async () => {
    const { owner, boughtMs } = await subscriber('starter');
    expect(await shop.api.balance(owner)).toMatchObject({ plan: 'starter', runsToday: { limit: 100 } });
    expect(await shop.left(owner, 'subscription')).toBe(2000);
    const end = iso(addMonthsMs(boughtMs, 1));
    const billing = { plan: 'starter', status: 'active', renewsAt: end, endsAt: null, nextPlan: null };
    expect(await shop.billing(owner)).toMatchObject({
      ...billing,
      nextCharge: { amount: 1500, currency: 'usd', at: end },
    });
    const again = await owner.refused(createCheckout, { body: { planId: 'pro' } });
    expect(again).toMatchObject({ status: 409, code: 'already_subscribed' });
    expect(await owner.ok(createPortal)).toMatchObject({ url: expect.stringContaining('http') });
    await isSound(owner);
  });

  test('renews: the old credits last into the grace period, the payment resets them', async () => {
    const { owner, boughtMs } = await subscriber('starter');
    await spendFree(owner);
    await spend(owner, 500);
    const endMs = addMonthsMs(boughtMs, 1);
    await shop.api.at(endMs - 1);
    expect(await shop.left(owner, 'subscription')).toBe(1500);
    await shop.api.at(endMs);
    expect(await shop.left(owner, 'subscription')).toBe(1500);
    await shop.api.at(endMs + 2 * HOUR);
    expect(await shop.left(owner, 'subscription')).toBe(2000);
    expect(await shop.billing(owner)).toMatchObject({ status: 'active', renewsAt: iso(addMonthsMs(boughtMs, 2)) });
    await shop.api.at(endMs + DAY);
    expect(await shop.left(owner, 'subscription')).toBe(2000);
    await isSound(owner);
  });

  test('not paid, ends with the grace period; paid in a later attempt, goes on', async () => {
    const { owner, boughtMs, session } = await subscriber('starter');
    await shop.nextPayment(session.customer, 'fails');
    const endMs = addMonthsMs(boughtMs, 1);
    await shop.api.at(endMs + GRACE - 1);
    expect(await shop.left(owner, 'subscription')).toBe(2000);
    expect(await shop.billing(owner)).toMatchObject({ plan: 'starter', status: 'past_due' });
    await shop.api.at(endMs + GRACE);
    expect(await shop.left(owner, 'subscription')).toBe(0);
    expect((await shop.billing(owner)).paymentFailed).not.toBeNull();
    await shop.nextPayment(session.customer, 'succeeds');
    await shop.api.at(endMs + 4 * DAY);
    expect(await shop.left(owner, 'subscription')).toBe(2000);
    expect(await shop.billing(owner)).toMatchObject({ plan: 'starter', status: 'active', paymentFailed: null });
    await isSound(owner);
  });

  test('never paid again, is over when Stripe gives up', async () => {
    const { owner, boughtMs, session } = await subscriber('pro');
    await shop.nextPayment(session.customer, 'fails');
    await shop.api.at(addMonthsMs(boughtMs, 1) + 30 * DAY);
    expect(await shop.api.balance(owner)).toMatchObject({ plan: 'free', runsToday: { limit: 15 } });
    expect(await shop.left(owner, 'subscription')).toBe(0);
    expect(await shop.billing(owner)).toMatchObject({ plan: 'free', status: 'canceled', nextCharge: null });
    await shop.buy(owner, { planId: 'starter' });
    expect(await shop.left(owner, 'subscription')).toBe(2000);
    await isSound(owner);
  });

  test('upgraded, gives the new allowance at once, less what this cycle has spent', async () => {
    const { owner, boughtMs } = await subscriber('starter');
    await spendFree(owner);
    await spend(owner, 700);
    await shop.api.at(boughtMs + 10 * DAY);
    expect(await owner.ok(changePlan, { body: { planId: 'pro' } })).toMatchObject({ plan: 'pro', status: 'active' });
    expect(await shop.left(owner, 'subscription')).toBe(8000 - 700);
    expect(await owner.ok(changePlan, { body: { planId: 'pro' } })).toMatchObject({ plan: 'pro' });
    const endMs = addMonthsMs(boughtMs, 1);
    await shop.api.at(endMs + 2 * HOUR);
    expect(await shop.left(owner, 'subscription')).toBe(8000);
    await isSound(owner);
  });

  test('not upgraded where the card is declined', async () => {
    const { owner, session } = await subscriber('starter');
    await shop.nextPayment(session.customer, 'fails');
    const refused = await owner.refused(changePlan, { body: { planId: 'pro' } });
    expect(refused).toMatchObject({ status: 402, code: 'payment_declined' });
    expect(await shop.left(owner, 'subscription')).toBe(2000);
    expect(await shop.billing(owner)).toMatchObject({ plan: 'starter', status: 'active' });
  });

  test('downgraded, changes at the end of the cycle', async () => {
    const { owner, boughtMs } = await subscriber('pro');
    const endMs = addMonthsMs(boughtMs, 1);
    const pending = { plan: 'pro', nextPlan: { plan: 'starter', at: iso(endMs) }, nextCharge: { amount: 1500 } };
    expect(await owner.ok(changePlan, { body: { planId: 'starter' } })).toMatchObject(pending);
    await shop.api.at(endMs - 1);
    expect(await shop.api.balance(owner)).toMatchObject({ plan: 'pro', runsToday: { limit: null } });
    await shop.api.at(endMs);
    expect(await shop.api.balance(owner)).toMatchObject({ plan: 'starter', runsToday: { limit: 100 } });
    expect(await shop.left(owner, 'subscription')).toBe(8000);
    await shop.api.at(endMs + 2 * HOUR);
    expect(await shop.left(owner, 'subscription')).toBe(2000);
    expect(await shop.billing(owner)).toMatchObject({ plan: 'starter', status: 'active', nextPlan: null });
    await isSound(owner);
  });

  test('cancelled, lasts until the end of what is paid, and not a millisecond longer', async () => {
    const { owner, boughtMs } = await subscriber('starter');
    const endMs = addMonthsMs(boughtMs, 1);
    const ending = { renewsAt: null, endsAt: iso(endMs), nextCharge: null };
    expect(await owner.ok(cancelSubscription)).toMatchObject(ending);
    expect(await owner.ok(cancelSubscription)).toMatchObject(ending);
    await shop.api.at(endMs - 1);
    expect(await shop.api.balance(owner)).toMatchObject({ plan: 'starter' });
    expect(await shop.left(owner, 'subscription')).toBe(2000);
    await shop.webhooks(false);
    await shop.api.at(endMs);
    expect(await shop.api.balance(owner)).toMatchObject({ plan: 'free' });
    expect(await shop.left(owner, 'subscription')).toBe(0);
    await shop.webhooks(true);
    await shop.api.at(endMs + DAY);
    expect(await shop.billing(owner)).toMatchObject({ plan: 'free', status: 'canceled' });
    const late = await owner.refused(resumeSubscription);
    expect(late).toMatchObject({ status: 409, code: 'no_subscription' });
    await isSound(owner);
  });

  test('cancelled and taken back, renews', async () => {
    const { owner, boughtMs } = await subscriber('starter');
    await owner.ok(cancelSubscription);
    const endMs = addMonthsMs(boughtMs, 1);
    await shop.api.at(endMs - 1000);
    expect(await owner.ok(resumeSubscription)).toMatchObject({ endsAt: null, renewsAt: iso(endMs) });
    await shop.api.at(endMs + 2 * HOUR);
    expect(await shop.left(owner, 'subscription')).toBe(2000);
    expect(await shop.billing(owner)).toMatchObject({ status: 'active', renewsAt: iso(addMonthsMs(boughtMs, 2)) });
  });

  test('paid yearly, is granted month by month', async () => {
    const { owner, boughtMs } = await subscriber('pro-yearly');
    await spendFree(owner);
    await spend(owner, 600);
    for (const month of [1, 2, 11]) {
      const atMs = addMonthsMs(boughtMs, month);
      await shop.api.at(atMs - 1);
      if (month === 1) expect(await shop.left(owner, 'subscription')).toBe(7400);
      await shop.api.at(atMs);
      expect(await shop.left(owner, 'subscription')).toBe(8000);
    }
    await shop.api.at(addMonthsMs(boughtMs, 12) + 2 * HOUR);
    expect(await shop.billing(owner)).toMatchObject({ status: 'active', renewsAt: iso(addMonthsMs(boughtMs, 24)) });
    await isSound(owner);
  });

  test('two open sessions charge once', async () => {
    await shop.api.nextNoon();
    const owner = await shop.api.user();
    const first = await owner.ok(createCheckout, { body: { planId: 'starter' } });
    const second = await owner.ok(createCheckout, { body: { planId: 'pro' } });
    const paid = await Promise.allSettled([shop.pay(first.sessionId), shop.pay(second.sessionId)]);
    expect(paid.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await shop.left(owner, 'subscription')).toBe(8000);
  });
});

describe('money that goes back (R20)', () => {
  const owning = async (spent = 0) => {
    await shop.api.nextNoon();
    const owner = await shop.api.user();
    const { paymentIntentId } = await shop.buy(owner, { packId: 'pack-2000' });
    await spendFree(owner);
    await spend(owner, spent);
    return { owner, paymentIntentId };
  };

  test('in two parts takes the credits in proportion, each once', async () => {
    const { owner, paymentIntentId } = await owning();
    await shop.refund(paymentIntentId, 450);
    expect(await shop.left(owner, 'pack')).toBe(1500);
    await shop.refund(paymentIntentId, 1350);
    expect(await shop.left(owner, 'pack')).toBe(0);
    await shop.redeliver({ times: 3, order: 'shuffled', concurrently: true });
    const lines = await shop.api.history(owner, { kind: 'clawback' });
    expect(told(lines)).toEqual([
      ['clawback', -500, 'payment_refunded'],
      ['clawback', -1500, 'payment_refunded'],
    ]);
    await isSound(owner);
  });

  test('takes nothing below zero: what was spent is the shortfall', async () => {
    const { owner, paymentIntentId } = await owning(1200);
    await shop.refund(paymentIntentId);
    expect(await shop.left(owner, 'pack')).toBe(0);
    expect((await shop.api.history(owner, { kind: 'clawback' }))[0]).toMatchObject({ credits: -800, shortfall: 1200 });
    await isSound(owner);
  });

  test('takes what a run gives back later', async () => {
    const { owner, paymentIntentId } = await owning();
    const run = await shop.api.hold(owner, 300);
    await shop.refund(paymentIntentId);
    expect(await shop.api.balance(owner)).toMatchObject({ available: 0, held: 300 });
    await shop.api.agent.ok(settleRun, { params: { runId: run.runId }, body: { credits: 100 } });
    expect(await shop.api.balance(owner)).toMatchObject({ available: 0, held: 0 });
    await isSound(owner);
  });

  test.each([
    ['won', 1500, 0],
    ['lost', 0, 2000],
  ] as const)('disputed takes the rest; %s leaves %i', async (outcome, left, _) => {
    const { owner, paymentIntentId } = await owning(500);
    const disputeId = await shop.dispute(paymentIntentId);
    expect(await shop.left(owner, 'pack')).toBe(0);
    expect(await shop.api.balance(owner)).toMatchObject({ available: 0 });
    await shop.close(disputeId, outcome);
    expect(await shop.left(owner, 'pack')).toBe(left);
    await shop.redeliver({ times: 3, order: 'shuffled', concurrently: true });
    expect(await shop.left(owner, 'pack')).toBe(left);
    await isSound(owner);
  });

  test('of a plan takes this month’s credits, and leaves packs alone', async () => {
    const { owner, session } = await subscriber('starter');
    await shop.buy(owner, { packId: 'pack-500' });
    await shop.refund(session.paymentIntentId, 750);
    expect(await shop.left(owner, 'subscription')).toBe(1000);
    expect(await shop.left(owner, 'pack')).toBe(500);
    await isSound(owner);
  });
});

describe('whatever Stripe sends, and whatever gets lost (R17, R21)', () => {
  const story = async (owner: Actor): Promise<void> => {
    const { paymentIntentId } = await shop.buy(owner, { packId: 'pack-2000' });
    const { customer } = await shop.buy(owner, { planId: 'starter' });
    await shop.refund(paymentIntentId, 900);
    const dispute = await shop.dispute((await shop.buy(owner, { packId: 'pack-500' })).paymentIntentId);
    const boughtMs = await shop.api.system.clock.now();
    await shop.api.at(boughtMs + 5 * DAY);
    await shop.close(dispute, 'won');
    await owner.ok(changePlan, { body: { planId: 'pro' } });
    await shop.api.at(addMonthsMs(boughtMs, 1) + 2 * HOUR);
    await shop.nextPayment(customer, 'fails');
    await shop.api.at(addMonthsMs(boughtMs, 2) + 5 * HOUR);
    await shop.nextPayment(customer, 'succeeds');
    await shop.api.at(addMonthsMs(boughtMs, 2) + 4 * DAY);
    await owner.ok(changePlan, { body: { planId: 'starter' } });
    await shop.api.at(addMonthsMs(boughtMs, 3) + 2 * HOUR);
  };

  const state = async (owner: Actor) => {
    const { available, grants, plan } = await shop.api.balance(owner);
    return {
      available,
      plan,
      grants: grants.map(({ id: _, ...grant }) => grant),
      status: (await shop.billing(owner)).status,
    };
  };

  test('redelivered shuffled three times at once, all of it changes nothing', async () => {
    await shop.api.nextNoon();
    const owner = await shop.api.user();
    await story(owner);
    const before = { ...(await state(owner)), history: await shop.api.history(owner) };
    expect(before).toMatchObject({ plan: 'starter', status: 'active' });
    const statuses = await shop.redeliver({ times: 3, order: 'shuffled', concurrently: true });
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect({ ...(await state(owner)), history: await shop.api.history(owner) }).toEqual(before);
    await isSound(owner);
  });

  test('with webhooks off one reconciliation ends in the same balances', async () => {
    const balances: unknown[] = [];
    for (const deliver of [true, false]) {
      await shop.api.nextNoon();
      const owner = await shop.api.user();
      await shop.webhooks(deliver);
      await story(owner);
      await shop.reconcile();
      await shop.webhooks(true);
      const { available, plan, grants, status } = await state(owner);
      balances.push({ available, plan, status, grants: grants.map(({ expiresAt: _, ...grant }) => grant) });
      await isSound(owner);
    }
    expect(balances[1]).toEqual(balances[0]);
  });
});
