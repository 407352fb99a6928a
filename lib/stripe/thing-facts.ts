import type Stripe from 'stripe';
import type { PaymentFact } from '../domain/payment-fact.ts';
import { factOfCharge, factOfDispute, factOfRefund } from './money-back-facts.ts';
import { packPaidBy } from './pack-payment.ts';
import { factsOfSession } from './session-facts.ts';
import type { StripeClient } from './stripe-client.ts';
import { factOfSubscription } from './subscription-facts.ts';
import { factsOfWholeInvoice } from './whole-invoice.ts';

type Facts = readonly PaymentFact[];

const some = (fact: PaymentFact | null): Facts => (fact === null ? [] : [fact]);

/**
 * What a thing of Stripe's tells when it is asked for, whatever events have told of it. What it does not date itself is dated `asOfMs`, the
 * whole second it is asked in. Throws `UnknownShape`.
 */
export const thingFacts = (stripe: StripeClient, asOfMs: number) => ({
  invoice: (invoice: Stripe.Invoice): Promise<Facts> => factsOfWholeInvoice(async () => stripe, invoice),
  /** With its charge: `WITH_CHARGE`. */
  session: async (session: Stripe.Checkout.Session): Promise<Facts> =>
    session.status === 'complete' ? packPaidBy(stripe, session) : factsOfSession(session, asOfMs),
  subscription: (subscription: Stripe.Subscription): Facts => [
    { ...factOfSubscription(subscription, asOfMs), listed: true },
  ],
  charge: (charge: Stripe.Charge): Facts => some(factOfCharge(charge, asOfMs)),
  refund: (refund: Stripe.Refund): Facts => some(factOfRefund(refund, asOfMs)),
  dispute: (dispute: Stripe.Dispute): Facts => {
    const fact = factOfDispute(dispute, asOfMs);
    return some(fact === null ? null : { ...fact, listed: true });
  },
});
