import { describe, expect, test } from 'vitest';
import { buy, checkout, DAY_MS, HOUR_MS, idOf, itemOf, key, MINUTE_MS, openShop, START_MS } from './shop.ts';

const START_S = START_MS / 1000;

describe('a pack', () => {
  test('is bought with a card: payment intent and charge succeeded, session complete and paid', async () => {
    const shop = await openShop();
    const session = await checkout(shop, 'price_pack', {
      client_reference_id: 'acc-1',
      metadata: { packId: 'pack-500' },
      payment_intent_data: { metadata: { account: 'acc-1' } },
    });
    expect(session).toMatchObject({
      status: 'open',
      payment_status: 'unpaid',
      amount_total: 500,
      currency: 'usd',
      payment_intent: null,
      expires_at: START_S + 86_400,
      url: `${shop.url}/local/stripe/checkout/${session.id}`,
    });
    await shop.news();
    const paid = await shop.control('POST', `/checkout/${session.id}/pay`, { outcome: 'paid' });
    expect(paid).toMatchObject({
      status: 200,
      body: { id: session.id, status: 'complete', payment_status: 'paid', url: null },
    });
    const events = await shop.news();
    expect(events.map(({ type }) => type)).toEqual([
      'payment_intent.created',
      'charge.succeeded',
      'payment_intent.succeeded',
      'checkout.session.completed',
    ]);
    expect(events.at(-1)).toMatchObject({
      api_version: '2026-10-28.endive',
      created: START_S,
      livemode: false,
      pending_webhooks: 1,
      data: {
        object: {
          client_reference_id: 'acc-1',
          metadata: { packId: 'pack-500' },
          payment_status: 'paid',
          payment_intent: paid.body['paymentIntentId'],
        },
      },
    });
    const intent = await shop.stripe.paymentIntents.retrieve(String(paid.body['paymentIntentId']), {
      expand: ['latest_charge'],
    });
    expect(intent).toMatchObject({
      status: 'succeeded',
      amount: 500,
      amount_received: 500,
      metadata: { account: 'acc-1' },
      latest_charge: { status: 'succeeded', paid: true, amount: 500, refunded: false, metadata: { account: 'acc-1' } },
    });
  });

  test('paid later is complete but unpaid, and paid once the clock has moved a day', async () => {
    const shop = await openShop();
    const session = await checkout(shop, 'price_pack');
    await shop.news();
    const { body } = await shop.control('POST', `/checkout/${session.id}/pay`, { outcome: 'paid_later' });
    expect(body).toMatchObject({ status: 'complete', payment_status: 'unpaid' });
    expect((await shop.news()).map(({ type }) => type)).toEqual([
      'payment_intent.created',
      'charge.pending',
      'payment_intent.processing',
      'checkout.session.completed',
    ]);
    await shop.moveTo(START_MS + DAY_MS - 1);
    expect(await shop.news()).toEqual([]);
    await shop.moveTo(START_MS + DAY_MS);
    expect((await shop.news()).map(({ type }) => type)).toEqual([
      'charge.succeeded',
      'payment_intent.succeeded',
      'checkout.session.async_payment_succeeded',
    ]);
    expect(await shop.stripe.checkout.sessions.retrieve(session.id)).toMatchObject({ payment_status: 'paid' });
  });

  test.each([
    { it: 'by the control', fail: 'control' },
    { it: 'because the customer’s next payment fails', fail: 'customer' },
  ])('paid later may fail in the end $it', async ({ fail }) => {
    const shop = await openShop();
    const session = await checkout(shop, 'price_pack');
    await shop.control('POST', `/checkout/${session.id}/pay`, { outcome: 'paid_later' });
    await shop.news();
    if (fail === 'control') await shop.control('POST', `/checkout/${session.id}/pay`, { outcome: 'declined' });
    else {
      await shop.control('PUT', `/customers/${idOf(session.customer)}`, { nextPayment: 'fails' });
      await shop.moveTo(START_MS + DAY_MS);
    }
    expect((await shop.news()).map(({ type }) => type)).toEqual([
      'charge.failed',
      'payment_intent.payment_failed',
      'checkout.session.async_payment_failed',
    ]);
    await shop.moveTo(START_MS + 3 * DAY_MS);
    expect(await shop.news()).toEqual([]);
  });

  test('declined leaves the session open and nothing bought; the next try keeps the payment intent', async () => {
    const shop = await openShop();
    const session = await checkout(shop, 'price_pack');
    await shop.news();
    const declined = await shop.control('POST', `/checkout/${session.id}/pay`, { outcome: 'declined' });
    expect(declined.body).toMatchObject({ status: 'open', payment_status: 'unpaid' });
    expect((await shop.news()).map(({ type }) => type)).toEqual([
      'payment_intent.created',
      'charge.failed',
      'payment_intent.payment_failed',
    ]);
    const intent = await shop.stripe.paymentIntents.retrieve(String(declined.body['paymentIntentId']));
    expect(intent).toMatchObject({
      status: 'requires_payment_method',
      amount_received: 0,
      last_payment_error: { type: 'card_error', code: 'card_declined' },
    });
    const paid = await shop.control('POST', `/checkout/${session.id}/pay`, { outcome: 'paid' });
    expect(paid.body['paymentIntentId']).toBe(intent.id);
    expect(await shop.stripe.charges.list({ payment_intent: intent.id })).toMatchObject({
      data: [{ status: 'succeeded' }, { status: 'failed' }],
    });
  });

  test('is paid once: a second try is a conflict', async () => {
    const shop = await openShop();
    const session = await buy(shop, 'price_pack');
    await shop.news();
    for (const outcome of ['paid', 'declined', 'paid_later'])
      expect(await shop.control('POST', `/checkout/${session.id}/pay`, { outcome })).toMatchObject({ status: 409 });
    expect(await shop.news()).toEqual([]);
  });
});

describe('a session', () => {
  test('expires after a day, and then cannot be paid', async () => {
    const shop = await openShop();
    const session = await checkout(shop, 'price_pack');
    await shop.news();
    await shop.moveTo(START_MS + DAY_MS - 1);
    expect(await shop.news()).toEqual([]);
    await shop.moveTo(START_MS + DAY_MS);
    expect(await shop.news()).toMatchObject([
      { type: 'checkout.session.expired', data: { object: { id: session.id, status: 'expired', url: null } } },
    ]);
    expect(await shop.control('POST', `/checkout/${session.id}/pay`, { outcome: 'paid' })).toMatchObject({
      status: 409,
    });
  });

  test('expires when the API says so, but only while it is open', async () => {
    const shop = await openShop();
    const { id } = await checkout(shop, 'price_pack');
    expect(await shop.stripe.checkout.sessions.expire(id, {}, key())).toMatchObject({ status: 'expired', url: null });
    await expect(shop.stripe.checkout.sessions.expire(id, {}, key())).rejects.toThrow(/status of `expired`/);
    expect((await shop.news()).at(-1)).toMatchObject({ type: 'checkout.session.expired' });
  });

  test.each([
    { it: '30 minutes', afterMs: 30 * MINUTE_MS, ok: true },
    { it: 'a second less than 30 minutes', afterMs: 30 * MINUTE_MS - 1000, ok: false },
    { it: '24 hours', afterMs: DAY_MS, ok: true },
    { it: 'a second more than 24 hours', afterMs: DAY_MS + 1000, ok: false },
  ])('may be asked to expire after $it: $ok', async ({ afterMs, ok }) => {
    const shop = await openShop();
    const created = checkout(shop, 'price_pack', { expires_at: (START_MS + afterMs) / 1000 });
    if (ok) expect(await created).toMatchObject({ expires_at: (START_MS + afterMs) / 1000 });
    else await expect(created).rejects.toMatchObject({ statusCode: 400, param: 'expires_at' });
  });

  test.each([
    { it: 'a recurring price in payment mode', price: 'price_pro', more: { mode: 'payment' } },
    { it: 'a one-time price in subscription mode', price: 'price_pack', more: { mode: 'subscription' } },
    { it: 'an unknown price', price: 'price_x', more: {} },
    { it: 'an unknown customer', price: 'price_pack', more: { customer: 'cus_x' } },
    {
      it: 'subscription data in payment mode',
      price: 'price_pack',
      more: { subscription_data: { metadata: { a: 'b' } } },
    },
    {
      it: 'payment data in subscription mode',
      price: 'price_pro',
      more: { payment_intent_data: { metadata: {}, description: 'x' } },
    },
    {
      it: 'two plans at once',
      price: 'price_pro',
      more: { line_items: [{ price: 'price_pro' }, { price: 'price_starter' }] },
    },
    { it: 'nothing', price: 'price_pack', more: { line_items: [] } },
    { it: 'a success page that is no URL', price: 'price_pack', more: { success_url: '/done' } },
  ])('does not sell $it', async ({ price, more }) => {
    const shop = await openShop();
    await expect(checkout(shop, price, more)).rejects.toMatchObject({ statusCode: 400 });
    expect((await shop.stripe.checkout.sessions.list()).data).toEqual([]);
  });

  test('is found by customer, status, subscription and payment intent', async () => {
    const shop = await openShop();
    const open = await checkout(shop, 'price_pack');
    const pack = await buy(shop, 'price_pack');
    const plan = await buy(shop, 'price_pro');
    const ids = async (params: object) => (await shop.stripe.checkout.sessions.list(params)).data.map(({ id }) => id);
    expect(await ids({})).toEqual([plan.id, pack.id, open.id]);
    expect(await ids({ status: 'open' })).toEqual([open.id]);
    expect(await ids({ customer: idOf(pack.customer) })).toEqual([pack.id]);
    expect(await ids({ payment_intent: idOf(pack.payment_intent) })).toEqual([pack.id]);
    expect(await ids({ subscription: idOf(plan.subscription) })).toEqual([plan.id]);
    const { data } = await shop.stripe.checkout.sessions.listLineItems(pack.id);
    expect(data).toMatchObject([{ amount_total: 500, quantity: 1, price: { id: 'price_pack' } }]);
  });
});

describe('a plan', () => {
  test('is bought with its first invoice, and tells it in Stripe’s order', async () => {
    const shop = await openShop();
    const session = await checkout(shop, 'price_pro', { subscription_data: { metadata: { accountId: 'acc-1' } } });
    await shop.news();
    const { body } = await shop.control('POST', `/checkout/${session.id}/pay`, { outcome: 'paid' });
    const events = await shop.news();
    expect(events.map(({ type }) => type)).toEqual([
      'customer.subscription.created',
      'invoice.created',
      'payment_intent.created',
      'invoice.finalized',
      'charge.succeeded',
      'payment_intent.succeeded',
      'customer.subscription.updated',
      'invoice.paid',
      'invoice.payment_succeeded',
      'invoice_payment.paid',
      'checkout.session.completed',
    ]);
    expect(events[0]).toMatchObject({ data: { object: { status: 'incomplete' } } });
    expect(events[6]).toMatchObject({
      data: { object: { status: 'active' }, previous_attributes: { status: 'incomplete' } },
    });

    const bought = await shop.stripe.checkout.sessions.retrieve(session.id, {
      expand: ['subscription.latest_invoice.payments', 'line_items'],
    });
    const { subscription } = bought;
    if (subscription === null || typeof subscription === 'string') throw new Error('not expanded');
    const endS = Date.UTC(2027, 1, 28, 12) / 1000;
    expect(itemOf(subscription)).toMatchObject({
      current_period_start: START_S,
      current_period_end: endS,
      price: { id: 'price_pro', unit_amount: 4900, recurring: { interval: 'month' } },
    });
    expect(subscription).toMatchObject({
      status: 'active',
      metadata: { accountId: 'acc-1' },
      cancel_at_period_end: false,
      latest_invoice: {
        id: idOf(bought.invoice),
        status: 'paid',
        billing_reason: 'subscription_create',
        amount_paid: 4900,
        amount_remaining: 0,
        parent: {
          type: 'subscription_details',
          subscription_details: { subscription: subscription.id, metadata: { accountId: 'acc-1' } },
        },
        lines: {
          data: [
            {
              amount: 4900,
              period: { start: START_S, end: endS },
              pricing: { price_details: { price: 'price_pro', product: 'prod_price_pro' } },
              parent: { subscription_item_details: { proration: false, subscription: subscription.id } },
            },
          ],
        },
        payments: { data: [{ status: 'paid', payment: { payment_intent: body['paymentIntentId'] } }] },
      },
    });
    expect(bought).toMatchObject({ payment_intent: null, line_items: { data: [{ amount_total: 4900 }] } });
  });

  test('paid later is active at once, with its invoice open until the money comes', async () => {
    const shop = await openShop();
    const session = await checkout(shop, 'price_pro');
    await shop.control('POST', `/checkout/${session.id}/pay`, { outcome: 'paid_later' });
    expect(shop.types()).not.toContain('invoice.paid');
    const { invoice, subscription } = await shop.stripe.checkout.sessions.retrieve(session.id, {
      expand: ['invoice', 'subscription'],
    });
    expect(invoice).toMatchObject({ status: 'open', amount_remaining: 4900 });
    expect(subscription).toMatchObject({ status: 'active' });
    await shop.news();
    await shop.moveTo(START_MS + DAY_MS);
    expect((await shop.news()).map(({ type }) => type)).toEqual([
      'charge.succeeded',
      'payment_intent.succeeded',
      'invoice.paid',
      'invoice.payment_succeeded',
      'invoice_payment.paid',
      'checkout.session.async_payment_succeeded',
    ]);
  });

  test('paid later that fails makes the subscription past due and is tried again', async () => {
    const shop = await openShop();
    const session = await checkout(shop, 'price_pro');
    await shop.control('POST', `/checkout/${session.id}/pay`, { outcome: 'paid_later' });
    await shop.control('POST', `/checkout/${session.id}/pay`, { outcome: 'declined' });
    const { subscription } = await shop.stripe.checkout.sessions.retrieve(session.id, { expand: ['subscription'] });
    expect(subscription).toMatchObject({ status: 'past_due' });
    await shop.moveTo(START_MS + 3 * DAY_MS);
    expect((await shop.news()).map(({ type }) => type)).toContain('invoice.paid');
  });

  test('declined leaves nothing bought', async () => {
    const shop = await openShop();
    const session = await checkout(shop, 'price_pro');
    await shop.control('POST', `/checkout/${session.id}/pay`, { outcome: 'declined' });
    expect((await shop.stripe.subscriptions.list({ status: 'all' })).data).toEqual([]);
    expect((await shop.stripe.invoices.list()).data).toEqual([]);
    expect(await shop.stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
      status: 'open',
      subscription: null,
    });
    await shop.moveTo(START_MS + HOUR_MS);
    await shop.control('POST', `/checkout/${session.id}/pay`, { outcome: 'paid' });
    expect((await shop.stripe.subscriptions.list()).data).toHaveLength(1);
  });

  test('bought without a customer makes one', async () => {
    const shop = await openShop();
    const session = await shop.stripe.checkout.sessions.create(
      {
        mode: 'subscription',
        customer_email: 'new@example.com',
        line_items: [{ price: 'price_pro' }],
        success_url: 'https://app.example.com',
      },
      key(),
    );
    await shop.control('POST', `/checkout/${session.id}/pay`, { outcome: 'paid' });
    const { customer } = await shop.stripe.checkout.sessions.retrieve(session.id, { expand: ['customer'] });
    expect(customer).toMatchObject({ email: 'new@example.com' });
  });
});
