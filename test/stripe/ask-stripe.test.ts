import { describe, expect, test } from 'vitest';
import { askStripe } from '../../lib/stripe/ask-stripe.ts';
import { stripeClient } from '../../lib/stripe/stripe-client.ts';
import { LOCAL_STRIPE_KEY } from '../../local/stripe/local-keys.ts';
import { buy, checkout, DAY_MS, idOf, openShop, type Shop, START_MS, subscribe } from '../local/stripe/shop.ts';

const OURS = { client_reference_id: 'order-1' };

/** The questions as a Lambda asks them, of the stand-in. */
const asking = (shop: Shop) => {
  const client = stripeClient({ apiKey: LOCAL_STRIPE_KEY, endpoint: `http://localhost:${shop.standIn.port}` });
  return askStripe(
    async () => client,
    () => shop.clock.nowMs,
  );
};

describe('a subscription', () => {
  test('is told as of the whole second it is asked in', async () => {
    const shop = await openShop();
    const { subscription, customerId } = await subscribe(shop);
    await shop.moveTo(START_MS + 1999);
    expect(await asking(shop).subscription(subscription.id)).toMatchObject({
      customerId,
      subscription: { id: subscription.id, status: 'active', asOfMs: START_MS + 1000 },
    });
  });

  test('that Stripe does not have is none', async () => {
    expect(await asking(await openShop()).subscription('sub_unknown')).toBeNull();
  });
});

describe('what a payment paid for', () => {
  test('is a pack, as its webhook would have told it', async () => {
    const shop = await openShop();
    const open = await checkout(shop, 'price_pack', OURS);
    await shop.moveTo(START_MS + 5000);
    const { body } = await shop.control('POST', `/checkout/${open.id}/pay`, { outcome: 'paid' });
    await shop.moveTo(START_MS + DAY_MS);
    const paymentId = String(body['payment_intent']);
    expect(await asking(shop).paidBy(paymentId)).toEqual([
      {
        fact: 'pack_paid',
        customerId: open.customer,
        orderId: 'order-1',
        paymentId,
        subtotal: 500,
        amount: 500,
        currency: 'usd',
        paidAtMs: START_MS + 5000,
      },
    ]);
  });

  test('is a pack whose money came a day later, from that day on and not before', async () => {
    const shop = await openShop();
    const session = await checkout(shop, 'price_pack', OURS);
    const { body } = await shop.control('POST', `/checkout/${session.id}/pay`, { outcome: 'paid_later' });
    await shop.moveTo(START_MS + 1000);
    const another = await checkout(shop, 'price_pack', { client_reference_id: 'order-2' });
    await shop.control('POST', `/checkout/${another.id}/pay`, { outcome: 'paid_later' });
    const { paidBy } = asking(shop);
    expect(await paidBy(String(body['payment_intent']))).toEqual([]);
    await shop.moveTo(START_MS + 20 * DAY_MS);
    const paid = { fact: 'pack_paid', orderId: 'order-1', paidAtMs: START_MS + DAY_MS };
    expect(await paidBy(String(body['payment_intent']))).toMatchObject([paid]);
    // Stripe has forgotten the event that knew.
    await shop.moveTo(START_MS + 40 * DAY_MS);
    expect(await paidBy(String(body['payment_intent']))).toMatchObject([{ ...paid, paidAtMs: START_MS }]);
  });

  test('is a subscription’s period', async () => {
    const shop = await openShop();
    const { session } = await subscribe(shop);
    const [payment] = (await shop.stripe.invoicePayments.list({ invoice: idOf(session.invoice) })).data;
    expect(await asking(shop).paidBy(idOf(payment?.payment.payment_intent))).toMatchObject([
      { fact: 'period_paid', paymentId: session.invoice, amount: 1500, startMs: START_MS },
    ]);
  });

  test.each([
    { it: 'of before this system', of: (shop: Shop) => legacy(shop) },
    {
      it: 'in a session of somebody else’s',
      of: async (shop: Shop) => idOf((await buy(shop, 'price_pack')).payment_intent),
    },
    { it: 'that does not exist', of: async () => 'pi_unknown' },
  ])('is nothing of ours: a payment $it', async ({ of }) => {
    const shop = await openShop();
    expect(await asking(shop).paidBy(await of(shop))).toEqual([]);
  });

  const legacy = (shop: Shop) =>
    shop.standIn.addLegacyPayment({ amount: 500, currency: 'usd', createdAtMs: START_MS - DAY_MS });
});

describe('a subscription bought beside a live one', () => {
  const duplicate = async () => {
    const shop = await openShop();
    const { subscription, session } = await subscribe(shop);
    const invoiceId = idOf(session.invoice);
    const [payment] = (await shop.stripe.invoicePayments.list({ invoice: invoiceId })).data;
    await shop.news();
    return {
      shop,
      paymentId: idOf(payment?.payment.payment_intent),
      undo: () => asking(shop).undo({ subscriptionId: subscription.id, invoiceId }),
      status: async () => (await shop.stripe.subscriptions.retrieve(subscription.id)).status,
      refunds: async () => (await shop.stripe.refunds.list()).data.map(({ amount }) => amount),
    };
  };

  test('is ended and its money given back, once, however often it is asked, even days apart', async () => {
    const { shop, undo, status, refunds } = await duplicate();
    await undo();
    await undo();
    // Stripe forgets idempotency keys after a day.
    await shop.moveTo(START_MS + 3 * DAY_MS);
    await undo();
    expect(await status()).toBe('canceled');
    expect(await refunds()).toEqual([1500]);
  });

  test('is undone to the end by the second try where the first was cut off', async () => {
    const { shop, undo, status, refunds } = await duplicate();
    shop.standIn.outage('lost_answers');
    await expect(undo()).rejects.toMatchObject({ type: 'StripeConnectionError' });
    shop.standIn.outage(false);
    await undo();
    expect(await status()).toBe('canceled');
    expect(await refunds()).toEqual([1500]);
  });

  test('is refunded what is left of it, and nothing where its bank has taken it back', async () => {
    const partly = await duplicate();
    await partly.shop.control('POST', '/refunds', { paymentIntentId: partly.paymentId, amount: 500 });
    await partly.undo();
    expect(await partly.refunds()).toEqual([1000, 500]);
    const disputed = await duplicate();
    await disputed.shop.control('POST', '/disputes', { paymentIntentId: disputed.paymentId });
    await disputed.undo();
    expect(await disputed.status()).toBe('canceled');
    expect(await disputed.refunds()).toEqual([]);
  });
});

test('while Stripe is down every question is a fault, never an answer', async () => {
  const shop = await openShop();
  shop.standIn.outage(true);
  const ask = asking(shop);
  const asked = [
    ask.subscription('sub_1'),
    ask.paidBy('pi_1'),
    ask.undo({ subscriptionId: 'sub_1', invoiceId: 'in_1' }),
  ];
  for (const answer of asked) await expect(answer).rejects.toMatchObject({ type: 'StripeAPIError', statusCode: 503 });
});
