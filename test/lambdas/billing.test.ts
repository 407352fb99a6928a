import { describe, expect, test } from 'vitest';
import { APP_URL, DAY_MS, HOUR_MS, openBilling, START_MS, text } from './billing-world.ts';

const iso = (ms: number) => new Date(ms).toISOString();
const FEB_28 = Date.UTC(2027, 1, 28, 12);
const credits = (kind: string) => ({ kind });

describe('GET /v1/billing', () => {
  test('of an account that never bought anything', async () => {
    const { call } = await openBilling();
    expect(await call('view')).toMatchObject({
      status: 200,
      body: {
        plan: 'free',
        status: 'none',
        renewsAt: null,
        endsAt: null,
        nextCharge: null,
        nextPlan: null,
        paymentFailed: null,
        asOf: iso(START_MS),
      },
    });
  });

  test('of a subscriber: when it renews, and for how much', async () => {
    const world = await openBilling();
    await world.buy({ planId: 'starter' });
    expect((await world.call('view')).body).toMatchObject({
      plan: 'starter',
      status: 'active',
      renewsAt: iso(FEB_28),
      endsAt: null,
      nextCharge: { amount: 1500, currency: 'usd', at: iso(FEB_28) },
    });
  });

  test('a renewal that fails is past due, tells when Stripe tries again, and is made up for', async () => {
    const world = await openBilling();
    await world.buy({ planId: 'starter' });
    await world.card('fails');
    await world.moveTo(FEB_28 + 2 * HOUR_MS);
    const failed = (await world.call('view')).body;
    expect(failed).toMatchObject({ plan: 'starter', status: 'past_due', paymentFailed: { at: iso(FEB_28 + HOUR_MS) } });
    const { failure } = await world.billing();
    expect(failure?.nextAttemptMs).toBeGreaterThan(FEB_28);
    expect(failed['nextCharge']).toEqual({ amount: 1500, currency: 'usd', at: iso(failure?.nextAttemptMs ?? 0) });
    await world.card('succeeds');
    await world.moveTo(failure?.nextAttemptMs ?? 0);
    expect((await world.call('view')).body).toMatchObject({ status: 'active', paymentFailed: null });
  });

  test('a cancelled subscription is over with its period, at the very instant, though Stripe has told nothing', async () => {
    const world = await openBilling();
    await world.buy({ planId: 'starter' });
    expect(await world.call('cancel')).toMatchObject({ status: 200 });
    world.webhooks.heard = false;
    world.clock.nowMs = FEB_28 - 1;
    expect((await world.call('view')).body).toMatchObject({ plan: 'starter', status: 'active', endsAt: iso(FEB_28) });
    world.clock.nowMs = FEB_28;
    expect((await world.call('view')).body).toMatchObject({
      plan: 'free',
      status: 'canceled',
      endsAt: iso(FEB_28),
      renewsAt: null,
      nextCharge: null,
    });
  });
});

describe('POST /v1/billing/checkout', () => {
  test.each([
    ['planId', 'nothing', 'is not in the catalog'],
    ['planId', 'enterprise', 'is not in the catalog'],
    ['planId', 'free', 'costs nothing'],
    ['packId', 'starter', 'is not in the catalog'],
    ['packId', 'pack-1', 'is not in the catalog'],
    ['planId', 'pack-500', 'is not in the catalog'],
  ])('%s %s is not for sale', async (path, id, message) => {
    const { call } = await openBilling();
    const errors = [{ path, message: expect.stringContaining(message) }];
    expect(await call('checkout', { body: { [path]: id } })).toMatchObject({
      status: 400,
      body: { code: 'validation_failed', errors },
    });
  });

  test.each([
    [{}, '$'],
    [{ planId: 'pro', packId: 'pack-500' }, '$'],
    [{ planId: 5 }, 'planId'],
    [{ planId: 'pro', quantity: 2 }, 'quantity'],
    [undefined, '$'],
  ])('%j is refused at its path', async (body, path) => {
    const { call } = await openBilling();
    expect(await call('checkout', { body })).toMatchObject({ status: 400, body: { errors: [{ path }] } });
  });

  test('an item that this stage has no price for is not sold', async () => {
    const { call, deps } = await openBilling();
    const through = { ...deps, prices: [] };
    for (const [path, id] of [
      ['planId', 'pro'],
      ['packId', 'pack-500'],
    ] as const) {
      const errors = [{ path, message: 'is not sold here' }];
      expect(await call('checkout', { body: { [path]: id } }, { through })).toMatchObject({
        status: 400,
        body: { errors },
      });
    }
  });

  test('a pack: what is sold at which price is on record, and granted when it is paid', async () => {
    const world = await openBilling();
    const opened = await world.call('checkout', { body: { packId: 'pack-2000' } });
    const sessionId = text(opened, 'sessionId');
    const session = await world.stripe.checkout.sessions.retrieve(sessionId);
    const { customerId, orders } = await world.billing();
    const order = orders['pack-2000'];
    expect(order).toMatchObject({ item: { kind: 'pack', credits: 2000 }, amount: 1800, currency: 'usd', sessionId });
    expect(session).toMatchObject({
      mode: 'payment',
      customer: customerId,
      client_reference_id: order?.id,
      metadata: { orderId: order?.id, accountId: 'ann' },
      amount_total: 1800,
      expires_at: (START_MS + HOUR_MS) / 1000,
      url: opened.body['url'],
    });
    expect(session.success_url).toContain(APP_URL);
    expect(session.cancel_url).toContain(APP_URL);
    expect((await world.account()).grants).not.toContainEqual(expect.objectContaining(credits('pack')));
    await world.pay(sessionId);
    expect((await world.account()).grants).toContainEqual(expect.objectContaining({ kind: 'pack', remaining: 2000 }));
    expect((await world.billing()).orders).toEqual({});
  });

  test('the same wish again leads to the same page; once paid or expired, to a new one', async () => {
    const world = await openBilling();
    const ask = async () => text(await world.call('checkout', { body: { packId: 'pack-500' } }), 'sessionId');
    const first = await ask();
    world.clock.nowMs += HOUR_MS - 1;
    expect(await ask()).toBe(first);
    await world.pay(first);
    const second = await ask();
    expect(second).not.toBe(first);
    await world.moveTo(world.clock.nowMs + HOUR_MS);
    const third = await ask();
    expect([first, second]).not.toContain(third);
    world.webhooks.heard = false;
    await world.pay(third);
    expect(await ask()).not.toBe(third);
    const bought = (await world.account()).grants.filter(({ kind }) => kind === 'pack');
    expect(bought.map(({ granted }) => granted)).toEqual([500]);
  });

  test('pages for several packs stand beside each other', async () => {
    const world = await openBilling();
    const ask = async (packId: string) => text(await world.call('checkout', { body: { packId } }), 'sessionId');
    const [small, large] = [await ask('pack-500'), await ask('pack-2000')];
    expect(await ask('pack-500')).toBe(small);
    await world.pay(large);
    expect(await ask('pack-500')).toBe(small);
  });

  test('two open checkouts: another plan closes the first page, so that only one can be paid (R16)', async () => {
    const world = await openBilling();
    const first = text(await world.call('checkout', { body: { planId: 'starter' } }), 'sessionId');
    const second = text(await world.call('checkout', { body: { planId: 'pro' } }), 'sessionId');
    expect((await world.stripe.checkout.sessions.retrieve(first)).status).toBe('expired');
    await world.pay(second);
    expect((await world.call('view')).body).toMatchObject({ plan: 'pro', status: 'active' });
  });

  test.each(['starter', 'pro'])(
    'a plan paid a moment ago, of which nothing was heard yet, is not sold again: %s',
    async (planId) => {
      const world = await openBilling();
      const first = text(await world.call('checkout', { body: { planId: 'starter' } }), 'sessionId');
      world.webhooks.heard = false;
      await world.pay(first);
      const refused = { status: 409, body: { code: 'already_subscribed' } };
      expect(await world.call('checkout', { body: { planId } })).toMatchObject(refused);
      expect((await world.billing()).subscription).toMatchObject({ status: 'active' });
      expect(await world.call('checkout', { body: { planId } })).toMatchObject(refused);
    },
  );

  test('a live subscription is not sold a second time; a pack beside it is, and a plan after it has ended', async () => {
    const world = await openBilling();
    await world.buy({ planId: 'starter' });
    const refused = { status: 409, body: { code: 'already_subscribed' } };
    for (const planId of ['starter', 'pro']) {
      expect(await world.call('checkout', { body: { planId } })).toMatchObject(refused);
    }
    await world.buy({ packId: 'pack-500' });
    await world.call('cancel');
    expect(await world.call('checkout', { body: { planId: 'pro' } })).toMatchObject(refused);
    await world.moveTo(FEB_28);
    await world.buy({ planId: 'pro' });
    expect((await world.call('view')).body).toMatchObject({ plan: 'pro', status: 'active' });
  });

  test('twenty at once: one customer, one order, one session, one answer', async () => {
    const world = await openBilling();
    const twenty = await Promise.all(
      Array.from({ length: 20 }, () => world.call('checkout', { body: { planId: 'pro' } })),
    );
    expect(new Set(twenty.map(({ status, body }) => JSON.stringify([status, body]))).size).toBe(1);
    expect(twenty[0]).toMatchObject({ status: 201 });
    expect((await world.stripe.customers.list()).data).toHaveLength(1);
    expect((await world.stripe.checkout.sessions.list()).data).toHaveLength(1);
  });

  test('ten for each of two plans at once: one page at most can be paid', async () => {
    const world = await openBilling();
    await Promise.all(
      Array.from({ length: 20 }, (_, at) => world.call('checkout', { body: { planId: at % 2 ? 'pro' : 'starter' } })),
    );
    const { data } = await world.stripe.checkout.sessions.list({ status: 'open', limit: 100 });
    expect(data.length).toBeLessThanOrEqual(1);
    const last = text(await world.call('checkout', { body: { planId: 'pro' } }), 'sessionId');
    await world.pay(last);
    expect((await world.stripe.subscriptions.list()).data).toHaveLength(1);
  });

  test('accounts have customers of their own', async () => {
    const world = await openBilling();
    await world.buy({ packId: 'pack-500' }, 'ann');
    await world.buy({ packId: 'pack-500' }, 'bob');
    expect((await world.billing('ann')).customerId).not.toBe((await world.billing('bob')).customerId);
    expect((await world.account('bob')).grants.filter(({ kind }) => kind === 'pack')).toHaveLength(1);
  });
});

describe('POST /v1/billing/portal', () => {
  test('leads to a page of the one customer, and back', async () => {
    const world = await openBilling();
    await world.buy({ packId: 'pack-500' });
    const { customerId } = await world.billing();
    const opened = await world.call('portal');
    expect(opened).toMatchObject({ status: 201, body: { url: expect.stringContaining('/portal/') } });
    const page = await (await fetch(text(opened, 'url'))).text();
    expect(page).toContain(APP_URL);
    expect((await world.billing()).customerId).toBe(customerId);
  });

  test('of somebody who has bought nothing: the customer made for it is the one that buys', async () => {
    const world = await openBilling();
    expect(await world.call('portal', { body: {} })).toMatchObject({ status: 201 });
    await world.buy({ packId: 'pack-500' });
    expect((await world.stripe.customers.list()).data).toHaveLength(1);
  });
});

test('a day has gone by: the view still tells of the next charge', async () => {
  const world = await openBilling();
  await world.buy({ planId: 'pro-yearly' });
  await world.moveTo(START_MS + DAY_MS);
  expect((await world.call('view')).body).toMatchObject({
    plan: 'pro-yearly',
    nextCharge: { amount: 49_000, currency: 'usd', at: iso(Date.UTC(2028, 0, 31, 12)) },
  });
});
