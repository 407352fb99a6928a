import { catalog } from '../../../lib/catalog/catalog.ts';
import { isLive, type Order, type Subscription } from '../../../lib/domain/billing.ts';
import type { PackPaid, PaymentFact, PeriodPaid } from '../../../lib/domain/payment-fact.ts';
import type { DisputeState } from '../../../lib/domain/purchase.ts';
import type { SoldPrice } from '../../../lib/domain/sold-price.ts';
import { addMonthsMs, DAY_MS, HOUR_MS, SECOND_MS } from '../../../lib/domain/time.ts';
import type { AskStripe } from '../../../lib/payments/ask-stripe.ts';
import type { PeriodBought } from '../watch/plain-subscription.ts';

/** Everything the catalog sells, at a price of its own. */
export const PRICES: readonly SoldPrice[] = [...catalog.plans, ...catalog.packs].flatMap(({ id, price }) =>
  price === null ? [] : [{ item: id, priceId: `price_${id}`, amount: price.amount, currency: price.currency }],
);

export const customerOf = (accountId: string): string => `cus_${accountId}`;

/** A payment as Stripe knows it, with all that went back of it. */
export interface Money {
  readonly accountId: string;
  /** The payment intent: refunds and disputes are of it. */
  readonly intentId: string;
  readonly paid: PackPaid | PeriodPaid;
  readonly refunds: { readonly id: string; readonly amount: number; failedAtMs: number | null }[];
  readonly disputes: { readonly id: string; readonly amount: number; state: DisputeState; asOfMs: number }[];
  /** The last word of its charge on what was refunded in all. */
  charge: Extract<PaymentFact, { fact: 'charge_refunded' }> | null;
  /** Sent back by us, as paid for a subscription beside a live one. */
  undone: boolean;
}

export interface Subscribed {
  readonly accountId: string;
  subscription: Subscription;
  planId: string;
  /** Its next renewal is declined. */
  declines: boolean;
  /** What becomes of it when Stripe gives up, which is a setting of the account's. */
  readonly givenUpAs: 'canceled' | 'unpaid';
  /** Ended by us, as bought beside a live one. */
  undone: boolean;
}

/** Stripe tells instants in seconds. */
const toSecond = (ms: number): number => Math.floor(ms / SECOND_MS) * SECOND_MS;

const monthsOf = (planId: string): number =>
  catalog.plans.find(({ id }) => id === planId)?.price?.interval === 'year' ? 12 : 1;

const priceOf = (item: string): SoldPrice => {
  const sold = PRICES.find((price) => price.item === item);
  if (sold === undefined) throw new Error(`${item} is not sold`);
  return sold;
};

/** Stripe gives up on a renewal so long after it was first declined. */
const GIVES_UP_MS = 3 * DAY_MS;

/** Stripe itself, as true as it needs to be: what was paid, by whom, what went back, and how subscriptions stand. Deeds answer with the facts they make. */
export const createStripeModel = () => {
  const money: Money[] = [];
  const subscriptions: Subscribed[] = [];
  let made = 0;
  const newId = (kind: string): string => `${kind}_${++made}`;

  const told = ({ accountId, subscription }: Subscribed): PaymentFact => ({
    fact: 'subscription',
    customerId: customerOf(accountId),
    subscription,
  });

  const change = (one: Subscribed, nowMs: number, next: Partial<Subscription>): PaymentFact => {
    one.subscription = { ...one.subscription, ...next, asOfMs: toSecond(nowMs) };
    return told(one);
  };

  const payPack = (order: Order, nowMs: number): readonly PaymentFact[] => {
    const intentId = newId('pi');
    const paid: PackPaid = {
      fact: 'pack_paid',
      customerId: customerOf(order.accountId),
      orderId: order.id,
      paymentId: intentId,
      subtotal: order.amount,
      amount: order.amount,
      currency: order.currency,
      paidAtMs: toSecond(nowMs),
    };
    money.push({ accountId: order.accountId, intentId, paid, refunds: [], disputes: [], charge: null, undone: false });
    return [paid];
  };

  const invoice = (
    one: Subscribed,
    of: Pick<PeriodPaid, 'startMs' | 'endMs' | 'proration' | 'subtotal'>,
    nowMs: number,
  ) => {
    const paid: PeriodPaid = {
      fact: 'period_paid',
      customerId: customerOf(one.accountId),
      subscriptionId: one.subscription.id,
      paymentId: newId('in'),
      priceId: one.subscription.priceId,
      amount: of.subtotal,
      currency: 'usd',
      paidAtMs: toSecond(nowMs),
      ...of,
    };
    const nothingBack = { refunds: [], disputes: [], charge: null, undone: false };
    money.push({ accountId: one.accountId, intentId: newId('pi'), paid, ...nothingBack });
    return paid;
  };

  const subscribe = (accountId: string, planId: string, nowMs: number): readonly PaymentFact[] => {
    const atMs = toSecond(nowMs);
    const { priceId, amount } = priceOf(planId);
    const endMs = addMonthsMs(atMs, monthsOf(planId));
    const one: Subscribed = {
      accountId,
      planId,
      declines: false,
      givenUpAs: (atMs / SECOND_MS) % 2 === 0 ? 'canceled' : 'unpaid',
      undone: false,
      subscription: {
        id: newId('sub'),
        itemId: newId('si'),
        priceId,
        status: 'active',
        renews: true,
        createdMs: atMs,
        anchorMs: atMs,
        periodStartMs: atMs,
        periodEndMs: endMs,
        scheduleId: null,
        asOfMs: atMs,
      },
    };
    subscriptions.push(one);
    return [told(one), invoice(one, { startMs: atMs, endMs, proration: false, subtotal: amount }, nowMs)];
  };

  const liveOf = (accountId: string): Subscribed | undefined =>
    subscriptions.find((one) => one.accountId === accountId && isLive(one.subscription));

  const upgrade = (one: Subscribed, nowMs: number): readonly PaymentFact[] => {
    const { status, renews, periodEndMs } = one.subscription;
    const ends = nowMs > periodEndMs - 2 * DAY_MS;
    if (one.planId !== 'starter' || status !== 'active' || !renews || ends) return [];
    one.planId = 'pro';
    const fact = change(one, nowMs, { priceId: priceOf('pro').priceId });
    const of = { startMs: toSecond(nowMs), endMs: periodEndMs, proration: true, subtotal: 1234 };
    return [fact, invoice(one, of, nowMs)];
  };

  /** What a renewal left unpaid is paid after all, by hand, while its period runs: Stripe charges the next ones again. */
  const payLate = (one: Subscribed, nowMs: number): readonly PaymentFact[] => {
    const { status, periodStartMs: startMs, periodEndMs: endMs } = one.subscription;
    if ((status !== 'unpaid' && status !== 'past_due') || nowMs >= endMs) return [];
    one.declines = false;
    const fact = change(one, nowMs, { status: 'active' });
    return [fact, invoice(one, { startMs, endMs, proration: false, subtotal: priceOf(one.planId).amount }, nowMs)];
  };

  const finish = (one: Subscribed, nowMs: number): readonly PaymentFact[] => {
    if (!isLive(one.subscription)) return [];
    return [change(one, nowMs, { status: 'canceled', renews: false })];
  };

  /** What the end of a period makes due: the next one paid or declined, or the end. */
  const renew = (one: Subscribed, nowMs: number): readonly PaymentFact[] => {
    const { subscription, planId } = one;
    const { periodEndMs, renews, anchorMs } = subscription;
    if (!renews) return finish(one, nowMs);
    const month = Math.round((periodEndMs - anchorMs) / (30.4 * DAY_MS)) + monthsOf(planId);
    const endMs = addMonthsMs(anchorMs, month);
    const { amount } = priceOf(planId);
    if (one.declines) {
      const failed = {
        fact: 'payment_failed',
        customerId: customerOf(one.accountId),
        id: newId('in'),
        subscriptionId: subscription.id,
        amount,
        currency: 'usd',
        atMs: toSecond(nowMs),
        nextAttemptMs: toSecond(nowMs) + DAY_MS,
      } as const;
      const next = { status: 'past_due', periodStartMs: periodEndMs, periodEndMs: endMs } as const;
      return [failed, change(one, nowMs, next)];
    }
    const fact = change(one, nowMs, { periodStartMs: periodEndMs, periodEndMs: endMs });
    return [fact, invoice(one, { startMs: periodEndMs, endMs, proration: false, subtotal: amount }, nowMs)];
  };

  /** When Stripe next does something about a subscription by itself; `null`: never. */
  const actsAtMs = ({ subscription, undone }: Subscribed): number | null => {
    if (undone || !isLive(subscription)) return null;
    if (subscription.status === 'past_due') return subscription.periodStartMs + GIVES_UP_MS;
    // It stays as it is until somebody pays or ends it.
    if (subscription.status === 'unpaid') return null;
    return subscription.periodEndMs + (subscription.renews ? HOUR_MS : 0);
  };

  const giveUp = (one: Subscribed, nowMs: number): readonly PaymentFact[] =>
    one.givenUpAs === 'canceled' ? finish(one, nowMs) : [change(one, nowMs, { status: 'unpaid' })];

  const act = (one: Subscribed, nowMs: number): readonly PaymentFact[] =>
    one.subscription.status === 'past_due' ? giveUp(one, nowMs) : renew(one, nowMs);

  const refundedOf = ({ refunds }: Money): number =>
    refunds.reduce((sum, { amount, failedAtMs }) => sum + (failedAtMs === null ? amount : 0), 0);

  const refundFacts = (one: Money, id: string, nowMs: number): readonly PaymentFact[] => {
    const refund = one.refunds.find((each) => each.id === id);
    if (refund === undefined) return [];
    const { intentId: paymentId } = one;
    one.charge = { fact: 'charge_refunded', paymentId, refunded: refundedOf(one), asOfMs: toSecond(nowMs) };
    const { amount, failedAtMs } = refund;
    return [{ fact: 'refund', paymentId, refundId: id, amount, failedAtMs }, one.charge];
  };

  const refund = (one: Money, percent: number, nowMs: number): readonly PaymentFact[] => {
    const lost = one.disputes.reduce((sum, { amount, state }) => sum + (state === 'won' ? 0 : amount), 0);
    const amount = Math.min(Math.floor((one.paid.amount * percent) / 100), one.paid.amount - refundedOf(one) - lost);
    if (amount <= 0) return [];
    const id = newId('re');
    one.refunds.push({ id, amount, failedAtMs: null });
    return refundFacts(one, id, nowMs);
  };

  const refundFails = (one: Money, nowMs: number): readonly PaymentFact[] => {
    const last = one.refunds.at(-1);
    if (last === undefined || last.failedAtMs !== null) return [];
    last.failedAtMs = toSecond(nowMs);
    return refundFacts(one, last.id, nowMs);
  };

  const disputeFact = (one: Money, { id, amount, state, asOfMs }: Money['disputes'][number]): PaymentFact => ({
    fact: 'dispute',
    paymentId: one.intentId,
    disputeId: id,
    amount,
    state,
    asOfMs,
  });

  const dispute = (one: Money, percent: number, nowMs: number): readonly PaymentFact[] => {
    const amount = Math.floor(((one.paid.amount - refundedOf(one)) * percent) / 100);
    if (amount <= 0 || one.disputes.some(({ state }) => state !== 'won')) return [];
    const opened = { id: newId('dp'), amount, state: 'open' as const, asOfMs: toSecond(nowMs) };
    one.disputes.push(opened);
    return [disputeFact(one, opened)];
  };

  const close = (one: Money, won: boolean, nowMs: number): readonly PaymentFact[] => {
    const open = one.disputes.find(({ state }) => state === 'open');
    if (open === undefined) return [];
    [open.state, open.asOfMs] = [won ? 'won' : 'lost', toSecond(nowMs)];
    return [disputeFact(one, open)];
  };

  /** Things as they are, as a full reconciliation lists them. */
  const listed = (nowMs: number): readonly PaymentFact[] => [
    ...money.flatMap((one): readonly PaymentFact[] => [
      one.paid,
      ...one.refunds.map(({ id, amount, failedAtMs }): PaymentFact => {
        return { fact: 'refund', paymentId: one.intentId, refundId: id, amount, failedAtMs };
      }),
      ...one.disputes.map((each) => disputeFact(one, each)),
    ]),
    ...subscriptions.map((one): PaymentFact => {
      const subscription = { ...one.subscription, asOfMs: toSecond(nowMs) };
      return { fact: 'subscription', customerId: customerOf(one.accountId), subscription, listed: true };
    }),
  ];

  const byId = (id: string): Subscribed | undefined => subscriptions.find((one) => one.subscription.id === id);

  /** Answers at once and always; in front of it stands what may come in between. `atMs`: what Stripe's clock says. */
  const ask = (atMs: () => number): AskStripe => ({
    subscription: async (id) => {
      const one = byId(id);
      if (one === undefined) return null;
      const subscription = { ...one.subscription, asOfMs: Math.max(one.subscription.asOfMs, toSecond(atMs())) };
      return { customerId: customerOf(one.accountId), subscription };
    },
    paidBy: async (intentId) => money.filter((one) => one.intentId === intentId).map(({ paid }) => paid),
    undo: async ({ subscriptionId, invoiceId }) => {
      const one = byId(subscriptionId);
      const bought = money.find(({ paid }) => paid.paymentId === invoiceId);
      if (one === undefined || bought === undefined) throw new Error('there is nothing to undo');
      one.undone = true;
      bought.undone = true;
      finish(one, atMs());
      refund(bought, 100, atMs());
    },
  });

  /** What a payment of a subscription was for; `null` where it was none. */
  const periodOf = (paymentId: string): PeriodBought | null => {
    const paid = money.find((one) => one.paid.paymentId === paymentId)?.paid;
    if (paid?.fact !== 'period_paid') return null;
    const planId = PRICES.find(({ priceId }) => priceId === paid.priceId)?.item ?? '';
    const anchorMs = byId(paid.subscriptionId)?.subscription.anchorMs ?? paid.startMs;
    return { subscriptionId: paid.subscriptionId, planId, anchorMs, startMs: paid.startMs, endMs: paid.endMs };
  };

  return {
    money,
    periodOf,
    subscriptions,
    payPack,
    subscribe,
    liveOf,
    upgrade,
    payLate,
    finish,
    change,
    act,
    actsAtMs,
    refund,
    refundFails,
    dispute,
    close,
    listed,
    ask,
    newId,
  };
};

export type StripeModel = ReturnType<typeof createStripeModel>;
