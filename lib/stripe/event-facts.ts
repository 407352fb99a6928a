import type Stripe from 'stripe';
import * as z from 'zod/mini';
import type { PaymentFact } from '../domain/payment-fact.ts';
import { factsOfFailedInvoice, factsOfInvoice } from './invoice-facts.ts';
import { factOfCharge, factOfDispute, factOfRefund } from './money-back-facts.ts';
import { factsOfFailedSession, factsOfSession } from './session-facts.ts';
import type { StripeClient } from './stripe-client.ts';
import { instant, shaped } from './stripe-shape.ts';
import { factOfSubscription } from './subscription-facts.ts';
import { factsOfWholeInvoice } from './whole-invoice.ts';

/** The types of events that tell something: what a webhook endpoint is to be sent. */
export const HEARD_EVENTS = [
  'checkout.session.completed',
  'checkout.session.async_payment_succeeded',
  'checkout.session.async_payment_failed',
  'checkout.session.expired',
  'invoice.paid',
  'invoice.payment_failed',
  'customer.subscription.created',
  'customer.subscription.updated',
  'customer.subscription.deleted',
  'customer.subscription.paused',
  'customer.subscription.resumed',
  'charge.refunded',
  'refund.created',
  'refund.updated',
  'refund.failed',
  'charge.dispute.created',
  'charge.dispute.updated',
  'charge.dispute.closed',
  'charge.dispute.funds_withdrawn',
  'charge.dispute.funds_reinstated',
] as const satisfies readonly Stripe.Event['type'][];

export type HeardEvent = Extract<Stripe.Event, { type: (typeof HEARD_EVENTS)[number] }>;

export const isHeard = (event: Stripe.Event): event is HeardEvent => HEARD_EVENTS.some((type) => type === event.type);

const dated = z.object({ created: instant, data: z.object({ object: z.looseObject({}) }) });

const some = (fact: PaymentFact | null): readonly PaymentFact[] => (fact === null ? [] : [fact]);

/** What a signed event tells; nothing where its type is of no interest. Throws `UnknownShape`. */
export const factsOfEvent = (event: Stripe.Event): readonly PaymentFact[] => {
  if (!isHeard(event)) return [];
  const { created: atMs } = shaped(dated, 'event', event);
  switch (event.type) {
    case 'checkout.session.completed':
    case 'checkout.session.async_payment_succeeded':
    case 'checkout.session.expired':
      return factsOfSession(event.data.object, atMs);
    case 'checkout.session.async_payment_failed':
      return factsOfFailedSession(event.data.object, atMs);
    case 'invoice.paid':
      return factsOfInvoice(event.data.object);
    case 'invoice.payment_failed':
      return factsOfFailedInvoice(event.data.object, atMs);
    case 'customer.subscription.created':
    case 'customer.subscription.updated':
    case 'customer.subscription.deleted':
    case 'customer.subscription.paused':
    case 'customer.subscription.resumed':
      return [factOfSubscription(event.data.object, atMs)];
    case 'charge.refunded':
      return some(factOfCharge(event.data.object, atMs));
    case 'refund.created':
    case 'refund.updated':
    case 'refund.failed':
      return some(factOfRefund(event.data.object, atMs));
    case 'charge.dispute.created':
    case 'charge.dispute.updated':
    case 'charge.dispute.closed':
    case 'charge.dispute.funds_withdrawn':
    case 'charge.dispute.funds_reinstated':
      return some(factOfDispute(event.data.object, atMs));
  }
};

/** As `factsOfEvent`; where an invoice is longer than its event, Stripe is asked for the rest. */
export const factsOfWholeEvent =
  (client: () => Promise<StripeClient>) =>
  async (event: Stripe.Event): Promise<readonly PaymentFact[]> => {
    if (event.type !== 'invoice.paid') return factsOfEvent(event);
    shaped(dated, 'event', event);
    return factsOfWholeInvoice(client, event.data.object);
  };
