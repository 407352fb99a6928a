import { describe, expect, test } from 'vitest';
import { buy, idOf, key, openShop } from './shop.ts';

const BEFORE = '2026-03-23T23:59:59.999Z';
const BEFORE_S = Math.floor(Date.parse(BEFORE) / 1000);

describe('a payment of before the relaunch', () => {
  test('is a succeeded payment intent of a customer who is there, and says nothing', async () => {
    const shop = await openShop();
    const customer = idOf((await buy(shop, 'price_pack')).customer);
    await shop.news();
    const { status, body } = await shop.control('POST', '/legacy-payments', {
      customerId: customer,
      amount: 1234,
      createdAt: BEFORE,
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ customerId: customer });
    expect(await shop.news()).toEqual([]);
    const id = String(body['paymentIntentId']);
    expect(await shop.stripe.paymentIntents.retrieve(id, { expand: ['latest_charge'] })).toMatchObject({
      status: 'succeeded',
      amount_received: 1234,
      created: BEFORE_S,
      customer,
      latest_charge: { paid: true, amount: 1234 },
    });
    // Older than what came before it in time.
    const { data } = await shop.stripe.charges.list({ customer });
    expect(data.map(({ amount }) => amount)).toEqual([500, 1234]);
    expect((await shop.stripe.charges.list({ created: { gt: BEFORE_S } })).data).toHaveLength(1);
  });

  test('without a customer makes one, and knows whose account it was for', async () => {
    const shop = await openShop();
    const id = await shop.standIn.addLegacyPayment({
      accountId: 'someone',
      amount: 700,
      currency: 'usd',
      createdAtMs: Date.parse(BEFORE),
    });
    expect(await shop.stripe.paymentIntents.retrieve(id, { expand: ['customer'] })).toMatchObject({
      metadata: { accountId: 'someone' },
      customer: { metadata: { accountId: 'someone' }, created: BEFORE_S },
    });
  });

  test('is refunded like any other, once', async () => {
    const shop = await openShop();
    const { body } = await shop.control('POST', '/legacy-payments', { amount: 700, createdAt: BEFORE });
    const refund = () => shop.stripe.refunds.create({ payment_intent: String(body['paymentIntentId']) }, key());
    expect(await refund()).toMatchObject({ amount: 700, status: 'succeeded' });
    expect((await shop.news()).map(({ type }) => type)).toContain('charge.refunded');
    await expect(refund()).rejects.toMatchObject({ code: 'charge_already_refunded' });
  });

  test('of an unknown customer is 404', async () => {
    const shop = await openShop();
    const body = { customerId: 'cus_x', amount: 700, createdAt: BEFORE };
    expect(await shop.control('POST', '/legacy-payments', body)).toMatchObject({ status: 404 });
  });
});
