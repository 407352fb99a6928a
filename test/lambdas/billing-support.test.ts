import { describe, expect, test } from 'vitest';
import { viewAccount } from '../../lib/store/account-view.ts';
import { changeBilling, readBillingRow } from '../../lib/store/billing.ts';
import { customerRow } from '../../lib/store/billing-row.ts';
import { quoteFromRow } from '../../lib/store/quote-row.ts';
import { type BillingWorld, openBilling, START_MS, text } from './billing-world.ts';

const RELAUNCH_MS = Date.UTC(2026, 2, 24);

describe('POST /v1/enterprise-quotes (R26)', () => {
  const ask = (world: BillingWorld, body: unknown, more: { sub?: string; key?: string } = {}) =>
    world.call('quote', {
      body,
      ...(more.sub === undefined ? {} : { sub: more.sub }),
      ...(more.key === undefined ? {} : { headers: { 'idempotency-key': more.key } }),
    });

  test('is kept as it was asked, plain fields of a front end’s own too', async () => {
    const world = await openBilling();
    const asked = {
      company: 'Ann & Co',
      contact: 'ann@example.com',
      creditsPerMonth: 1_000_000,
      message: 'We need more.\nSoon.',
      seats: 40,
      newsletter: false,
      rate: 1e300,
      odd: '\ud800',
    };
    const answered = await ask(world, { ...asked, phone: null });
    expect(answered).toMatchObject({
      status: 201,
      body: { status: 'requested', requestedAt: new Date(START_MS).toISOString() },
    });
    const row = await readBillingRow(world.table, 'ann', 'quote', text(answered, 'quoteId'));
    expect(quoteFromRow(row)).toEqual({ id: answered.body['quoteId'], atMs: START_MS, asked });
  });

  test('the same again is the same quote, at any distance, in any order of its fields; another’s is another', async () => {
    const world = await openBilling();
    const first = await ask(world, { company: 'A', seats: 4 });
    world.clock.nowMs += 1e10;
    expect(await ask(world, { seats: 4, company: 'A' })).toEqual(first);
    const others = [
      await ask(world, { company: 'A', seats: 5 }),
      await ask(world, { company: 'A', seats: 4 }, { sub: 'bob' }),
    ];
    expect(new Set([first, ...others].map(({ body }) => body['quoteId'])).size).toBe(3);
  });

  test('twenty at once are one', async () => {
    const world = await openBilling();
    const twenty = await Promise.all(
      Array.from({ length: 20 }, (_, at) => ask(world, { company: 'A' }, { key: at % 2 ? 'one' : 'two' })),
    );
    expect(new Set(twenty.map(({ status, body }) => JSON.stringify([status, body]))).size).toBe(1);
    expect(twenty[0]?.status).toBe(201);
  });

  test('a key stands for one request', async () => {
    const world = await openBilling();
    const first = await ask(world, { company: 'A' }, { key: 'one' });
    expect(await ask(world, { company: 'A' }, { key: 'one' })).toEqual(first);
    expect(await ask(world, { company: 'A' }, { key: 'two' })).toEqual(first);
    expect(await ask(world, { company: 'B' }, { key: 'one' })).toMatchObject({
      status: 409,
      body: { code: 'idempotency_mismatch' },
    });
  });

  test.each([
    [{ company: 5 }, 'company'],
    [{ company: null }, 'company'],
    [{ contact: 'nobody' }, 'contact'],
    [{ creditsPerMonth: '5' }, 'creditsPerMonth'],
    [{ creditsPerMonth: -1 }, 'creditsPerMonth'],
    [{ message: 'x'.repeat(4001) }, 'message'],
    [{ other: { nested: 1 } }, 'other'],
    [{ other: ['list'] }, 'other'],
    [JSON.parse('{"company":"A","__proto__":"B"}'), '__proto__'],
    [JSON.parse('{"__proto__":{"company":"B"}}'), '__proto__'],
    [JSON.parse('{"other":{"__proto__":1}}'), 'other'],
    [{ a: 'x'.repeat(9000) }, '$'],
    [Object.fromEntries(Array.from({ length: 41 }, (_, at) => [`f${at}`, at])), '$'],
    [[], '$'],
    ['text', '$'],
    [undefined, '$'],
  ])('%j is refused at its path', async (body, path) => {
    const world = await openBilling();
    expect(await ask(world, body)).toMatchObject({
      status: 400,
      body: { code: 'validation_failed', errors: [{ path }] },
    });
  });
});

describe('POST /v1/support/legacy-refunds (R28)', () => {
  const refund = (world: BillingWorld, paymentIntentId: string, reason = 'asked for it', sub = 'support-1') =>
    world.call('legacyRefund', { sub, body: { accountId: 'ann', paymentIntentId, reason } });
  const old = (world: BillingWorld, createdAtMs = RELAUNCH_MS - 1000, accountId = 'ann') =>
    world.standIn.addLegacyPayment({ accountId, amount: 900, currency: 'usd', createdAtMs });

  test('the money goes back in full, once, and its owner sees who did it and why', async () => {
    const world = await openBilling();
    const paymentIntentId = await old(world);
    const refunded = await refund(world, paymentIntentId);
    expect(refunded).toMatchObject({
      status: 200,
      body: {
        accountId: 'ann',
        paymentIntentId,
        amount: 900,
        currency: 'usd',
        creditsTakenBack: 0,
        refundedAt: new Date(START_MS).toISOString(),
      },
    });
    world.clock.nowMs += 1e9;
    expect(await refund(world, paymentIntentId)).toEqual(refunded);
    expect(await refund(world, paymentIntentId, 'asked for it', 'support-2')).toEqual(refunded);
    expect(await refund(world, paymentIntentId, 'for another reason')).toMatchObject({
      status: 409,
      body: { code: 'idempotency_mismatch' },
    });
    const { data } = await world.stripe.refunds.list();
    expect(data.map(({ id, amount }) => [id, amount])).toEqual([[refunded.body['refundId'], 900]]);
    const told = (await world.history()).filter(({ kind }) => kind === 'refund');
    expect(told).toMatchObject([{ reason: 'asked for it', actor: 'support-1', payment: paymentIntentId, changes: [] }]);
  });

  test('ten at once give it back once', async () => {
    const world = await openBilling();
    const paymentIntentId = await old(world);
    const ten = await Promise.all(Array.from({ length: 10 }, () => refund(world, paymentIntentId)));
    expect(new Set(ten.map(({ status, body }) => JSON.stringify([status, body]))).size).toBe(1);
    expect((await world.stripe.refunds.list()).data).toHaveLength(1);
    expect((await world.history()).filter(({ kind }) => kind === 'refund')).toHaveLength(1);
  });

  test('a customer on record is believed before what its metadata says', async () => {
    const world = await openBilling();
    const customer = await world.stripe.customers.create({ metadata: { accountId: 'bob' } }, { idempotencyKey: 'c' });
    const paymentIntentId = await world.standIn.addLegacyPayment({
      customerId: customer.id,
      amount: 900,
      currency: 'usd',
      createdAtMs: RELAUNCH_MS - 1000,
    });
    expect(await refund(world, paymentIntentId)).toMatchObject({ status: 404 });
    await changeBilling(world.table, 'ann', (billing) => ({
      billing: { ...billing, customerId: customer.id },
      rows: [customerRow(customer.id, 'ann')],
    }));
    expect(await refund(world, paymentIntentId)).toMatchObject({ status: 200 });
  });

  test.each([
    ['made at the relaunch', (world: BillingWorld) => old(world, RELAUNCH_MS), 422, 'before the relaunch'],
    [
      'refunded otherwise',
      async (world: BillingWorld) => {
        const paymentIntentId = await old(world);
        await world.control('POST', '/refunds', { paymentIntentId });
        return paymentIntentId;
      },
      422,
      'refunded before',
    ],
    [
      'disputed',
      async (world: BillingWorld) => {
        const paymentIntentId = await old(world);
        await world.control('POST', '/disputes', { paymentIntentId });
        return paymentIntentId;
      },
      422,
      'disputed',
    ],
    ['another’s', (world: BillingWorld) => old(world, RELAUNCH_MS - 1000, 'bob'), 404, undefined],
    ['unknown', async () => 'pi_unknown', 404, undefined],
  ] as const)('%s: refused, and nothing is written', async (_, make, status, why) => {
    const world = await openBilling();
    const paymentIntentId = await make(world);
    const before = (await world.stripe.refunds.list()).data.length;
    expect(await refund(world, paymentIntentId)).toMatchObject({
      status,
      body:
        status === 404
          ? { code: 'not_found' }
          : { code: 'refund_not_covered', detail: expect.stringContaining(why ?? '') },
    });
    expect((await world.stripe.refunds.list()).data).toHaveLength(before);
    expect((await viewAccount(world.table, 'ann', START_MS)).stored).toBeNull();
  });

  test('one that never succeeded', async () => {
    const world = await openBilling();
    world.clock.nowMs = RELAUNCH_MS - 1e9;
    const sessionId = text(await world.call('checkout', { body: { packId: 'pack-500' } }), 'sessionId');
    await world.pay(sessionId, 'declined');
    const { payment_intent } = await world.stripe.checkout.sessions.retrieve(sessionId);
    world.clock.nowMs = START_MS;
    expect(await refund(world, String(payment_intent))).toMatchObject({
      status: 422,
      body: { detail: expect.stringContaining('did not succeed') },
    });
  });

  test('of a purchase that is known, what is left of its credits goes; a part refunded before stays refunded', async () => {
    const world = await openBilling();
    world.clock.nowMs = RELAUNCH_MS - 1e9;
    const sessionId = await world.buy({ packId: 'pack-2000' });
    const { payment_intent } = await world.stripe.checkout.sessions.retrieve(sessionId);
    const paymentIntentId = String(payment_intent);
    await world.control('POST', '/refunds', { paymentIntentId, amount: 900 });
    world.clock.nowMs = RELAUNCH_MS + 1e9;
    world.webhooks.heard = false;
    const refunded = await refund(world, paymentIntentId);
    expect(refunded).toMatchObject({ status: 200, body: { amount: 900, creditsTakenBack: 2000 } });
    const left = (await world.account()).grants.filter(({ kind }) => kind === 'pack');
    expect(left.map(({ remaining }) => remaining)).toEqual([0]);
    expect(await refund(world, paymentIntentId)).toEqual(refunded);
  });
});
