import Stripe from 'stripe';
import type { PaymentFact, PeriodPaid } from '../domain/payment-fact.ts';
import { SECOND_MS } from '../domain/time.ts';
import { packPaidBy, WITH_CHARGE } from './pack-payment.ts';
import type { StripeClient } from './stripe-client.ts';
import { factOfSubscription } from './subscription-facts.ts';
import { factsOfWholeInvoice } from './whole-invoice.ts';

interface Duplicate {
  readonly subscriptionId: string;
  readonly invoiceId: string;
}

/** What Stripe answers where there is nothing to do any more: https://docs.stripe.com/error-codes */
const isRefused = (fault: unknown, ...codes: readonly string[]): boolean =>
  fault instanceof Stripe.errors.StripeInvalidRequestError && codes.some((code) => code === fault.code);

const idOf = (given: string | { readonly id: string }): string => (typeof given === 'string' ? given : given.id);

const subscriptionAt = async (
  stripe: StripeClient,
  subscriptionId: string,
  nowMs: number,
): Promise<Extract<PaymentFact, { fact: 'subscription' }> | null> => {
  // The second it is asked in: an event of that same second may have come before the answer or after it.
  const asOfMs = nowMs - (nowMs % SECOND_MS);
  try {
    return factOfSubscription(await stripe.subscriptions.retrieve(subscriptionId), asOfMs);
  } catch (fault) {
    if (isRefused(fault, 'resource_missing')) return null;
    throw fault;
  }
};

/** Since API 2025-03-31.basil an invoice does not name its payment intents; the payments between them do. */
const periodsPaidBy = async (stripe: StripeClient, paymentIntentId: string): Promise<readonly PeriodPaid[]> => {
  const payment = { type: 'payment_intent', payment_intent: paymentIntentId } as const;
  const { data } = await stripe.invoicePayments.list({ payment, status: 'paid', limit: 10 });
  const ids = [...new Set(data.map(({ invoice }) => idOf(invoice)))];
  const periods = ids.map(async (id) => factsOfWholeInvoice(async () => stripe, await stripe.invoices.retrieve(id)));
  return (await Promise.all(periods)).flat();
};

const cancel = async (stripe: StripeClient, subscriptionId: string): Promise<void> => {
  try {
    // Its money goes back whole, by the refund: no proration, no last invoice.
    await stripe.subscriptions.cancel(subscriptionId, { prorate: false, invoice_now: false });
  } catch (fault) {
    // Canceled before: Stripe then knows it no more, as far as canceling goes.
    if (!isRefused(fault, 'resource_missing')) throw fault;
  }
};

/** All that is left of the invoice's money. One under dispute is on its way back already, by the customer's bank. */
const payBack = async (stripe: StripeClient, { subscriptionId, invoiceId }: Duplicate): Promise<void> => {
  const { data } = await stripe.invoicePayments.list({ invoice: invoiceId, status: 'paid', limit: 10 });
  for (const { payment } of data) {
    if (payment.payment_intent === undefined) continue;
    const payment_intent = idOf(payment.payment_intent);
    const metadata = { duplicateOf: subscriptionId };
    try {
      await stripe.refunds.create(
        { payment_intent, reason: 'duplicate', metadata },
        { idempotencyKey: `undo:${invoiceId}:${payment_intent}` },
      );
    } catch (fault) {
      if (!isRefused(fault, 'charge_already_refunded', 'charge_disputed')) throw fault;
    }
  }
};

/**
 * The questions that payments ask of Stripe, two calls one after the other at most, and the one thing they have it undo, which takes three;
 * what Stripe cannot answer now is thrown, and asked again with the event's next delivery.
 */
export const askStripe = (client: () => Promise<StripeClient>, now: () => number) => ({
  /** A subscription as it is now; `null`: Stripe has none of this id. */
  subscription: async (subscriptionId: string) => subscriptionAt(await client(), subscriptionId, now()),

  /** What a payment intent paid for: a session of ours, or the period of an invoice; empty: nothing of ours. */
  paidBy: async (paymentIntentId: string) => {
    const stripe = await client();
    const [{ data: sessions }, periods] = await Promise.all([
      stripe.checkout.sessions.list({ payment_intent: paymentIntentId, limit: 10, expand: [WITH_CHARGE] }),
      periodsPaidBy(stripe, paymentIntentId),
    ]);
    const packs = await Promise.all(sessions.map((session) => packPaidBy(stripe, session)));
    return [...packs.flat(), ...periods];
  },

  /** Ends a subscription and gives an invoice's money back, once however often it is asked. */
  undo: async (duplicate: Duplicate): Promise<void> => {
    const stripe = await client();
    await cancel(stripe, duplicate.subscriptionId);
    await payBack(stripe, duplicate);
  },
});
