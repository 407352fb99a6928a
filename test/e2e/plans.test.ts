import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addMonthsMs } from '../../lib/domain/time.ts';
import {
  cancelSubscription,
  changePlan,
  createCheckout,
  createPortal,
  resumeSubscription,
} from '../../lib/http/contract/billing.ts';
import { DAY, HOUR, iso } from './api.ts';
import { Shop } from './shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await Shop.open();
});
afterAll(() => shop.api.stop());

const GRACE = 3 * HOUR;

describe('a plan (R13, R16–R19, R25)', () => {
  test('is in force with its first payment', async () => {
    const { owner, boughtMs } = await shop.subscriber('starter');
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
    await shop.isSound(owner);
  });

  test('renews: the old credits last into the grace period, the payment resets them', async () => {
    const { owner, boughtMs } = await shop.subscriber('starter');
    await shop.spendFree(owner);
    await shop.spend(owner, 500);
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
    await shop.isSound(owner);
  });

  test('not paid, ends with the grace period; paid in a later attempt, goes on', async () => {
    const { owner, boughtMs, session } = await shop.subscriber('starter');
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
    await shop.isSound(owner);
  });

  test('never paid again, is over when Stripe gives up', async () => {
    const { owner, boughtMs, session } = await shop.subscriber('pro');
    await shop.nextPayment(session.customer, 'fails');
    await shop.api.at(addMonthsMs(boughtMs, 1) + 30 * DAY);
    expect(await shop.api.balance(owner)).toMatchObject({ plan: 'free', runsToday: { limit: 15 } });
    expect(await shop.left(owner, 'subscription')).toBe(0);
    expect(await shop.billing(owner)).toMatchObject({ plan: 'free', status: 'canceled', nextCharge: null });
    await shop.buy(owner, { planId: 'starter' });
    expect(await shop.left(owner, 'subscription')).toBe(2000);
    await shop.isSound(owner);
  });

  test('upgraded, gives the new allowance at once, less what this cycle has spent', async () => {
    const { owner, boughtMs } = await shop.subscriber('starter');
    await shop.spendFree(owner);
    await shop.spend(owner, 700);
    await shop.api.at(boughtMs + 10 * DAY);
    expect(await owner.ok(changePlan, { body: { planId: 'pro' } })).toMatchObject({ plan: 'pro', status: 'active' });
    expect(await shop.left(owner, 'subscription')).toBe(8000 - 700);
    expect(await owner.ok(changePlan, { body: { planId: 'pro' } })).toMatchObject({ plan: 'pro' });
    const endMs = addMonthsMs(boughtMs, 1);
    await shop.api.at(endMs + 2 * HOUR);
    expect(await shop.left(owner, 'subscription')).toBe(8000);
    await shop.isSound(owner);
  });

  test('upgraded in the very second it was bought, gives the new allowance too', async () => {
    const { owner } = await shop.subscriber('starter');
    await owner.ok(changePlan, { body: { planId: 'pro' } });
    expect(await shop.left(owner, 'subscription')).toBe(8000);
    await shop.redeliver({ times: 2, order: 'reversed', concurrently: false });
    expect(await shop.left(owner, 'subscription')).toBe(8000);
  });

  test('bought while no webhook comes, can be upgraded and cancelled all the same', async () => {
    await shop.webhooks(false);
    const { owner, boughtMs } = await shop.subscriber('starter');
    expect(await owner.ok(changePlan, { body: { planId: 'pro' } })).toMatchObject({ plan: 'pro', status: 'active' });
    expect(await shop.left(owner, 'subscription')).toBe(8000);
    expect(await owner.ok(cancelSubscription)).toMatchObject({ endsAt: iso(addMonthsMs(boughtMs, 1)) });
    await shop.webhooks(true);
  });

  test('not upgraded where the card is declined', async () => {
    const { owner, session } = await shop.subscriber('starter');
    await shop.nextPayment(session.customer, 'fails');
    const refused = await owner.refused(changePlan, { body: { planId: 'pro' } });
    expect(refused).toMatchObject({ status: 402, code: 'payment_declined' });
    expect(await shop.left(owner, 'subscription')).toBe(2000);
    expect(await shop.billing(owner)).toMatchObject({ plan: 'starter', status: 'active' });
  });

  test('downgraded, changes at the end of the cycle', async () => {
    const { owner, boughtMs } = await shop.subscriber('pro');
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
    await shop.isSound(owner);
  });

  test('cancelled, lasts until the end of what is paid, and not a millisecond longer', async () => {
    const { owner, boughtMs } = await shop.subscriber('starter');
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
    await shop.isSound(owner);
  });

  test('cancelled in the hour in which its renewal is not charged yet, ends at once and is not charged', async () => {
    const { owner, boughtMs, session } = await shop.subscriber('starter');
    const endMs = addMonthsMs(boughtMs, 1);
    await shop.api.at(endMs + HOUR / 2);
    expect(await shop.billing(owner)).toMatchObject({ status: 'active', nextCharge: { amount: 1500, at: iso(endMs) } });
    const ended = { plan: 'free', status: 'canceled', renewsAt: null, nextCharge: null };
    expect(await owner.ok(cancelSubscription)).toMatchObject(ended);
    expect(await owner.ok(cancelSubscription)).toMatchObject(ended);
    await shop.api.at(endMs + DAY);
    expect(await shop.billing(owner)).toMatchObject(ended);
    expect(await shop.left(owner, 'subscription')).toBe(0);
    const charged = (await shop.events()).filter(
      ({ type, data }) => type === 'invoice.paid' && data.object['customer'] === session.customer,
    );
    expect(charged).toHaveLength(1);
    await shop.isSound(owner);
  });

  test('cancelled and taken back, renews', async () => {
    const { owner, boughtMs } = await shop.subscriber('starter');
    await owner.ok(cancelSubscription);
    const endMs = addMonthsMs(boughtMs, 1);
    await shop.api.at(endMs - 1000);
    expect(await owner.ok(resumeSubscription)).toMatchObject({ endsAt: null, renewsAt: iso(endMs) });
    await shop.api.at(endMs + 2 * HOUR);
    expect(await shop.left(owner, 'subscription')).toBe(2000);
    expect(await shop.billing(owner)).toMatchObject({ status: 'active', renewsAt: iso(addMonthsMs(boughtMs, 2)) });
  });

  test('paid yearly, is granted month by month', async () => {
    const { owner, boughtMs } = await shop.subscriber('pro-yearly');
    await shop.spendFree(owner);
    await shop.spend(owner, 600);
    for (const month of [1, 2, 11]) {
      const atMs = addMonthsMs(boughtMs, month);
      await shop.api.at(atMs - 1);
      if (month === 1) expect(await shop.left(owner, 'subscription')).toBe(7400);
      await shop.api.at(atMs);
      expect(await shop.left(owner, 'subscription')).toBe(8000);
    }
    await shop.api.at(addMonthsMs(boughtMs, 12) + 2 * HOUR);
    expect(await shop.billing(owner)).toMatchObject({ status: 'active', renewsAt: iso(addMonthsMs(boughtMs, 24)) });
    await shop.isSound(owner);
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
