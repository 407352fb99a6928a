import type Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, idOf, itemOf, key, openShop, type Shop, START_MS, subscribe } from './shop.ts';

// From 31 January noon to 28 February noon are 28 days; a quarter of them leaves three quarters.
const QUARTER_MS = START_MS + 7 * DAY_MS;
const END_MS = START_MS + 28 * DAY_MS;

type Change = Omit<Stripe.SubscriptionUpdateParams, 'items'>;

const subscriber = async (price = 'price_starter') => {
  const shop = await openShop();
  const bought = await subscribe(shop, price);
  await shop.moveTo(QUARTER_MS);
  await shop.news();
  const change = (to: string, more: Change = {}) =>
    shop.stripe.subscriptions.update(
      bought.subscription.id,
      { items: [{ id: bought.itemId, price: to }], ...more },
      key(),
    );
  return { ...bought, shop, change };
};

const invoicesOf = async ({ stripe }: Shop, subscription: Stripe.Subscription) =>
  (await stripe.invoices.list({ subscription: subscription.id })).data;

describe('an upgrade invoiced at once', () => {
  test('charges the new price for the time left less the old one’s, and keeps the period', async () => {
    const { shop, subscription, change } = await subscriber();
    const upgraded = await change('price_pro', {
      proration_behavior: 'always_invoice',
      payment_behavior: 'error_if_incomplete',
    });
    expect(itemOf(upgraded)).toMatchObject({ price: { id: 'price_pro' }, current_period_end: END_MS / 1000 });
    const events = await shop.news();
    expect(events.map(({ type }) => type)).toEqual([
      'customer.subscription.updated',
      'invoice.created',
      'payment_intent.created',
      'invoice.finalized',
      'charge.succeeded',
      'payment_intent.succeeded',
      'invoice.paid',
      'invoice.payment_succeeded',
      'invoice_payment.paid',
    ]);
    expect(events[0]).toMatchObject({
      data: { previous_attributes: { items: { data: [{ price: { id: 'price_starter' } }] } } },
    });
    const [invoice, first] = await invoicesOf(shop, subscription);
    expect(invoice).toMatchObject({
      id: idOf(upgraded.latest_invoice),
      billing_reason: 'subscription_update',
      status: 'paid',
      // Three quarters of 4900 less three quarters of 1500.
      amount_paid: 3675 - 1125,
      lines: {
        data: [
          {
            amount: -1125,
            period: { start: QUARTER_MS / 1000, end: END_MS / 1000 },
            pricing: { price_details: { price: 'price_starter' } },
            parent: {
              subscription_item_details: {
                proration: true,
                proration_details: {
                  credited_items: { invoice: first?.id, invoice_line_items: [first?.lines.data[0]?.id] },
                },
              },
            },
          },
          {
            amount: 3675,
            pricing: { price_details: { price: 'price_pro' } },
            parent: { subscription_item_details: { proration: true } },
          },
        ],
      },
    });
    await shop.moveTo(END_MS + HOUR_MS);
    const [renewal] = await invoicesOf(shop, subscription);
    expect(renewal).toMatchObject({ billing_reason: 'subscription_cycle', amount_paid: 4900 });
  });

  test('with a card that is declined is 402 and changes nothing', async () => {
    const { shop, subscription, customerId, change } = await subscriber();
    await shop.control('PUT', `/customers/${customerId}`, { nextPayment: 'fails' });
    await expect(
      change('price_pro', { proration_behavior: 'always_invoice', payment_behavior: 'error_if_incomplete' }),
    ).rejects.toMatchObject({ statusCode: 402, type: 'StripeCardError', code: 'card_declined' });
    expect(await shop.news()).toEqual([]);
    expect(await invoicesOf(shop, subscription)).toHaveLength(1);
    expect(await shop.stripe.subscriptions.retrieve(subscription.id)).toEqual(subscription);
  });

  test('allowed to be incomplete takes place, past due, and is tried again', async () => {
    const { shop, subscription, customerId, change } = await subscriber();
    await shop.control('PUT', `/customers/${customerId}`, { nextPayment: 'fails' });
    await change('price_pro', { proration_behavior: 'always_invoice', payment_behavior: 'allow_incomplete' });
    const changed = await shop.stripe.subscriptions.retrieve(subscription.id);
    expect(changed).toMatchObject({ status: 'past_due', items: { data: [{ price: { id: 'price_pro' } }] } });
    await shop.control('PUT', `/customers/${customerId}`, { nextPayment: 'succeeds' });
    await shop.moveTo(QUARTER_MS + 3 * DAY_MS);
    expect(await shop.stripe.subscriptions.retrieve(subscription.id)).toMatchObject({ status: 'active' });
    expect((await invoicesOf(shop, subscription))[0]).toMatchObject({ status: 'paid', amount_paid: 2550 });
  });

  test('pending if incomplete waits, and is given up after 23 hours with its invoice', async () => {
    const { shop, subscription, customerId, change } = await subscriber();
    await shop.control('PUT', `/customers/${customerId}`, { nextPayment: 'fails' });
    const waiting = await change('price_pro', {
      proration_behavior: 'always_invoice',
      payment_behavior: 'pending_if_incomplete',
    });
    expect(waiting).toMatchObject({
      status: 'active',
      items: { data: [{ price: { id: 'price_starter' } }] },
      pending_update: {
        expires_at: (QUARTER_MS + 23 * HOUR_MS) / 1000,
        subscription_items: [{ price: { id: 'price_pro' } }],
      },
    });
    expect((await shop.news()).map(({ type }) => type)).toContain('invoice.payment_failed');
    await shop.moveTo(QUARTER_MS + 23 * HOUR_MS);
    expect((await shop.news()).map(({ type }) => type)).toEqual([
      'customer.subscription.updated',
      'customer.subscription.pending_update_expired',
      'payment_intent.canceled',
      'invoice.voided',
    ]);
    expect((await invoicesOf(shop, subscription))[0]).toMatchObject({ status: 'void' });
    expect(await shop.stripe.subscriptions.retrieve(subscription.id)).toMatchObject({
      status: 'active',
      pending_update: null,
    });
  });
});

describe('a change of plan', () => {
  test('without prorations charges nothing now and the new price from the next period on', async () => {
    const { shop, subscription, change } = await subscriber('price_pro');
    await change('price_starter', { proration_behavior: 'none' });
    expect((await shop.news()).map(({ type }) => type)).toEqual(['customer.subscription.updated']);
    await shop.moveTo(END_MS + HOUR_MS);
    const [renewal] = await invoicesOf(shop, subscription);
    expect(renewal).toMatchObject({ amount_paid: 1500, lines: { data: [{ amount: 1500 }] } });
  });

  test('with prorations puts them on the next invoice', async () => {
    const { shop, subscription, change } = await subscriber();
    await change('price_pro');
    expect(await invoicesOf(shop, subscription)).toHaveLength(1);
    await shop.moveTo(END_MS + HOUR_MS);
    const [renewal] = await invoicesOf(shop, subscription);
    expect(renewal).toMatchObject({
      amount_paid: 4900 + 2550,
      lines: { data: [{ amount: -1125 }, { amount: 3675 }, { amount: 4900 }] },
    });
  });

  test('down, invoiced at once, is paid with credit that the next invoice uses up', async () => {
    const { shop, subscription, customerId, change } = await subscriber('price_pro');
    await change('price_starter', { proration_behavior: 'always_invoice' });
    const [credit] = await invoicesOf(shop, subscription);
    expect(credit).toMatchObject({
      status: 'paid',
      total: -2550,
      amount_due: 0,
      amount_paid: 0,
      ending_balance: -2550,
    });
    expect(await shop.stripe.customers.retrieve(customerId)).toMatchObject({ balance: -2550 });
    expect((await shop.news()).map(({ type }) => type)).not.toContain('charge.succeeded');
    await shop.moveTo(END_MS + HOUR_MS);
    const [renewal] = await invoicesOf(shop, subscription);
    expect(renewal).toMatchObject({
      status: 'paid',
      total: 1500,
      starting_balance: -2550,
      amount_paid: 0,
      ending_balance: -1050,
    });
  });

  test('to another interval starts a new period now, with credit for the old one', async () => {
    const { shop, subscription, change } = await subscriber('price_pro');
    const yearly = await change('price_pro_yearly', { proration_behavior: 'always_invoice' });
    expect(itemOf(yearly)).toMatchObject({
      current_period_start: QUARTER_MS / 1000,
      current_period_end: Date.UTC(2028, 1, 7, 12) / 1000,
    });
    expect(yearly.billing_cycle_anchor).toBe(QUARTER_MS / 1000);
    expect((await invoicesOf(shop, subscription))[0]).toMatchObject({
      amount_paid: 49_000 - 3675,
      lines: {
        data: [{ amount: -3675 }, { amount: 49_000, parent: { subscription_item_details: { proration: false } } }],
      },
    });
  });

  test('with the anchor set to now charges a whole new period', async () => {
    const { shop, subscription, change } = await subscriber();
    await change('price_pro', { proration_behavior: 'none', billing_cycle_anchor: { type: 'now' } });
    expect((await invoicesOf(shop, subscription))[0]).toMatchObject({
      amount_paid: 4900,
      lines: { data: [{ amount: 4900 }] },
    });
  });

  test('to the same plan does nothing', async () => {
    const { shop, change } = await subscriber();
    await change('price_starter', { proration_behavior: 'always_invoice' });
    expect(await shop.news()).toEqual([]);
  });

  test.each([
    { it: 'an item of another subscription', item: { id: 'si_x', price: 'price_pro' }, more: {} },
    { it: 'an unknown price', item: { price: 'price_x' }, more: {} },
    { it: 'a one-time price', item: { price: 'price_pack' }, more: {} },
    { it: 'a proration date outside of the period', item: { price: 'price_pro' }, more: { proration_date: 1 } },
    {
      it: 'metadata that cannot wait for a payment',
      item: { price: 'price_pro' },
      more: { payment_behavior: 'pending_if_incomplete' },
    },
  ])('with $it is refused whole', async ({ item, more }) => {
    const { shop, subscription, itemId } = await subscriber();
    const params = { items: [{ id: itemId, ...item }], metadata: { x: 'y' }, ...more };
    await expect(shop.stripe.subscriptions.update(subscription.id, params, key())).rejects.toMatchObject({
      statusCode: 400,
    });
    expect(await shop.stripe.subscriptions.retrieve(subscription.id)).toEqual(subscription);
    expect(await shop.news()).toEqual([]);
  });
});
