import Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { buy, checkout, DAY_MS, idOf, key, openShop, PRICES, START_MS, sdk } from './shop.ts';

const listed = async (list: Stripe.ApiListPromise<{ id: string }>) => (await list).data.map(({ id }) => id);

describe('a call', () => {
  test.each([
    { it: 'with another key', auth: 'Bearer sk_test_other', status: 401 },
    { it: 'without a key', auth: undefined, status: 401 },
    { it: 'with the right key', auth: 'Bearer sk_test_local', status: 200 },
  ])('$it is answered $status', async ({ auth, status }) => {
    const { standIn } = await openShop();
    const response = await fetch(`http://localhost:${standIn.port}/v1/prices`, {
      headers: auth === undefined ? {} : { authorization: auth },
    });
    expect(response.status).toBe(status);
    expect(response.headers.get('request-id')).toMatch(/^req_/);
    expect(response.headers.get('stripe-version')).toBe('2026-10-28.endive');
  });

  test('with another key is an authentication error to the SDK', async () => {
    const { standIn } = await openShop();
    await expect(sdk(standIn.port, { key: 'sk_test_other' }).prices.list()).rejects.toBeInstanceOf(
      Stripe.errors.StripeAuthenticationError,
    );
  });

  test('for another API version is refused', async () => {
    const { stripe } = await openShop();
    await expect(stripe.prices.list({}, { apiVersion: '2024-06-20' })).rejects.toMatchObject({ statusCode: 400 });
  });

  test('of what the stand-in does not do is 404', async () => {
    const { stripe } = await openShop();
    await expect(stripe.coupons.list()).rejects.toMatchObject({ statusCode: 404, type: 'StripeInvalidRequestError' });
  });

  test.each([
    { kind: 'customer', ask: (stripe: Stripe) => stripe.customers.retrieve('x') },
    { kind: 'subscription', ask: (stripe: Stripe) => stripe.subscriptions.retrieve('x') },
    { kind: 'subscription', ask: (stripe: Stripe) => stripe.subscriptions.cancel('x') },
    { kind: 'invoice', ask: (stripe: Stripe) => stripe.invoices.retrieve('x') },
    { kind: 'payment_intent', ask: (stripe: Stripe) => stripe.paymentIntents.retrieve('x') },
    { kind: 'charge', ask: (stripe: Stripe) => stripe.charges.retrieve('x') },
    { kind: 'refund', ask: (stripe: Stripe) => stripe.refunds.retrieve('x') },
    { kind: 'dispute', ask: (stripe: Stripe) => stripe.disputes.retrieve('x') },
    { kind: 'subscription_schedule', ask: (stripe: Stripe) => stripe.subscriptionSchedules.retrieve('x') },
    { kind: 'checkout.session', ask: (stripe: Stripe) => stripe.checkout.sessions.retrieve('x') },
    { kind: 'price', ask: (stripe: Stripe) => stripe.prices.retrieve('x') },
    { kind: 'product', ask: (stripe: Stripe) => stripe.products.retrieve('x') },
  ])('for a $kind that is not there is 404 resource_missing', async ({ kind, ask }) => {
    const { stripe } = await openShop();
    await expect(ask(stripe)).rejects.toMatchObject({
      statusCode: 404,
      code: 'resource_missing',
      message: `No such ${kind}: 'x'`,
    });
  });

  test.each([
    { it: 'an unknown parameter', body: 'email=a&colour=red', param: 'colour', code: 'parameter_unknown' },
    {
      it: 'a parameter of Stripe’s that is not simulated',
      body: 'balance=5',
      param: 'balance',
      code: 'parameter_unknown',
    },
    {
      it: 'a metadata key of 41 characters',
      body: `metadata[${'k'.repeat(41)}]=v`,
      param: `metadata[${'k'.repeat(41)}]`,
    },
    { it: 'a metadata value of 501 characters', body: `metadata[k]=${'v'.repeat(501)}`, param: 'metadata[k]' },
    { it: 'an expansion of what is no id', body: 'email=a&expand[]=email', param: 'expand' },
    { it: 'an expansion of what is not there', body: 'expand[0]=colour', param: 'expand' },
  ])('with $it is 400 and names it', async ({ body, param, code }) => {
    const { standIn, stripe } = await openShop();
    const response = await fetch(`http://localhost:${standIn.port}/v1/customers`, {
      method: 'POST',
      headers: {
        authorization: 'Bearer sk_test_local',
        'idempotency-key': 'k',
        'content-type': 'application/x-www-form-urlencoded',
      },
      body,
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { type: 'invalid_request_error', param, ...(code !== undefined && { code }) },
    });
    expect((await stripe.customers.list()).data).toEqual([]);
  });

  test('that misses a parameter names it', async () => {
    const { stripe } = await openShop();
    await expect(
      stripe.checkout.sessions.create({ mode: 'payment', line_items: [{ price: 'price_pack' }] }, key()),
    ).rejects.toMatchObject({ code: 'parameter_missing', param: 'success_url' });
  });
});

describe('an idempotency key', () => {
  test('gives the same answer again, and one effect', async () => {
    const { stripe, news } = await openShop();
    const first = await stripe.customers.create({ email: 'a@example.com' }, { idempotencyKey: 'k' });
    const again = await stripe.customers.create({ email: 'a@example.com' }, { idempotencyKey: 'k' });
    expect(again).toEqual(first);
    expect(again.lastResponse.headers['idempotent-replayed']).toBe('true');
    expect((await stripe.customers.list()).data).toHaveLength(1);
    expect(await news()).toMatchObject([{ type: 'customer.created', request: { idempotency_key: 'k' } }]);
  });

  test.each([
    { it: 'another body', again: (stripe: Stripe) => stripe.customers.create({ email: 'b' }, { idempotencyKey: 'k' }) },
    { it: 'another call', again: (stripe: Stripe) => stripe.products.create({ name: 'a' }, { idempotencyKey: 'k' }) },
  ])('with $it is an idempotency error', async ({ again }) => {
    const { stripe } = await openShop();
    await stripe.customers.create({ email: 'a' }, { idempotencyKey: 'k' });
    await expect(again(stripe)).rejects.toBeInstanceOf(Stripe.errors.StripeIdempotencyError);
    expect((await stripe.customers.list()).data).toMatchObject([{ email: 'a' }]);
  });

  test.each([
    { it: 'none', options: {} },
    { it: 'one of 256 characters', options: { idempotencyKey: 'k'.repeat(256) } },
  ])('is required, of our own: $it is refused', async ({ options }) => {
    const { stripe } = await openShop();
    await expect(stripe.customers.create({ email: 'a' }, options)).rejects.toMatchObject({ statusCode: 400 });
    expect((await stripe.customers.list()).data).toEqual([]);
  });

  test('keeps a refusal too, but not one of a request that made no sense', async () => {
    const { stripe } = await openShop();
    const refuse = () => stripe.refunds.create({ payment_intent: 'pi_x' }, { idempotencyKey: 'k' });
    await expect(refuse()).rejects.toMatchObject({ code: 'resource_missing' });
    await expect(refuse()).rejects.toMatchObject({ headers: { 'idempotent-replayed': 'true' } });
    await expect(stripe.refunds.create({}, { idempotencyKey: 'k2' })).rejects.toMatchObject({ statusCode: 400 });
    await expect(stripe.refunds.create({ payment_intent: 'pi_x' }, { idempotencyKey: 'k2' })).rejects.toMatchObject({
      code: 'resource_missing',
    });
  });

  test('is forgotten after a day', async () => {
    const { stripe, moveTo } = await openShop();
    const create = async () => (await stripe.customers.create({ email: 'a' }, { idempotencyKey: 'k' })).id;
    const first = await create();
    await moveTo(START_MS + DAY_MS - 1);
    expect(await create()).toBe(first);
    await moveTo(START_MS + DAY_MS);
    expect(await create()).not.toBe(first);
  });

  test('in use at this moment is 409', async () => {
    const { stripe, standIn } = await openShop();
    standIn.delayMs(50);
    const both = await Promise.allSettled([
      stripe.customers.create({ email: 'a' }, { idempotencyKey: 'k' }),
      stripe.customers.create({ email: 'a' }, { idempotencyKey: 'k' }),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'idempotency_key_in_use' },
    });
    standIn.delayMs(0);
    expect((await stripe.customers.list()).data).toHaveLength(1);
  });
});

describe('Stripe in trouble', () => {
  test('down, does nothing and answers 503 until it is back', async () => {
    const { stripe, standIn } = await openShop();
    standIn.outage(true);
    await expect(stripe.customers.create({ email: 'a' }, key())).rejects.toMatchObject({ statusCode: 503 });
    standIn.outage(false);
    expect((await stripe.customers.list()).data).toEqual([]);
  });

  test('losing its answer, has done what was asked; the same key gets the answer later', async () => {
    const { stripe, standIn } = await openShop();
    standIn.outage('lost_answers');
    const create = () => stripe.customers.create({ email: 'a' }, { idempotencyKey: 'k' });
    await expect(create()).rejects.toBeInstanceOf(Stripe.errors.StripeConnectionError);
    standIn.outage(false);
    const { id } = await create();
    expect(await listed(stripe.customers.list())).toEqual([id]);
  });

  test('slow, runs into the SDK’s timeout', async () => {
    const { standIn } = await openShop();
    standIn.delayMs(200);
    await expect(sdk(standIn.port, { timeout: 20 }).prices.list()).rejects.toThrow(/timeout/);
  });
});

describe('a list', () => {
  test('comes in pages, newest first, in both directions', async () => {
    const { stripe } = await openShop();
    const made: string[] = [];
    for (let n = 0; n < 5; n += 1) made.unshift((await stripe.customers.create({ name: `n${n}` }, key())).id);
    const [a, b, c, d, e] = made;
    const page = (params: Stripe.CustomerListParams) => stripe.customers.list(params);
    expect(await page({ limit: 2 })).toMatchObject({ object: 'list', url: '/v1/customers', has_more: true });
    expect(await listed(page({ limit: 2 }))).toEqual([a, b]);
    expect(await listed(page({ limit: 2, starting_after: b ?? '' }))).toEqual([c, d]);
    expect(await page({ limit: 2, starting_after: d ?? '' })).toMatchObject({ data: [{ id: e }], has_more: false });
    expect(await page({ limit: 2, ending_before: d ?? '' })).toMatchObject({
      data: [{ id: b }, { id: c }],
      has_more: true,
    });
    expect(await page({ ending_before: c ?? '' })).toMatchObject({ data: [{ id: a }, { id: b }], has_more: false });
    const all: string[] = [];
    for await (const { id } of stripe.customers.list({ limit: 2 })) all.push(id);
    expect(all).toEqual(made);
  });

  test.each([
    { it: 'limit 0', params: { limit: 0 } },
    { it: 'limit 101', params: { limit: 101 } },
    { it: 'a cursor of something else', params: { starting_after: 'cus_x' } },
  ])('refuses $it', async ({ params }) => {
    const { stripe } = await openShop();
    await expect(stripe.customers.list(params)).rejects.toMatchObject({ statusCode: 400 });
  });

  test.each([
    { it: 'from an instant on', created: { gte: 100 }, found: ['c100', 'c200'] },
    { it: 'after an instant', created: { gt: 100 }, found: ['c200'] },
    { it: 'up to an instant', created: { lte: 100 }, found: ['c0', 'c100'] },
    { it: 'before an instant', created: { lt: 100 }, found: ['c0'] },
    { it: 'between two', created: { gt: 0, lt: 200 }, found: ['c100'] },
  ])('shows what was created $it', async ({ created, found }) => {
    const { stripe, clock } = await openShop();
    for (const seconds of [0, 100, 200]) {
      clock.nowMs = START_MS + seconds * 1000;
      await stripe.customers.create({ name: `c${seconds}` }, key());
    }
    const bounds = Object.fromEntries(Object.entries(created).map(([name, s]) => [name, START_MS / 1000 + s]));
    const { data } = await stripe.customers.list({ created: bounds });
    expect(data.map(({ name }) => name).reverse()).toEqual(found);
  });

  test('of events takes twenty types', async () => {
    const { stripe } = await openShop();
    const types = Array.from({ length: 20 }, () => 'invoice.paid');
    expect((await stripe.events.list({ types })).data).toEqual([]);
    await expect(stripe.events.list({ types: [...types, 'invoice.paid'] })).rejects.toMatchObject({ param: 'types' });
  });

  test('of events goes back thirty days', async () => {
    const { stripe, moveTo, control } = await openShop();
    const customer = await stripe.customers.create({ name: 'old' }, key());
    await moveTo(START_MS + 30 * DAY_MS);
    const { data } = await stripe.events.list({ types: ['customer.created', 'customer.updated'] });
    expect(data).toMatchObject([
      { type: 'customer.created', pending_webhooks: 0, data: { object: { id: customer.id } } },
    ]);
    await moveTo(START_MS + 30 * DAY_MS + 1000);
    expect((await stripe.events.list({ type: 'customer.*' })).data).toEqual([]);
    expect((await control('GET', '/events')).body).toMatchObject({ events: [{ type: 'customer.created' }] });
  });
});

describe('a customer', () => {
  test('keeps its metadata as updates merge it', async () => {
    const { stripe, news } = await openShop();
    const { id } = await stripe.customers.create({ email: 'a@example.com', metadata: { a: '1', b: '2' } }, key());
    const update = async (params: Stripe.CustomerUpdateParams) => stripe.customers.update(id, params, key());
    expect(await update({ metadata: { b: '3', c: '4' } })).toMatchObject({ metadata: { a: '1', b: '3', c: '4' } });
    expect((await update({ metadata: { a: '' } })).metadata).toEqual({ b: '3', c: '4' });
    expect((await update({ metadata: '' })).metadata).toEqual({});
    expect(await update({ email: '' })).toMatchObject({ email: null });
    expect((await news()).at(-1)).toMatchObject({
      type: 'customer.updated',
      data: { previous_attributes: { email: 'a@example.com' } },
    });
    await update({ email: '' });
    expect(await news()).toEqual([]);
  });

  test('is found by its address', async () => {
    const { stripe } = await openShop();
    await stripe.customers.create({ email: 'a@example.com' }, key());
    const { id } = await stripe.customers.create({ email: 'b@example.com' }, key());
    expect(await listed(stripe.customers.list({ email: 'b@example.com' }))).toEqual([id]);
  });
});

describe('an expansion', () => {
  test('goes through lists and several levels, and leaves what is null', async () => {
    const shop = await openShop();
    const pack = await buy(shop, 'price_pack');
    const open = await checkout(shop, 'price_pack');
    const { data } = await shop.stripe.checkout.sessions.list({
      expand: ['data.payment_intent.latest_charge.refunds', 'data.customer', 'data.line_items.data.price.product'],
    });
    expect(data).toMatchObject([
      { id: open.id, payment_intent: null, customer: { email: 'a@example.com' } },
      {
        id: pack.id,
        payment_intent: { latest_charge: { object: 'charge', refunds: { object: 'list', data: [] } } },
        line_items: { data: [{ price: { unit_amount: 500, product: { name: '500 credits' } } }] },
      },
    ]);
    const customer = await shop.stripe.customers.retrieve(idOf(pack.customer), { expand: ['subscriptions'] });
    expect(customer).toMatchObject({ subscriptions: { data: [] } });
  });
});

test('the prices it was opened with are there under their ids', async () => {
  const { stripe } = await openShop();
  const { data } = await stripe.prices.list({ active: true, expand: ['data.product'] });
  expect(data.map(({ id }) => id).reverse()).toEqual(PRICES.map(({ id }) => id));
  const [yearly] = data.filter(({ id }) => id === 'price_pro_yearly');
  expect(yearly).toMatchObject({
    unit_amount: 49_000,
    recurring: { interval: 'year' },
    product: { name: 'Pro, paid yearly' },
  });
  expect(yearly?.unit_amount_decimal?.toString()).toBe('49000');
});
