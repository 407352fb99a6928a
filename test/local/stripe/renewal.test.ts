import { describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, idOf, itemOf, key, openShop, START_MS, subscribe } from './shop.ts';

const at = (iso: string) => Date.parse(iso);
const FIRST_END_MS = at('2027-02-28T12:00:00Z');
const seconds = (ms: number) => ms / 1000;

describe('at the end of a period', () => {
  test('the period moves on and a draft invoice is made; an hour later it is final and paid', async () => {
    const shop = await openShop();
    const { subscription } = await subscribe(shop);
    await shop.news();
    await shop.moveTo(FIRST_END_MS - 1);
    expect(await shop.news()).toEqual([]);

    await shop.moveTo(FIRST_END_MS);
    const atEnd = await shop.news();
    expect(atEnd).toMatchObject([
      {
        type: 'customer.subscription.updated',
        created: seconds(FIRST_END_MS),
        data: {
          object: { status: 'active', items: { data: [{ current_period_start: seconds(FIRST_END_MS) }] } },
          previous_attributes: { items: { data: [{ current_period_end: seconds(FIRST_END_MS) }] } },
        },
      },
      {
        type: 'invoice.created',
        data: {
          object: { status: 'draft', automatically_finalizes_at: seconds(FIRST_END_MS + HOUR_MS), number: null },
        },
      },
    ]);

    await shop.moveTo(FIRST_END_MS + HOUR_MS - 1);
    expect(await shop.news()).toEqual([]);
    await shop.moveTo(FIRST_END_MS + HOUR_MS);
    const paid = await shop.news();
    expect(paid.map(({ type }) => type)).toEqual([
      'payment_intent.created',
      'invoice.finalized',
      'charge.succeeded',
      'payment_intent.succeeded',
      'invoice.paid',
      'invoice.payment_succeeded',
      'invoice_payment.paid',
    ]);
    expect(paid[4]).toMatchObject({
      created: seconds(FIRST_END_MS + HOUR_MS),
      data: {
        object: {
          billing_reason: 'subscription_cycle',
          amount_paid: 1500,
          // The period that ended; the new one is on the line.
          period_start: seconds(START_MS),
          period_end: seconds(FIRST_END_MS),
          lines: { data: [{ period: { start: seconds(FIRST_END_MS), end: seconds(at('2027-03-31T12:00:00Z')) } }] },
          parent: { subscription_details: { subscription: subscription.id } },
        },
      },
    });
  });

  test('a draft goes on when its subscription is ended, unless it is told not to', async () => {
    for (const [stopped, status] of [
      [false, 'paid'],
      [true, 'draft'],
    ] as const) {
      const shop = await openShop();
      const { subscription } = await subscribe(shop);
      await shop.moveTo(FIRST_END_MS);
      const [draft] = (await shop.stripe.invoices.list({ subscription: subscription.id, status: 'draft' })).data;
      const id = draft?.id ?? '';
      if (stopped) await shop.stripe.invoices.update(id, { auto_advance: false }, key());
      await shop.stripe.subscriptions.cancel(subscription.id);
      await shop.moveTo(FIRST_END_MS + DAY_MS);
      expect(await shop.stripe.invoices.retrieve(id)).toMatchObject({ status, auto_advance: false });
      const goOn = shop.stripe.invoices.update(id, { auto_advance: true }, key());
      if (stopped) expect((await goOn).automatically_finalizes_at).toBe(seconds(FIRST_END_MS + DAY_MS + HOUR_MS));
      else await expect(goOn).rejects.toThrow('with status paid');
    }
  });

  test.each([
    {
      it: 'a month anchored on the 31st falls on shorter months’ last days and comes back',
      price: 'price_starter',
      ends: ['2027-02-28', '2027-03-31', '2027-04-30', '2027-05-31', '2027-06-30', '2027-07-31', '2027-08-31'],
    },
    { it: 'a year', price: 'price_pro_yearly', ends: ['2028-01-31', '2029-01-31'] },
  ])('$it', async ({ price, ends }) => {
    const shop = await openShop();
    const { subscription } = await subscribe(shop, price);
    for (const end of ends) {
      const item = itemOf(await shop.stripe.subscriptions.retrieve(subscription.id));
      expect(new Date(item.current_period_end * 1000).toISOString()).toBe(`${end}T12:00:00.000Z`);
      await shop.moveTo(item.current_period_end * 1000);
    }
    expect((await shop.stripe.invoices.list({ subscription: subscription.id })).data).toHaveLength(ends.length + 1);
  });

  test('many periods at once happen one after the other, each at its instant', async () => {
    const shop = await openShop();
    const { subscription } = await subscribe(shop);
    await shop.news();
    shop.clock.nowMs = at('2027-06-01T00:00:00Z');
    await shop.standIn.advanceTo(shop.clock.nowMs);
    const paid = (await shop.news()).filter(({ type }) => type === 'invoice.paid');
    expect(paid.map(({ created }) => new Date(created * 1000).toISOString())).toEqual([
      '2027-02-28T13:00:00.000Z',
      '2027-03-31T13:00:00.000Z',
      '2027-04-30T13:00:00.000Z',
      '2027-05-31T13:00:00.000Z',
    ]);
    const { data } = await shop.stripe.invoices.list({ subscription: subscription.id, status: 'paid' });
    expect(new Set(data.map(({ number }) => number)).size).toBe(5);
  });
});

describe('a renewal that fails', () => {
  test('is past due, tried again after 3, 5 and 7 days, and then the subscription is canceled', async () => {
    const shop = await openShop();
    const { subscription, customerId } = await subscribe(shop);
    await shop.control('PUT', `/customers/${customerId}`, { nextPayment: 'fails' });
    await shop.news();
    let attemptMs = FIRST_END_MS + HOUR_MS;
    await shop.moveTo(attemptMs);
    const failed = await shop.news();
    expect(failed.map(({ type }) => type)).toEqual([
      'customer.subscription.updated',
      'invoice.created',
      'payment_intent.created',
      'invoice.finalized',
      'charge.failed',
      'payment_intent.payment_failed',
      'invoice.payment_failed',
      'customer.subscription.updated',
    ]);
    expect(failed[6]).toMatchObject({
      data: { object: { status: 'open', attempt_count: 1, next_payment_attempt: seconds(attemptMs + 3 * DAY_MS) } },
    });
    expect(failed[7]).toMatchObject({
      data: { object: { status: 'past_due' }, previous_attributes: { status: 'active' } },
    });
    for (const [index, days] of [3, 5, 7].entries()) {
      attemptMs += days * DAY_MS;
      await shop.moveTo(attemptMs - 1);
      expect(await shop.news()).toEqual([]);
      await shop.moveTo(attemptMs);
      const again = await shop.news();
      expect(again.slice(0, 3).map(({ type }) => type)).toEqual([
        'charge.failed',
        'payment_intent.payment_failed',
        'invoice.payment_failed',
      ]);
      expect(again[2]).toMatchObject({ data: { object: { attempt_count: index + 2 } } });
      if (days !== 7) expect(again).toHaveLength(3);
      else
        expect(again[3]).toMatchObject({
          type: 'customer.subscription.deleted',
          data: { object: { status: 'canceled', cancellation_details: { reason: 'payment_failed' } } },
        });
    }
    await shop.moveTo(attemptMs + 90 * DAY_MS);
    expect(await shop.news()).toEqual([]);
    expect((await shop.stripe.invoices.list({ subscription: subscription.id })).data).toMatchObject([
      { status: 'open', next_payment_attempt: null },
      { status: 'paid' },
    ]);
  });

  test('recovers when a retry is paid', async () => {
    const shop = await openShop();
    const { subscription, customerId } = await subscribe(shop);
    await shop.control('PUT', `/customers/${customerId}`, { nextPayment: 'fails' });
    await shop.moveTo(FIRST_END_MS + HOUR_MS);
    await shop.control('PUT', `/customers/${customerId}`, { nextPayment: 'succeeds' });
    await shop.news();
    await shop.moveTo(FIRST_END_MS + HOUR_MS + 3 * DAY_MS);
    const events = await shop.news();
    expect(events.map(({ type }) => type)).toEqual([
      'charge.succeeded',
      'payment_intent.succeeded',
      'customer.subscription.updated',
      'invoice.paid',
      'invoice.payment_succeeded',
      'invoice_payment.paid',
    ]);
    expect(await shop.stripe.subscriptions.retrieve(subscription.id)).toMatchObject({ status: 'active' });
    const { data } = await shop.stripe.invoicePayments.list({ status: 'paid' });
    expect(data).toHaveLength(2);
  });
});

describe('a cancellation', () => {
  test('at the period’s end keeps the subscription until then, and nothing is charged any more', async () => {
    const shop = await openShop();
    const { subscription } = await subscribe(shop);
    await shop.news();
    const canceling = await shop.stripe.subscriptions.update(
      subscription.id,
      { cancel_at_period_end: true, cancellation_details: { feedback: 'unused' } },
      key(),
    );
    expect(canceling).toMatchObject({
      status: 'active',
      cancel_at_period_end: true,
      cancel_at: seconds(FIRST_END_MS),
      canceled_at: seconds(START_MS),
      cancellation_details: { reason: 'cancellation_requested', feedback: 'unused' },
    });
    expect(await shop.news()).toMatchObject([
      {
        type: 'customer.subscription.updated',
        data: { previous_attributes: { cancel_at_period_end: false, cancel_at: null, canceled_at: null } },
      },
    ]);
    await shop.moveTo(FIRST_END_MS - 1);
    expect(await shop.news()).toEqual([]);
    await shop.moveTo(FIRST_END_MS);
    expect(await shop.news()).toMatchObject([
      {
        type: 'customer.subscription.deleted',
        data: { object: { status: 'canceled', ended_at: seconds(FIRST_END_MS), canceled_at: seconds(START_MS) } },
      },
    ]);
    await shop.moveTo(FIRST_END_MS + 60 * DAY_MS);
    expect(await shop.news()).toEqual([]);
    expect((await shop.stripe.subscriptions.list()).data).toEqual([]);
    expect((await shop.stripe.subscriptions.list({ status: 'ended' })).data).toHaveLength(1);
  });

  test('can be taken back until then', async () => {
    const shop = await openShop();
    const { subscription } = await subscribe(shop);
    await shop.stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true }, key());
    const resumed = await shop.stripe.subscriptions.update(subscription.id, { cancel_at_period_end: false }, key());
    expect(resumed).toMatchObject({ cancel_at_period_end: false, cancel_at: null, canceled_at: null });
    await shop.moveTo(FIRST_END_MS + HOUR_MS);
    expect(shop.types().filter((type) => type === 'invoice.paid')).toHaveLength(2);
  });

  test('at once ends it, and its invoice is not asked for any more', async () => {
    const shop = await openShop();
    const { subscription, customerId } = await subscribe(shop);
    await shop.control('PUT', `/customers/${customerId}`, { nextPayment: 'fails' });
    await shop.moveTo(FIRST_END_MS + HOUR_MS);
    await shop.news();
    expect(await shop.stripe.subscriptions.cancel(subscription.id)).toMatchObject({ status: 'canceled' });
    expect((await shop.news()).map(({ type }) => type)).toEqual(['customer.subscription.deleted']);
    await shop.moveTo(FIRST_END_MS + 60 * DAY_MS);
    expect(await shop.news()).toEqual([]);
    await expect(shop.stripe.subscriptions.cancel(subscription.id)).rejects.toMatchObject({ statusCode: 404 });
    await expect(
      shop.stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true }, key()),
    ).rejects.toMatchObject({ statusCode: 400 });
  });
});

test('a renewal’s payment is found from its invoice and back', async () => {
  const shop = await openShop();
  const { subscription, customerId } = await subscribe(shop);
  await shop.moveTo(FIRST_END_MS + HOUR_MS);
  const { data } = await shop.stripe.invoices.list({
    customer: customerId,
    status: 'paid',
    created: { gt: seconds(START_MS) },
  });
  const [invoice] = data;
  const [payment] = (await shop.stripe.invoicePayments.list({ invoice: invoice?.id ?? '' })).data;
  expect(payment).toMatchObject({ status: 'paid', amount_paid: 1500, is_default: true });
  const intent = idOf(payment?.payment.payment_intent);
  expect(
    (await shop.stripe.invoicePayments.list({ payment: { type: 'payment_intent', payment_intent: intent } })).data,
  ).toMatchObject([{ id: payment?.id, invoice: invoice?.id }]);
  expect(invoice?.lines.data).toMatchObject([{ subscription: subscription.id, amount: 1500 }]);
});
