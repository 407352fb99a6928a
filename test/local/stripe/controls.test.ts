import { describe, expect, test } from 'vitest';
import { buy, checkout, DAY_MS, HOUR_MS, idOf, key, openShop, type Shop, START_MS, subscribe } from './shop.ts';

const press = (url: string, fields: Record<string, string>) =>
  fetch(url, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });

const read = async (url: string) => {
  const response = await fetch(url);
  return { status: response.status, text: await response.text() };
};

const portalOf = async ({ stripe }: Shop, customer: string) =>
  (await stripe.billingPortal.sessions.create({ customer, return_url: 'https://app.example.com/billing' }, key())).url;

describe('a control', () => {
  test.each([
    { call: 'POST /checkout/cs_x/pay', body: { outcome: 'maybe' }, path: '$.outcome' },
    { call: 'POST /checkout/cs_x/pay', body: { outcome: 'paid', more: 1 }, path: '$.more' },
    { call: 'POST /checkout/cs_x/pay', body: '{"outcome":', path: '$' },
    { call: 'POST /refunds', body: {}, path: '$.paymentIntentId' },
    { call: 'POST /refunds', body: { paymentIntentId: 'pi_x', amount: 0 }, path: '$.amount' },
    { call: 'POST /refunds', body: { paymentIntentId: 'pi_x', amount: 1.5 }, path: '$.amount' },
    { call: 'POST /disputes', body: { paymentIntentId: '' }, path: '$.paymentIntentId' },
    { call: 'POST /disputes/dp_x/close', body: { outcome: 'draw' }, path: '$.outcome' },
    { call: 'PUT /customers/cus_x', body: { nextPayment: true }, path: '$.nextPayment' },
    { call: 'PUT /webhooks', body: { deliver: 'no' }, path: '$.deliver' },
    { call: 'PUT /api', body: { outage: 'perhaps' }, path: '$.outage' },
    { call: 'PUT /api', body: { delayMs: -1 }, path: '$.delayMs' },
    { call: 'POST /legacy-payments', body: { createdAt: '2026-01-31T12:00:00Z' }, path: '$.amount' },
    { call: 'POST /legacy-payments', body: { amount: 500, createdAt: '2026-01-31' }, path: '$.createdAt' },
    { call: 'POST /legacy-payments', body: { amount: 500, createdAt: '2099-01-31T12:00:00Z' }, path: '$.createdAt' },
    { call: 'POST /webhooks/redeliver', body: { times: 0 }, path: '$.times' },
    { call: 'POST /webhooks/redeliver', body: { order: 'random' }, path: '$.order' },
    { call: 'POST /webhooks/redeliver', body: { eventIds: [1] }, path: '$.eventIds[0]' },
  ])('$call with $body is 400 at $path', async ({ call, body, path }) => {
    const { control } = await openShop();
    const [method = '', where = ''] = call.split(' ');
    expect(await control(method, where, body)).toMatchObject({
      status: 400,
      body: { code: 'validation_failed', errors: [{ path }] },
    });
  });

  test.each([
    { call: 'POST /checkout/cs_x/pay', body: { outcome: 'paid' } },
    { call: 'POST /refunds', body: { paymentIntentId: 'pi_x' } },
    { call: 'POST /disputes', body: { paymentIntentId: 'pi_x' } },
    { call: 'POST /disputes/dp_x/close', body: { outcome: 'won' } },
    { call: 'PUT /customers/cus_x', body: { nextPayment: 'fails' } },
    { call: 'POST /refunds/re_x/fail', body: {} },
    { call: 'GET /nothing', body: undefined },
    { call: 'DELETE /webhooks', body: undefined },
  ])('$call of what is not there is 404', async ({ call, body }) => {
    const { control } = await openShop();
    const [method = '', where = ''] = call.split(' ');
    expect(await control(method, where, body)).toMatchObject({ status: 404 });
  });

  test('makes Stripe’s API fail and be slow, and well again', async () => {
    const { control, stripe } = await openShop();
    expect(await control('PUT', '/api', { outage: true, delayMs: 1 })).toEqual({
      status: 200,
      body: { outage: true, delayMs: 1 },
    });
    await expect(stripe.prices.list()).rejects.toMatchObject({ statusCode: 503 });
    await control('PUT', '/api', { outage: false, delayMs: 0 });
    expect((await stripe.prices.list()).data).toHaveLength(4);
  });

  test('says how a customer’s next payments go', async () => {
    const shop = await openShop();
    const { customerId } = await subscribe(shop);
    expect(await shop.control('PUT', `/customers/${customerId}`, { nextPayment: 'fails' })).toMatchObject({
      status: 200,
      body: { id: customerId, object: 'customer', nextPayment: 'fails' },
    });
  });

  test('for a plan’s payment names the payment intent, with which it can be refunded and disputed', async () => {
    const shop = await openShop();
    const session = await checkout(shop, 'price_pro');
    const { body } = await shop.control('POST', `/checkout/${session.id}/pay`, { outcome: 'paid' });
    const { paymentIntentId } = body;
    expect(await shop.control('POST', '/refunds', { paymentIntentId, amount: 900 })).toMatchObject({ status: 200 });
    expect(await shop.control('POST', '/disputes', { paymentIntentId })).toMatchObject({ body: { amount: 4000 } });
  });
});

describe('the hosted Checkout', () => {
  test('shows what is bought and leads to the success page', async () => {
    const shop = await openShop();
    const session = await checkout(shop, 'price_pro');
    const url = session.url ?? '';
    const { status, text } = await read(url);
    expect(status).toBe(200);
    expect(text).toContain('Pro');
    expect(text).toContain('49.00 USD');
    expect(text).toContain('each month');
    expect(text).toContain('https://app.example.com/back');
    const paid = await press(url, { outcome: 'paid' });
    expect(paid.status).toBe(303);
    expect(paid.headers.get('location')).toBe(`https://app.example.com/done?session=${session.id}`);
    expect((await read(url)).text).toContain('This has been paid.');
    expect((await press(url, { outcome: 'paid' })).status).toBe(200);
    expect(shop.types().filter((type) => type === 'invoice.paid')).toHaveLength(1);
  });

  test('says that a card is declined, and lets the customer try again', async () => {
    const shop = await openShop();
    const url = (await checkout(shop, 'price_pack')).url ?? '';
    const declined = await press(url, { outcome: 'declined' });
    expect(await declined.text()).toMatch(/Your card was declined\.[\s\S]*>Pay</);
    expect((await press(url, { outcome: 'paid_later' })).status).toBe(303);
    expect((await read(url)).text).toContain('The payment is on its way.');
  });

  test('of an expired session sells nothing', async () => {
    const shop = await openShop();
    const url = (await checkout(shop, 'price_pack')).url ?? '';
    await shop.moveTo(START_MS + DAY_MS);
    expect((await read(url)).text).toContain('expired');
    await press(url, { outcome: 'paid' });
    expect(shop.types()).not.toContain('checkout.session.completed');
  });

  test('escapes what it shows', async () => {
    const shop = await openShop();
    const product = await shop.stripe.products.create({ name: '<script>alert("x")</script>' }, key());
    const price = await shop.stripe.prices.create({ product: product.id, currency: 'usd', unit_amount: 100 }, key());
    const session = await checkout(shop, price.id, { mode: 'payment' });
    const { text } = await read(session.url ?? '');
    expect(text).not.toContain('<script>');
    expect(text).toContain('&lt;script&gt;');
  });

  test.each(['checkout/cs_x', 'portal/bps_x'])('/local/stripe/%s is a page that says it is not there', async (path) => {
    const { url } = await openShop();
    const { status, text } = await read(`${url}/local/stripe/${path}`);
    expect(status).toBe(404);
    expect(text).toContain('<!doctype html>');
  });
});

describe('the portal', () => {
  test('shows the card and the invoices, and the way back', async () => {
    const shop = await openShop();
    const { customerId } = await subscribe(shop);
    const { text } = await read(await portalOf(shop, customerId));
    expect(text).toContain('4242');
    expect(text).toContain('LOCAL-0001');
    expect(text).toContain('15.00 USD');
    expect(text).toContain('https://app.example.com/billing');
  });

  test('changes no subscription', async () => {
    const shop = await openShop();
    const { customerId, subscription } = await subscribe(shop);
    await press(await portalOf(shop, customerId), { action: 'cancel', id: subscription.id });
    expect(await shop.stripe.subscriptions.retrieve(subscription.id)).toEqual(subscription);
  });

  test('changes the card, and pays an open invoice with it', async () => {
    const shop = await openShop();
    const { customerId, subscription } = await subscribe(shop);
    const url = await portalOf(shop, customerId);
    await press(url, { action: 'card' });
    await shop.moveTo(START_MS + 28 * DAY_MS + HOUR_MS);
    expect(await shop.stripe.subscriptions.retrieve(subscription.id)).toMatchObject({ status: 'past_due' });
    await press(url, { action: 'card' });
    const [open] = (await shop.stripe.invoices.list({ status: 'open' })).data;
    await press(url, { action: 'pay', id: open?.id ?? '' });
    expect(await shop.stripe.subscriptions.retrieve(subscription.id)).toMatchObject({ status: 'active' });
    expect((await shop.stripe.invoices.list({ status: 'open' })).data).toEqual([]);
  });

  test('does nothing to another customer’s things', async () => {
    const shop = await openShop();
    const mine = await subscribe(shop);
    const other = await buy(shop, 'price_pack');
    await shop.control('PUT', `/customers/${mine.customerId}`, { nextPayment: 'fails' });
    await shop.moveTo(START_MS + 28 * DAY_MS + HOUR_MS);
    const [open] = (await shop.stripe.invoices.list({ status: 'open' })).data;
    await press(await portalOf(shop, idOf(other.customer)), { action: 'pay', id: open?.id ?? '' });
    expect(await shop.stripe.invoices.retrieve(open?.id ?? '')).toEqual(open);
  });

  test('needs a customer and a configuration that are there', async () => {
    const { stripe } = await openShop();
    const open = (params: { customer: string; configuration?: string }) =>
      stripe.billingPortal.sessions.create(params, key());
    await expect(open({ customer: 'cus_x' })).rejects.toMatchObject({ statusCode: 400, param: 'customer' });
    const { id } = await stripe.customers.create({}, key());
    await expect(open({ customer: id, configuration: 'bpc_x' })).rejects.toMatchObject({ param: 'configuration' });
    expect(await open({ customer: id })).toMatchObject({
      object: 'billing_portal.session',
      customer: id,
      return_url: null,
    });
  });
});
