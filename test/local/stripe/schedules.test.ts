import { describe, expect, test } from 'vitest';
import { temporaryDirectory } from '../temporary.ts';
import { scheduled } from './scheduled.ts';
import { DAY_MS, HOUR_MS, idOf, itemOf, key, openShop, START_MS, subscribe } from './shop.ts';

const seconds = (iso: string) => Date.parse(iso) / 1000;
const FIRST_END_S = seconds('2027-02-28T12:00:00Z');

describe('a schedule', () => {
  test('made from a subscription has its current period as its one phase, and is on the subscription', async () => {
    const { shop, schedule, subscription } = await scheduled();
    expect(schedule).toMatchObject({
      object: 'subscription_schedule',
      status: 'active',
      end_behavior: 'release',
      current_phase: { start_date: START_MS / 1000, end_date: FIRST_END_S },
      phases: [{ items: [{ price: 'price_pro', quantity: 1 }] }],
    });
    expect(await subscription()).toMatchObject({
      schedule: schedule.id,
      items: { data: [{ price: { id: 'price_pro' } }] },
    });
    expect((await shop.news()).slice(-2)).toMatchObject([
      { type: 'customer.subscription.updated', data: { previous_attributes: { schedule: null } } },
      { type: 'subscription_schedule.created' },
    ]);
    expect(
      await shop.stripe.subscriptions.retrieve(idOf(schedule.subscription), { expand: ['schedule'] }),
    ).toMatchObject({
      schedule: { id: schedule.id, status: 'active' },
    });
  });

  test('changes the price exactly at the period’s end, the renewal is for the new one, and then it releases itself', async () => {
    const { shop, schedule, schedules, downTo, subscription } = await scheduled();
    await downTo('price_starter');
    await shop.moveTo(FIRST_END_S * 1000 - 1);
    await shop.news();
    expect(itemOf(await subscription()).price.id).toBe('price_pro');

    await shop.moveTo(FIRST_END_S * 1000);
    expect(await shop.news()).toMatchObject([
      {
        type: 'customer.subscription.updated',
        created: FIRST_END_S,
        data: {
          object: { items: { data: [{ price: { id: 'price_starter' }, current_period_start: FIRST_END_S }] } },
          previous_attributes: { items: { data: [{ price: { id: 'price_pro' } }] } },
        },
      },
      { type: 'invoice.created', data: { object: { billing_reason: 'subscription_cycle', amount_due: 1500 } } },
      { type: 'subscription_schedule.updated', data: { object: { current_phase: { start_date: FIRST_END_S } } } },
    ]);
    await shop.moveTo(FIRST_END_S * 1000 + HOUR_MS);
    const [invoice] = (await shop.stripe.invoices.list({ status: 'paid' })).data;
    expect(invoice).toMatchObject({ amount_paid: 1500, lines: { data: [{ amount: 1500 }] } });

    const after = await subscription();
    expect(after).toMatchObject({ schedule: schedule.id, billing_cycle_anchor: START_MS / 1000 });
    expect(itemOf(after).current_period_end).toBe(seconds('2027-03-31T12:00:00Z'));
    await shop.moveTo(Date.parse('2027-03-28T12:00:00Z'));
    expect((await shop.news()).slice(-2)).toMatchObject([
      { type: 'customer.subscription.updated', data: { previous_attributes: { schedule: schedule.id } } },
      { type: 'subscription_schedule.released' },
    ]);
    expect(await schedules.retrieve(schedule.id)).toMatchObject({
      status: 'released',
      subscription: null,
      released_subscription: after.id,
      current_phase: null,
    });
    await shop.moveTo(Date.parse('2027-03-31T13:00:00Z'));
    expect((await shop.stripe.invoices.list({ limit: 1 })).data).toMatchObject([{ amount_paid: 1500 }]);
  });

  test.each([
    {
      it: 'a year to a month',
      from: 'price_pro_yearly',
      to: 'price_starter',
      interval: 'month',
      amount: 1500,
      start: '2028-01-31T12:00:00Z',
      end: '2028-02-29T12:00:00Z',
    },
    {
      it: 'a month to a year',
      from: 'price_pro',
      to: 'price_pro_yearly',
      interval: 'year',
      amount: 49_000,
      start: '2027-02-28T12:00:00Z',
      end: '2028-02-28T12:00:00Z',
    },
  ] as const)(
    'from $it starts periods of the new length, anchored where it begins',
    async ({ from, to, interval, amount, start, end }) => {
      const { shop, downTo, subscription } = await scheduled(from);
      await downTo(to, interval);
      await shop.moveTo(Date.parse(start) + HOUR_MS);
      const after = await subscription();
      expect(after.billing_cycle_anchor).toBe(seconds(start));
      expect(itemOf(after)).toMatchObject({
        price: { id: to },
        current_period_start: seconds(start),
        current_period_end: seconds(end),
      });
      expect((await shop.stripe.invoices.list({ limit: 1 })).data).toMatchObject([
        {
          status: 'paid',
          amount_paid: amount,
          lines: { data: [{ period: { start: seconds(start), end: seconds(end) } }] },
        },
      ]);
    },
  );

  test('with nothing to come releases itself at the period’s end, and the renewal is as ever', async () => {
    const { shop, schedule, schedules, subscription } = await scheduled();
    await shop.moveTo(FIRST_END_S * 1000 + HOUR_MS);
    expect(await schedules.retrieve(schedule.id)).toMatchObject({ status: 'released', released_at: FIRST_END_S });
    expect(await subscription()).toMatchObject({ schedule: null });
    expect((await shop.stripe.invoices.list({ limit: 1 })).data).toMatchObject([{ amount_paid: 4900 }]);
  });

  test('can be changed again before it takes effect', async () => {
    const { shop, downTo, subscription } = await scheduled();
    await downTo('price_pro_yearly', 'year');
    await downTo('price_starter');
    await shop.moveTo(FIRST_END_S * 1000);
    expect(itemOf(await subscription()).price.id).toBe('price_starter');
  });

  test('puts the metadata of a phase on the subscription when the phase begins', async () => {
    const { shop, downTo, subscription } = await scheduled();
    await shop.stripe.subscriptions.update(
      (await subscription()).id,
      { metadata: { account: 'a', plan: 'pro' } },
      key(),
    );
    await downTo('price_starter', 'month', { metadata: { plan: 'starter' } });
    expect((await subscription()).metadata).toEqual({ account: 'a', plan: 'pro' });
    await shop.moveTo(FIRST_END_S * 1000);
    expect((await subscription()).metadata).toEqual({ account: 'a', plan: 'starter' });
  });

  test('released before it takes effect changes nothing', async () => {
    const { shop, schedule, schedules, downTo, subscription } = await scheduled();
    await downTo('price_starter');
    expect(await schedules.release(schedule.id, {}, key())).toMatchObject({ status: 'released', phases: [{}, {}] });
    expect(await subscription()).toMatchObject({ schedule: null });
    await shop.moveTo(FIRST_END_S * 1000 + HOUR_MS);
    expect(itemOf(await subscription()).price.id).toBe('price_pro');
    await expect(schedules.release(schedule.id, {}, key())).rejects.toThrow(
      'You cannot release a subscription schedule that is currently in the `released` status.',
    );
  });

  test('survives a restart', async () => {
    const dataDir = temporaryDirectory();
    const first = await openShop(dataDir);
    const { subscription } = await subscribe(first, 'price_pro');
    const { id } = await first.stripe.subscriptionSchedules.create({ from_subscription: subscription.id }, key());
    const second = await openShop(dataDir);
    expect(await second.stripe.subscriptionSchedules.retrieve(id)).toMatchObject({ subscription: subscription.id });
  });
});

describe('a subscription with a schedule', () => {
  test.each([
    {
      it: 'is not canceled at its period’s end',
      change: () => ({ cancel_at_period_end: true }),
      says: /updating any cancelation behavior directly is not allowed\. Please update the schedule instead\./,
    },
    {
      it: 'is not resumed',
      change: () => ({ cancel_at_period_end: false }),
      says: /updating any cancelation behavior directly/,
    },
    {
      it: 'does not change its items',
      change: (id: string) => ({ items: [{ id, price: 'price_starter' }] }),
      says: /Release the schedule first/,
    },
  ])('$it, until it is released', async ({ change, says }) => {
    const { shop, schedule, schedules, itemId, subscription } = await scheduled();
    const { id } = await subscription();
    const update = () => shop.stripe.subscriptions.update(id, change(itemId), key());
    await expect(update()).rejects.toMatchObject({ statusCode: 400, type: 'StripeInvalidRequestError' });
    await expect(update()).rejects.toThrow(says);
    await schedules.release(schedule.id, {}, key());
    expect(await update()).toMatchObject({ id });
  });

  test('takes new metadata', async () => {
    const { shop, subscription } = await scheduled();
    const { id } = await subscription();
    expect(await shop.stripe.subscriptions.update(id, { metadata: { a: 'b' } }, key())).toMatchObject({
      metadata: { a: 'b' },
    });
  });

  test('takes no second one', async () => {
    const { schedules, subscription } = await scheduled();
    const { id } = await subscription();
    await expect(schedules.create({ from_subscription: id }, key())).rejects.toThrow(
      /You cannot migrate a subscription that is already attached to a schedule/,
    );
  });

  test('ended at once takes its schedule along', async () => {
    const { shop, schedule, schedules, downTo, subscription } = await scheduled();
    await downTo('price_starter');
    await shop.news();
    await shop.stripe.subscriptions.cancel((await subscription()).id);
    expect((await shop.news()).map(({ type }) => type)).toEqual([
      'subscription_schedule.canceled',
      'customer.subscription.deleted',
    ]);
    expect(await schedules.retrieve(schedule.id)).toMatchObject({ status: 'canceled' });
    await shop.moveTo(START_MS + 90 * DAY_MS);
    expect(await shop.news()).toEqual([]);
  });

  test('that is never paid for again loses it with its subscription', async () => {
    const { shop, customerId, downTo } = await scheduled('price_pro');
    await downTo('price_pro_yearly', 'year');
    await shop.control('PUT', `/customers/${customerId}`, { nextPayment: 'fails' });
    await shop.moveTo(FIRST_END_S * 1000 + HOUR_MS + 15 * DAY_MS);
    expect(shop.types().slice(-2)).toEqual(['subscription_schedule.aborted', 'customer.subscription.deleted']);
  });
});
