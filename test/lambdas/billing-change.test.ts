import { describe, expect, test } from 'vitest';
import { applyFact } from '../../lib/payments/apply-fact.ts';
import { type BillingWorld, DAY_MS, HOUR_MS, openBilling, START_MS } from './billing-world.ts';

const iso = (ms: number) => new Date(ms).toISOString();
const FEB_28 = Date.UTC(2027, 1, 28, 12);
const MAR_31 = Date.UTC(2027, 2, 31, 12);
const YEAR_ON = Date.UTC(2028, 0, 31, 12);

const subscribed = async (planId = 'starter'): Promise<BillingWorld> => {
  const world = await openBilling();
  await world.buy({ planId });
  await world.moveTo(START_MS + HOUR_MS);
  return world;
};
const change = (world: BillingWorld, planId: string) => world.call('changePlan', { body: { planId } });
const cycleCredits = async (world: BillingWorld): Promise<readonly number[]> =>
  (await world.account()).grants.filter(({ kind }) => kind === 'subscription').map(({ granted }) => granted);
const refused = (status: number, code: string) => ({ status, body: { code } });

describe('without a live subscription', () => {
  test.each(['cancel', 'resume', 'changePlan'] as const)('%s', async (name) => {
    const world = await openBilling();
    const body = name === 'changePlan' ? { planId: 'pro' } : undefined;
    expect(await world.call(name, { body })).toMatchObject(refused(409, 'no_subscription'));
    await world.buy({ planId: 'starter' });
    await world.call('cancel');
    await world.moveTo(FEB_28);
    expect(await world.call(name, { body })).toMatchObject(refused(409, 'no_subscription'));
  });

  test.each(['cancel', 'resume', 'changePlan'] as const)('ended at Stripe, and nobody told: %s', async (name) => {
    const world = await subscribed();
    world.webhooks.heard = false;
    await world.stripe.subscriptions.cancel((await world.subscriptionAtStripe()).id);
    const body = name === 'changePlan' ? { planId: 'pro' } : undefined;
    expect(await world.call(name, { body })).toMatchObject(refused(409, 'no_subscription'));
    expect(await world.billing()).toMatchObject({ subscription: { status: 'canceled' }, change: null });
  });
});

describe('cancel and resume (R18)', () => {
  test('cancelled, benefits stay until the period’s end, and a repeat says the same', async () => {
    const world = await subscribed();
    const cancelled = await world.call('cancel', { body: {} });
    expect(cancelled).toMatchObject({
      status: 200,
      body: { plan: 'starter', status: 'active', renewsAt: null, endsAt: iso(FEB_28), nextCharge: null },
    });
    expect(await world.call('cancel')).toEqual(cancelled);
    expect((await world.subscriptionAtStripe()).cancel_at_period_end).toBe(true);
    expect(await cycleCredits(world)).toEqual([2000]);
    await world.moveTo(FEB_28 + DAY_MS);
    expect((await world.call('view')).body).toMatchObject({ plan: 'free', status: 'canceled' });
    expect((await world.stripe.invoices.list()).data).toHaveLength(1);
  });

  test('taken back until then, to and fro, with a repeat', async () => {
    const world = await subscribed();
    const running = await world.call('view');
    for (let round = 0; round < 3; round++) {
      expect((await world.call('cancel')).body).toMatchObject({ endsAt: iso(FEB_28) });
      expect(await world.call('resume')).toEqual(running);
      expect(await world.call('resume')).toEqual(running);
    }
    await world.moveTo(FEB_28 + 2 * HOUR_MS);
    expect((await world.call('view')).body).toMatchObject({ plan: 'starter', renewsAt: iso(MAR_31) });
  });

  test('a cancellation takes the place of a downgrade', async () => {
    const world = await subscribed('pro');
    await change(world, 'starter');
    expect((await world.call('cancel')).body).toMatchObject({ plan: 'pro', endsAt: iso(FEB_28), nextPlan: null });
    expect(await world.subscriptionAtStripe()).toMatchObject({ schedule: null, cancel_at_period_end: true });
    expect((await world.call('resume')).body).toMatchObject({ plan: 'pro', endsAt: null, nextPlan: null });
  });

  test('past due: no further charge, so it ends at once', async () => {
    const world = await subscribed();
    await world.card('fails');
    await world.moveTo(FEB_28 + 2 * HOUR_MS);
    const over = await world.call('cancel');
    expect(over).toMatchObject({ status: 200, body: { plan: 'free', status: 'canceled', paymentFailed: null } });
    world.clock.nowMs += DAY_MS;
    expect(await world.call('cancel')).toMatchObject({ status: 200, body: { plan: 'free', status: 'canceled' } });
    await world.card('succeeds');
    await world.moveTo(FEB_28 + 30 * DAY_MS);
    const { data } = await world.stripe.invoices.list({ status: 'paid' });
    expect(data).toHaveLength(1);
    await world.buy({ planId: 'pro' });
    expect((await world.call('view')).body).toMatchObject({ plan: 'pro', status: 'active' });
  });
});

describe('unpaid, because Stripe has given up on it (R19)', () => {
  const givenUp = async () => {
    const world = await subscribed();
    await world.card('fails');
    await world.moveTo(FEB_28 + 2 * HOUR_MS);
    const { ask } = world.deps;
    /** As Stripe tells of it: set to mark what it gives up on, and not to end it. */
    const told = async (id: string) => {
      const asked = await ask.subscription(id);
      if (asked?.subscription.status !== 'past_due') return asked;
      return { ...asked, subscription: { ...asked.subscription, status: 'unpaid' } } as const;
    };
    const through = { ...world.deps, ask: { ...ask, subscription: told } };
    const { subscription } = await world.billing();
    const unpaid = await told(subscription?.id ?? '');
    if (unpaid === null) throw new Error('there is a subscription');
    world.clock.nowMs += HOUR_MS;
    const asOfMs = world.clock.nowMs;
    await applyFact(through, { fact: 'subscription', ...unpaid, subscription: { ...unpaid.subscription, asOfMs } });
    return { world, through };
  };

  test('the plan is free; another is not sold while it can still be paid', async () => {
    const { world, through } = await givenUp();
    const view = await world.call('view', {}, { through });
    expect(view.body).toMatchObject({ plan: 'free', status: 'unpaid', nextCharge: null, nextPlan: null });
    const bought = await world.call('checkout', { body: { planId: 'pro' } }, { through });
    expect(bought).toMatchObject(refused(409, 'already_subscribed'));
    const changed = await world.call('changePlan', { body: { planId: 'pro' } }, { through });
    expect(changed).toMatchObject(refused(409, 'subscription_past_due'));
  });

  test('it is cancelled at once, and then another is sold', async () => {
    const { world, through } = await givenUp();
    const over = await world.call('cancel', {}, { through });
    expect(over).toMatchObject({ status: 200, body: { plan: 'free', status: 'canceled' } });
    expect((await world.subscriptionAtStripe()).status).toBe('canceled');
    await world.card('succeeds');
    await world.buy({ planId: 'pro' });
    expect((await world.call('view')).body).toMatchObject({ plan: 'pro', status: 'active' });
  });
});

describe('change-plan', () => {
  test.each([
    ['free', 'cancel'],
    ['enterprise', 'is not in the catalog'],
    ['pack-500', 'is not in the catalog'],
  ])('%s is not sold', async (planId, message) => {
    const world = await subscribed();
    expect(await change(world, planId)).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'planId', message: expect.stringContaining(message) }] },
    });
  });

  test('the current plan, and nothing pending: nothing happens', async () => {
    const world = await subscribed();
    const before = await world.call('view');
    expect(await change(world, 'starter')).toEqual(before);
    expect((await world.stripe.invoices.list()).data).toHaveLength(1);
  });

  // what is bought, what is asked for → in the middle of the month: plan, credits, renewal, whether Stripe's answer alone does it
  test.each([
    ['starter', 'pro', 8000, FEB_28, true],
    ['starter', 'pro', 8000, FEB_28, false],
    ['pro', 'pro-yearly', 8000, null, true],
    ['pro', 'pro-yearly', 8000, null, false],
    ['starter', 'pro-yearly', 8000, null, false],
  ])('upgrade from %s to %s: at once, told by Stripe or not', async (from, to, credits, renewsAt, heard) => {
    const world = await subscribed(from);
    await world.moveTo(START_MS + 14 * DAY_MS);
    world.webhooks.heard = heard;
    const upgraded = await change(world, to);
    const at = renewsAt ?? Date.UTC(2028, 1, 14, 12);
    expect(upgraded).toMatchObject({
      status: 200,
      body: { plan: to, status: 'active', renewsAt: iso(at), nextPlan: null, nextCharge: { at: iso(at) } },
    });
    expect(await cycleCredits(world)).toEqual([credits]);
    const { data } = await world.stripe.invoices.list();
    expect(data.map(({ status }) => status)).toEqual(['paid', 'paid']);
    expect(data[0]?.amount_paid).toBeGreaterThan(0);
    expect(await change(world, to)).toEqual(upgraded);
    expect((await world.stripe.invoices.list()).data).toHaveLength(2);
    expect(await world.billing()).toMatchObject({ change: null });
  });

  test('an upgrade that is declined changes nothing, and goes through once the card does', async () => {
    const world = await subscribed();
    const before = await world.call('view');
    await world.card('fails');
    for (let tries = 0; tries < 2; tries++) {
      expect(await change(world, 'pro')).toMatchObject(refused(402, 'payment_declined'));
      expect(await world.call('view')).toEqual(before);
    }
    expect(await cycleCredits(world)).toEqual([2000]);
    await world.card('succeeds');
    expect(await change(world, 'pro')).toMatchObject({ status: 200, body: { plan: 'pro' } });
  });

  // what is bought, what is asked for → what comes at the period's end
  test.each([
    ['pro', 'starter', FEB_28, MAR_31, 1500, 2000, true],
    ['pro', 'starter', FEB_28, MAR_31, 1500, 2000, false],
    ['pro-yearly', 'pro', YEAR_ON, Date.UTC(2028, 1, 29, 12), 4900, 8000, true],
    ['pro-yearly', 'starter', YEAR_ON, Date.UTC(2028, 1, 29, 12), 1500, 2000, true],
  ])('downgrade from %s to %s: at the period’s end', async (from, to, at, next, amount, credits, heard) => {
    const world = await subscribed(from);
    world.webhooks.heard = heard;
    const pending = await change(world, to);
    expect(pending).toMatchObject({
      status: 200,
      body: {
        plan: from,
        status: 'active',
        renewsAt: iso(at),
        nextPlan: { plan: to, at: iso(at) },
        nextCharge: { amount, at: iso(at) },
      },
    });
    expect(await change(world, to)).toEqual(pending);
    expect((await world.stripe.invoices.list()).data).toHaveLength(1);
    expect((await world.account()).cycle?.paid?.nextPlanId).toBe(to);
    world.webhooks.heard = true;
    await world.moveTo(at - 1);
    expect((await world.call('view')).body).toMatchObject({ plan: from });
    await world.moveTo(at);
    expect((await world.call('view')).body).toMatchObject({ plan: to, nextPlan: null });
    await world.moveTo(at + 2 * HOUR_MS);
    expect((await world.call('view')).body).toMatchObject({ plan: to, status: 'active', renewsAt: iso(next) });
    expect(await cycleCredits(world)).toEqual([credits]);
  });

  test('asking for the current plan takes a downgrade back', async () => {
    const world = await subscribed('pro');
    const before = await world.call('view');
    await change(world, 'starter');
    expect(await change(world, 'pro')).toEqual(before);
    expect((await world.subscriptionAtStripe()).schedule).toBeNull();
    expect((await world.account()).cycle?.paid?.nextPlanId).toBeNull();
    await world.moveTo(FEB_28 + 2 * HOUR_MS);
    expect((await world.call('view')).body).toMatchObject({ plan: 'pro', nextCharge: { amount: 4900 } });
  });

  test('one downgrade takes the place of another, and an upgrade of both', async () => {
    const world = await subscribed('pro-yearly');
    expect((await change(world, 'pro')).body).toMatchObject({
      nextPlan: { plan: 'pro' },
      nextCharge: { amount: 4900 },
    });
    expect((await change(world, 'starter')).body).toMatchObject({ nextPlan: { plan: 'starter' } });
    await world.moveTo(YEAR_ON);
    expect((await world.call('view')).body).toMatchObject({ plan: 'starter' });
    await world.moveTo(YEAR_ON + 2 * HOUR_MS);
    await change(world, 'pro');
    await change(world, 'starter');
    expect((await change(world, 'pro-yearly')).body).toMatchObject({ plan: 'pro-yearly', nextPlan: null });
    expect((await world.subscriptionAtStripe()).schedule).toBeNull();
  });

  test('a declined upgrade leaves the downgrade that was on its way', async () => {
    const world = await subscribed('pro');
    const pending = await change(world, 'starter');
    await world.card('fails');
    expect(await change(world, 'pro-yearly')).toMatchObject(refused(402, 'payment_declined'));
    expect(await world.call('view')).toEqual(pending);
    await world.card('succeeds');
    await world.moveTo(FEB_28 + 2 * HOUR_MS);
    expect((await world.call('view')).body).toMatchObject({ plan: 'starter', status: 'active' });
  });

  test('while it is past due, or is to end: refused', async () => {
    const world = await subscribed();
    await world.call('cancel');
    for (const planId of ['starter', 'pro']) {
      expect(await change(world, planId)).toMatchObject(refused(409, 'subscription_ending'));
    }
    await world.call('resume');
    await world.card('fails');
    await world.moveTo(FEB_28 + 2 * HOUR_MS);
    expect(await change(world, 'pro')).toMatchObject(refused(409, 'subscription_past_due'));
  });

  test('past due though nobody told: Stripe is asked first', async () => {
    const world = await subscribed();
    await world.card('fails');
    world.webhooks.heard = false;
    await world.moveTo(FEB_28 + 2 * HOUR_MS);
    expect(await change(world, 'pro')).toMatchObject(refused(409, 'subscription_past_due'));
  });
});

describe('at once', () => {
  test('ten times the same upgrade: charged once', async () => {
    const world = await subscribed();
    const ten = await Promise.all(Array.from({ length: 10 }, () => change(world, 'pro')));
    expect(ten.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
    expect((await world.stripe.invoices.list()).data).toHaveLength(2);
    expect(await cycleCredits(world)).toEqual([8000]);
  });

  test('ten times the same downgrade: one schedule', async () => {
    const world = await subscribed('pro');
    const ten = await Promise.all(Array.from({ length: 10 }, () => change(world, 'starter')));
    expect(new Set(ten.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect((await world.call('view')).body).toMatchObject({ nextPlan: { plan: 'starter' } });
  });

  test('different changes: one at a time, the others are told to come again or that it ends, and no state is mixed', async () => {
    const world = await subscribed('pro');
    const wishes = ['starter', 'pro-yearly', 'pro', 'starter', 'pro-yearly'];
    const answers = await Promise.all([...wishes.map((planId) => change(world, planId)), world.call('cancel')]);
    const cancelled = answers.at(-1)?.status === 200;
    for (const { status, headers, body } of answers) {
      expect([200, 503, ...(cancelled ? [409] : [])]).toContain(status);
      if (status === 503) expect(headers['retry-after']).toBe('15');
      if (status === 409) expect(body).toMatchObject({ code: 'subscription_ending' });
    }
    expect(answers.map(({ status }) => status)).toContain(200);
    world.clock.nowMs += 15_000;
    if (cancelled) expect(await world.call('resume')).toMatchObject({ status: 200 });
    expect(await change(world, 'pro-yearly')).toMatchObject({
      status: 200,
      body: { plan: 'pro-yearly', nextPlan: null },
    });
  });
});
