import type Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import type { PaymentFact } from '../../lib/domain/payment-fact.ts';
import { factsOfEvent, HEARD_EVENTS } from '../../lib/stripe/event-facts.ts';
import {
  buy,
  checkout,
  DAY_MS,
  HOUR_MS,
  idOf,
  itemOf,
  key,
  openShop,
  type Shop,
  START_MS,
  subscribe,
} from '../local/stripe/shop.ts';

/** 28 February noon: a month after 31 January noon. */
const END_MS = START_MS + 28 * DAY_MS;
const NEXT_END_MS = Date.UTC(2027, 2, 31, 12);
const WEEK_MS = START_MS + 7 * DAY_MS;

/** What has happened since the last look, by what it tells; events that tell nothing left out. */
const told = async (shop: Shop): Promise<readonly (readonly [type: string, ...facts: PaymentFact[]])[]> =>
  (await shop.news())
    .map((event) => [event.type, ...factsOfEvent(event)] as const)
    .filter((line) => line.length > 1 || HEARD_EVENTS.some((type) => type === line[0]));

const pay = (shop: Shop, { id }: Stripe.Checkout.Session, outcome: string) =>
  shop.control('POST', `/checkout/${id}/pay`, { outcome });

const OURS = { client_reference_id: 'order-1' };

describe('a pack', () => {
  test('paid with a card is paid when its session is complete', async () => {
    const shop = await openShop();
    const session = await checkout(shop, 'price_pack', OURS);
    const { body } = await pay(shop, session, 'paid');
    expect(await told(shop)).toEqual([
      [
        'checkout.session.completed',
        {
          fact: 'pack_paid',
          customerId: session.customer,
          orderId: 'order-1',
          paymentId: body['payment_intent'],
          subtotal: 500,
          amount: 500,
          currency: 'usd',
          paidAtMs: START_MS,
        },
      ],
    ]);
  });

  test('paid later is paid when the money has come, not when the session is complete', async () => {
    const shop = await openShop();
    const session = await checkout(shop, 'price_pack', OURS);
    await pay(shop, session, 'paid_later');
    expect(await told(shop)).toEqual([['checkout.session.completed']]);
    await shop.moveTo(START_MS + DAY_MS);
    expect(await told(shop)).toMatchObject([
      [
        'checkout.session.async_payment_succeeded',
        { fact: 'pack_paid', orderId: 'order-1', paidAtMs: START_MS + DAY_MS },
      ],
    ]);
  });

  test('paid later whose money does not come has failed, and can be paid no more', async () => {
    const shop = await openShop();
    const session = await checkout(shop, 'price_pack', OURS);
    await pay(shop, session, 'paid_later');
    await shop.news();
    await pay(shop, session, 'declined');
    const customerId = session.customer;
    expect(await told(shop)).toEqual([
      [
        'checkout.session.async_payment_failed',
        {
          fact: 'payment_failed',
          customerId,
          id: session.id,
          subscriptionId: null,
          amount: 500,
          currency: 'usd',
          atMs: START_MS,
          nextAttemptMs: null,
        },
        { fact: 'checkout_closed', customerId, orderId: 'order-1' },
      ],
    ]);
  });

  test.each(['price_pack', 'price_starter'])('a session for %s that expires is closed', async (price) => {
    const shop = await openShop();
    const session = await checkout(shop, price, OURS);
    await shop.stripe.checkout.sessions.expire(session.id, {}, key());
    expect(await told(shop)).toEqual([
      ['checkout.session.expired', { fact: 'checkout_closed', customerId: session.customer, orderId: 'order-1' }],
    ]);
  });

  test('in a session without an order of ours is none of ours', async () => {
    const shop = await openShop();
    await buy(shop, 'price_pack');
    expect(await told(shop)).toEqual([['checkout.session.completed']]);
  });
});

describe('a subscription', () => {
  test('is told of by its own events, and its first period by the invoice alone', async () => {
    const shop = await openShop();
    const session = await buy(shop, 'price_starter', OURS);
    const subscription = await shop.stripe.subscriptions.retrieve(idOf(session.subscription));
    const customerId = idOf(session.customer);
    const stands = (status: string) => ({
      fact: 'subscription',
      customerId,
      subscription: {
        id: subscription.id,
        itemId: itemOf(subscription).id,
        priceId: 'price_starter',
        status,
        renews: true,
        createdMs: START_MS,
        anchorMs: START_MS,
        periodStartMs: START_MS,
        periodEndMs: END_MS,
        scheduleId: null,
        asOfMs: START_MS,
      },
    });
    expect(await told(shop)).toEqual([
      ['customer.subscription.created', stands('incomplete')],
      ['customer.subscription.updated', stands('active')],
      [
        'invoice.paid',
        {
          fact: 'period_paid',
          customerId,
          subscriptionId: subscription.id,
          paymentId: idOf(session.invoice),
          priceId: 'price_starter',
          subtotal: 1500,
          proration: false,
          amount: 1500,
          currency: 'usd',
          startMs: START_MS,
          endMs: END_MS,
          paidAtMs: START_MS,
        },
      ],
      ['checkout.session.completed'],
    ]);
  });

  test('renews: the period paid for is the line’s, not the invoice’s, which is the one before', async () => {
    const shop = await openShop();
    await subscribe(shop);
    await shop.news();
    await shop.moveTo(END_MS + HOUR_MS);
    expect(await told(shop)).toMatchObject([
      ['customer.subscription.updated', { subscription: { periodStartMs: END_MS, periodEndMs: NEXT_END_MS } }],
      [
        'invoice.paid',
        { proration: false, startMs: END_MS, endMs: NEXT_END_MS, amount: 1500, paidAtMs: END_MS + HOUR_MS },
      ],
    ]);
  });

  test('that cannot be charged fails once for each attempt, says when the next is, and ends canceled', async () => {
    const shop = await openShop();
    const { subscription, customerId } = await subscribe(shop);
    await shop.control('PUT', `/customers/${customerId}`, { nextPayment: 'fails' });
    await shop.news();
    await shop.moveTo(END_MS + HOUR_MS + 15 * DAY_MS);
    const facts = (await told(shop)).flatMap(([, ...some]) => some);
    const failures = facts.filter((fact) => fact.fact === 'payment_failed');
    const [invoice] = (await shop.stripe.invoices.list({ subscription: subscription.id })).data;
    const attempts = [0, 3, 8, 15].map((days) => END_MS + HOUR_MS + days * DAY_MS);
    expect(failures).toEqual(
      attempts.map((atMs, at) => ({
        fact: 'payment_failed',
        customerId,
        id: `${invoice?.id}:${at + 1}`,
        subscriptionId: subscription.id,
        amount: 1500,
        currency: 'usd',
        atMs,
        nextAttemptMs: attempts[at + 1] ?? null,
      })),
    );
    expect(facts.at(-1)).toMatchObject({ fact: 'subscription', subscription: { status: 'canceled', renews: false } });
    expect(facts.filter(({ fact }) => fact === 'period_paid')).toEqual([]);
  });

  test('canceled at the period’s end does not renew, and does again when that is taken back', async () => {
    const shop = await openShop();
    const { subscription } = await subscribe(shop);
    await shop.news();
    for (const cancel_at_period_end of [true, false]) {
      await shop.stripe.subscriptions.update(subscription.id, { cancel_at_period_end }, key());
      expect(await told(shop)).toMatchObject([
        ['customer.subscription.updated', { subscription: { status: 'active', renews: !cancel_at_period_end } }],
      ]);
    }
  });

  test.each([
    {
      it: 'upgraded within its period is paid for the rest of it by the positive proration',
      from: 'price_starter',
      to: 'price_pro',
      paid: { proration: true, subtotal: 3675, amount: 3675 - 1125, startMs: WEEK_MS, endMs: END_MS },
    },
    {
      it: 'changed to a year is paid for a whole period that begins now',
      from: 'price_starter',
      to: 'price_pro_yearly',
      paid: {
        proration: false,
        subtotal: 49_000,
        amount: 49_000 - 1125,
        startMs: WEEK_MS,
        endMs: Date.UTC(2028, 1, 7, 12),
      },
    },
    {
      it: 'changed from a year to a month is paid for although the credit covers it and no money moves',
      from: 'price_pro_yearly',
      to: 'price_pro',
      paid: { proration: false, subtotal: 4900, amount: 0, startMs: WEEK_MS, endMs: Date.UTC(2027, 2, 7, 12) },
    },
  ])('$it', async ({ from, to, paid }) => {
    const shop = await openShop();
    const { subscription, itemId } = await subscribe(shop, from);
    await shop.moveTo(WEEK_MS);
    await shop.news();
    await shop.stripe.subscriptions.update(
      subscription.id,
      { items: [{ id: itemId, price: to }], proration_behavior: 'always_invoice' },
      key(),
    );
    const facts = (await told(shop)).flatMap(([, ...some]) => some);
    expect(facts.filter(({ fact }) => fact === 'period_paid')).toMatchObject([{ ...paid, priceId: to }]);
  });

  test('a renewal that takes prorations along is paid for its whole period, not for them', async () => {
    const shop = await openShop();
    const { subscription, itemId } = await subscribe(shop);
    await shop.moveTo(WEEK_MS);
    const items = [{ id: itemId, price: 'price_pro' }];
    const change = { items, proration_behavior: 'create_prorations' } as const;
    await shop.stripe.subscriptions.update(subscription.id, change, key());
    await shop.news();
    await shop.moveTo(END_MS + HOUR_MS);
    const facts = (await told(shop)).flatMap(([, ...some]) => some);
    expect(facts.filter(({ fact }) => fact === 'period_paid')).toMatchObject([
      { proration: false, subtotal: 4900, amount: 4900 + 3675 - 1125, startMs: END_MS, endMs: NEXT_END_MS },
    ]);
  });
});

describe('money that goes back', () => {
  const bought = async () => {
    const shop = await openShop();
    const { payment_intent } = await buy(shop, 'price_pack', OURS);
    await shop.news();
    return { shop, paymentId: idOf(payment_intent) };
  };

  test('is told by the refund and by the charge’s total, again by what is said of it later', async () => {
    const { shop, paymentId } = await bought();
    const { body } = await shop.control('POST', '/refunds', { paymentIntentId: paymentId, amount: 200 });
    const refund = { fact: 'refund', paymentId, refundId: body['id'], amount: 200, failedAtMs: null };
    expect(await told(shop)).toEqual([
      ['refund.created', refund],
      ['charge.refunded', { fact: 'charge_refunded', paymentId, refunded: 200, asOfMs: START_MS }],
      ['refund.updated', refund],
    ]);
    await shop.control('POST', '/refunds', { paymentIntentId: paymentId });
    expect((await told(shop)).flatMap(([, ...facts]) => facts)).toMatchObject([
      { fact: 'refund', amount: 300 },
      { fact: 'charge_refunded', refunded: 500 },
      { fact: 'refund', amount: 300 },
    ]);
  });

  test('and comes back, since when the event says', async () => {
    const { shop, paymentId } = await bought();
    const { body } = await shop.control('POST', '/refunds', { paymentIntentId: paymentId, amount: 200 });
    await shop.moveTo(START_MS + HOUR_MS);
    await shop.news();
    await shop.standIn.failRefund(String(body['id']));
    const failed = { fact: 'refund', paymentId, refundId: body['id'], amount: 200, failedAtMs: START_MS + HOUR_MS };
    expect(await told(shop)).toEqual([
      ['refund.failed', failed],
      ['refund.updated', failed],
    ]);
  });

  test.each(['won', 'lost'] as const)('in a dispute is frozen until it is %s', async (outcome) => {
    const { shop, paymentId } = await bought();
    const { body } = await shop.control('POST', '/disputes', { paymentIntentId: paymentId });
    const stands = (state: string, asOfMs: number) => ({
      fact: 'dispute',
      paymentId,
      disputeId: body['id'],
      amount: 500,
      state,
      asOfMs,
    });
    expect(await told(shop)).toEqual([
      ['charge.dispute.created', stands('open', START_MS)],
      ['charge.dispute.funds_withdrawn', stands('open', START_MS)],
    ]);
    await shop.moveTo(START_MS + DAY_MS);
    await shop.control('POST', `/disputes/${body['id']}/close`, { outcome });
    const closed = stands(outcome, START_MS + DAY_MS);
    expect(await told(shop)).toEqual([
      ['charge.dispute.closed', closed],
      ...(outcome === 'won' ? [['charge.dispute.funds_reinstated', closed]] : []),
    ]);
  });
});
