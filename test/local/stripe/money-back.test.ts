import { describe, expect, test } from 'vitest';
import { buy, idOf, key, openShop, subscribe } from './shop.ts';

const bought = async () => {
  const shop = await openShop();
  const session = await buy(shop, 'price_pack');
  await shop.news();
  const paymentIntentId = idOf(session.payment_intent);
  const refund = (amount?: number) => shop.control('POST', '/refunds', { paymentIntentId, ...(amount && { amount }) });
  const dispute = () => shop.control('POST', '/disputes', { paymentIntentId });
  const charge = async () => (await shop.stripe.charges.list({ payment_intent: paymentIntentId })).data[0];
  return { shop, paymentIntentId, refund, dispute, charge };
};

describe('a refund', () => {
  test('gives all back, and says so', async () => {
    const { shop, paymentIntentId, refund, charge } = await bought();
    const made = await refund();
    expect(made).toMatchObject({
      status: 200,
      body: { object: 'refund', amount: 500, status: 'succeeded', paymentIntentId },
    });
    const events = await shop.news();
    expect(events.map(({ type }) => type)).toEqual([
      'refund.created',
      'charge.refunded',
      'refund.updated',
      'charge.refund.updated',
    ]);
    expect(events[1]).toMatchObject({
      data: {
        object: { amount: 500, amount_refunded: 500, refunded: true },
        previous_attributes: { amount_refunded: 0, refunded: false },
      },
    });
    expect(await charge()).toMatchObject({ refunded: true });
  });

  test('in parts adds up, and never to more than was paid', async () => {
    const { shop, paymentIntentId, refund, charge } = await bought();
    await refund(200);
    await refund(100);
    expect(await charge()).toMatchObject({ amount_refunded: 300, refunded: false });
    expect(await refund(201)).toMatchObject({ status: 400, body: { errors: [{ path: '$.amount' }] } });
    expect((await refund()).body).toMatchObject({ amount: 200 });
    expect(await refund()).toMatchObject({ status: 409 });
    expect(
      (await shop.stripe.refunds.list({ payment_intent: paymentIntentId })).data.map(({ amount }) => amount),
    ).toEqual([200, 100, 200]);
    const previous = (await shop.news())
      .filter(({ type }) => type === 'charge.refunded')
      .map(({ data }) => data.previous_attributes);
    expect(previous).toEqual([
      { amount_refunded: 0 },
      { amount_refunded: 200 },
      { amount_refunded: 300, refunded: false },
    ]);
  });

  test('asked for through the API is made once for its key', async () => {
    const { shop, paymentIntentId } = await bought();
    const options = key();
    const ask = () =>
      shop.stripe.refunds.create(
        { payment_intent: paymentIntentId, reason: 'requested_by_customer', metadata: { legacy: 'yes' } },
        options,
      );
    const refund = await ask();
    expect(refund).toMatchObject({ amount: 500, metadata: { legacy: 'yes' }, reason: 'requested_by_customer' });
    expect(await ask()).toEqual(refund);
    expect(await shop.stripe.refunds.retrieve(refund.id, { expand: ['charge'] })).toMatchObject({
      charge: { refunded: true },
    });
    await expect(shop.stripe.refunds.create({ payment_intent: paymentIntentId }, key())).rejects.toMatchObject({
      code: 'charge_already_refunded',
    });
  });

  test('that the bank sends back has failed, and the charge counts as before', async () => {
    const { shop, refund, charge } = await bought();
    const { body } = await refund(200);
    await shop.news();
    await shop.standIn.failRefund(String(body['id']));
    expect((await shop.news()).map(({ type }) => type)).toEqual([
      'refund.failed',
      'refund.updated',
      'charge.refund.updated',
      'charge.updated',
    ]);
    expect(await charge()).toMatchObject({ amount_refunded: 0 });
    await expect(shop.standIn.failRefund(String(body['id']))).rejects.toThrow();
  });

  test('fails by a control too', async () => {
    const { shop, refund, charge } = await bought();
    const { body } = await refund();
    expect(await shop.control('POST', `/refunds/${body['id']}/fail`, {})).toMatchObject({
      status: 200,
      body: { status: 'failed' },
    });
    expect(await charge()).toMatchObject({ refunded: false });
  });

  test('of a renewal goes by the payment intent of its invoice', async () => {
    const shop = await openShop();
    const { subscription } = await subscribe(shop);
    const { data } = await shop.stripe.invoicePayments.list({ invoice: idOf(subscription.latest_invoice) });
    const paymentIntentId = idOf(data[0]?.payment.payment_intent);
    expect((await shop.control('POST', '/refunds', { paymentIntentId, amount: 700 })).body).toMatchObject({
      amount: 700,
    });
  });
});

describe('a dispute', () => {
  test('takes the payment away, and won gives it back', async () => {
    const { shop, paymentIntentId, dispute, charge } = await bought();
    const opened = await dispute();
    expect(opened).toMatchObject({
      status: 200,
      body: { object: 'dispute', amount: 500, status: 'needs_response', paymentIntentId, is_charge_refundable: false },
    });
    expect(await charge()).toMatchObject({ disputed: true });
    expect((await shop.news()).map(({ type }) => type)).toEqual([
      'charge.updated',
      'charge.dispute.created',
      'charge.dispute.funds_withdrawn',
    ]);
    const { body } = await shop.control('POST', `/disputes/${opened.body['id']}/close`, { outcome: 'won' });
    expect(body).toMatchObject({ status: 'won', paymentIntentId });
    expect(await shop.news()).toMatchObject([
      {
        type: 'charge.dispute.closed',
        data: { object: { status: 'won' }, previous_attributes: { status: 'needs_response' } },
      },
      {
        type: 'charge.dispute.funds_reinstated',
        data: { object: { balance_transactions: [{ amount: -500 }, { amount: 500 }] } },
      },
    ]);
  });

  test('lost stays away', async () => {
    const { shop, paymentIntentId, dispute } = await bought();
    const { body } = await dispute();
    await shop.news();
    await shop.control('POST', `/disputes/${body['id']}/close`, { outcome: 'lost' });
    expect(await shop.news()).toMatchObject([{ type: 'charge.dispute.closed', data: { object: { status: 'lost' } } }]);
    expect((await shop.stripe.disputes.list({ payment_intent: paymentIntentId })).data).toMatchObject([
      { status: 'lost' },
    ]);
  });

  test.each([
    { it: 'after a refund in part is for the rest', refunded: 200, amount: 300 },
    { it: 'after a refund of all is for all again', refunded: 500, amount: 500 },
  ])('$it', async ({ refunded, amount }) => {
    const { refund, dispute } = await bought();
    await refund(refunded);
    expect((await dispute()).body).toMatchObject({ amount });
  });

  test('stops refunds until it is won', async () => {
    const { shop, refund, dispute } = await bought();
    const { body } = await dispute();
    expect(await refund(100)).toMatchObject({ status: 409 });
    await shop.control('POST', `/disputes/${body['id']}/close`, { outcome: 'won' });
    expect(await refund(100)).toMatchObject({ status: 200 });
  });

  test('comes once, and is closed once', async () => {
    const { shop, dispute } = await bought();
    const { body } = await dispute();
    expect(await dispute()).toMatchObject({ status: 409 });
    const close = (outcome: string) => shop.control('POST', `/disputes/${body['id']}/close`, { outcome });
    expect(await close('lost')).toMatchObject({ status: 200 });
    expect(await close('won')).toMatchObject({ status: 409 });
  });
});
