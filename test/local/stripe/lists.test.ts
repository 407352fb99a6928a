import type Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { buy, checkout, DAY_MS, HOUR_MS, idOf, itemOf, key, openShop, START_MS, subscribe } from './shop.ts';

// What a reconciliation reads: each list by what it is asked for, in pages.

const START_S = START_MS / 1000;
const RENEWED_S = START_S + 28 * 24 * 3600 + 3600;

/** A pack and a plan bought, the plan renewed, the pack refunded and the first invoice disputed; one session open, one expired. */
const history = async () => {
  const shop = await openShop();
  const pack = await buy(shop, 'price_pack');
  const plan = await subscribe(shop);
  await checkout(shop, 'price_pack', { customer: plan.customerId });
  await shop.moveTo(START_MS + 28 * DAY_MS + HOUR_MS);
  const open = await checkout(shop, 'price_pack', { customer: plan.customerId });
  await shop.control('POST', '/refunds', { paymentIntentId: idOf(pack.payment_intent), amount: 100 });
  const [payment] = (await shop.stripe.invoicePayments.list({ invoice: idOf(plan.subscription.latest_invoice) })).data;
  const planIntent = idOf(payment?.payment.payment_intent);
  await shop.control('POST', '/disputes', { paymentIntentId: planIntent });
  return { shop, pack, plan, open, planIntent };
};

const ids = async (list: Stripe.ApiListPromise<{ id: string }>) => (await list).data.map(({ id }) => id);

describe('a reconciliation finds', () => {
  test('the session of a payment, and the invoice of one', async () => {
    const { shop, pack, plan, planIntent } = await history();
    const { sessions } = shop.stripe.checkout;
    expect(await ids(sessions.list({ payment_intent: idOf(pack.payment_intent) }))).toEqual([pack.id]);
    expect(await ids(sessions.list({ payment_intent: planIntent }))).toEqual([]);
    expect(
      (await shop.stripe.invoicePayments.list({ payment: { type: 'payment_intent', payment_intent: planIntent } }))
        .data,
    ).toMatchObject([{ invoice: plan.subscription.latest_invoice, status: 'paid' }]);
  });

  test('what was paid, refunded and disputed since an instant', async () => {
    const { shop, open, plan, planIntent } = await history();
    const { stripe } = shop;
    const since = { gte: RENEWED_S };
    expect(await ids(stripe.refunds.list({ created: since }))).toHaveLength(1);
    expect(await ids(stripe.refunds.list({ created: { gt: RENEWED_S } }))).toEqual([]);
    expect((await stripe.disputes.list({ created: since })).data).toMatchObject([{ payment_intent: planIntent }]);
    expect(await ids(stripe.disputes.list({ created: { lt: RENEWED_S } }))).toEqual([]);
    expect(await ids(stripe.checkout.sessions.list({ created: since }))).toEqual([open.id]);
    expect(await ids(stripe.checkout.sessions.list({ status: 'open' }))).toEqual([open.id]);
    expect(await ids(stripe.checkout.sessions.list({ status: 'complete', created: { lte: START_S } }))).toHaveLength(2);
    const paid = { status: 'paid', customer: plan.customerId } as const;
    expect(await ids(stripe.invoices.list(paid))).toHaveLength(2);
    expect((await stripe.invoices.list({ ...paid, created: { gt: START_S } })).data).toMatchObject([
      { billing_reason: 'subscription_cycle' },
    ]);
  });

  test('subscriptions by status, customer and period, page after page', async () => {
    const { shop, plan } = await history();
    const others = [await subscribe(shop), await subscribe(shop, 'price_pro_yearly')];
    await shop.stripe.subscriptions.cancel(others[0]?.subscription.id ?? '');
    const newestFirst = [others[1], others[0], plan].map((one) => one?.subscription.id);
    const { subscriptions } = shop.stripe;
    expect(await ids(subscriptions.list())).toEqual([newestFirst[0], newestFirst[2]]);
    const pages: string[] = [];
    for await (const { id } of subscriptions.list({ status: 'all', limit: 1 })) pages.push(id);
    expect(pages).toEqual(newestFirst);
    const [newest = ''] = pages;
    expect(await subscriptions.list({ status: 'all', limit: 1, starting_after: newest })).toMatchObject({
      data: [{ id: newestFirst[1] }],
      has_more: true,
    });
    expect(await ids(subscriptions.list({ status: 'all', customer: plan.customerId }))).toEqual([plan.subscription.id]);
    expect(await ids(subscriptions.list({ status: 'all', created: { lte: START_S } }))).toEqual([plan.subscription.id]);
    const end = itemOf(await subscriptions.retrieve(plan.subscription.id)).current_period_end;
    expect(await ids(subscriptions.list({ current_period_end: { lte: end } }))).toEqual([plan.subscription.id]);
    expect(await ids(subscriptions.list({ current_period_end: { gt: end } }))).toEqual([newest]);
    expect(await ids(subscriptions.list({ current_period_start: { gte: RENEWED_S } }))).toEqual([newest]);
  });
});

describe('what was said at the checkout', () => {
  const said = { client_reference_id: 'account-1', metadata: { intent: 'x' } };

  test('of a pack is on the session, its payment and its charge', async () => {
    const shop = await openShop();
    const session = await buy(shop, 'price_pack', { ...said, payment_intent_data: { metadata: { pack: 'p' } } });
    expect(session).toMatchObject(said);
    const intent = await shop.stripe.paymentIntents.retrieve(idOf(session.payment_intent), {
      expand: ['latest_charge'],
    });
    expect(intent).toMatchObject({ metadata: { pack: 'p' }, latest_charge: { metadata: { pack: 'p' } } });
    const completed = (await shop.news()).find(({ type }) => type === 'checkout.session.completed');
    expect(completed).toMatchObject({ data: { object: said } });
  });

  test('of a plan is on the session, the subscription, and as it was then on each invoice', async () => {
    const shop = await openShop();
    const session = await buy(shop, 'price_pro', { ...said, subscription_data: { metadata: { plan: 'pro' } } });
    expect(session).toMatchObject(said);
    const id = idOf(session.subscription);
    expect((await shop.stripe.subscriptions.retrieve(id)).metadata).toEqual({ plan: 'pro' });
    await shop.moveTo(START_MS + 28 * DAY_MS);
    // The renewal's invoice is a draft for an hour, in which it still follows.
    await shop.stripe.subscriptions.update(id, { metadata: { plan: 'pro-2' } }, key());
    await shop.moveTo(START_MS + 28 * DAY_MS + HOUR_MS);
    await shop.stripe.subscriptions.update(id, { metadata: { plan: 'pro-3' } }, key());
    const { data } = await shop.stripe.invoices.list({ subscription: id });
    expect(data.map(({ parent }) => parent?.subscription_details?.metadata)).toEqual([
      { plan: 'pro-2' },
      { plan: 'pro' },
    ]);
    expect(data.flatMap(({ lines }) => lines.data.map(({ metadata }) => metadata))).toEqual([
      { plan: 'pro-3' },
      { plan: 'pro-3' },
    ]);
  });
});
