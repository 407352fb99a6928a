import * as z from 'zod/mini';
import type { PaymentFact } from '../domain/payment-fact.ts';
import type { HeardEvent } from './event-facts.ts';
import { factsOfFailedInvoice } from './invoice-facts.ts';
import { WITH_CHARGE } from './pack-payment.ts';
import { factsOfFailedSession } from './session-facts.ts';
import type { StripeClient } from './stripe-client.ts';
import { instant, shaped, text } from './stripe-shape.ts';
import { thingFacts } from './thing-facts.ts';

const about = z.object({ created: instant, data: z.object({ object: z.object({ id: text }) }) });

/**
 * What has become of the object of an event that cannot be read. Stripe gives an event out for ever as the account's default API version of
 * its day had it, and an object in the version of the call. https://docs.stripe.com/api/events/list
 */
export const readAnew = async (
  stripe: StripeClient,
  event: HeardEvent,
  asOfMs: number,
): Promise<readonly PaymentFact[]> => {
  const { created: atMs, data } = shaped(about, 'event', event);
  const { id } = data.object;
  const factsOf = thingFacts(stripe, asOfMs);
  switch (event.type) {
    case 'checkout.session.completed':
    case 'checkout.session.async_payment_succeeded':
    case 'checkout.session.expired':
      return factsOf.session(
        await stripe.checkout.sessions.retrieve(id, { expand: [WITH_CHARGE.replace('data.', '')] }),
      );
    case 'checkout.session.async_payment_failed':
      return factsOfFailedSession(await stripe.checkout.sessions.retrieve(id), atMs);
    case 'invoice.paid':
      return factsOf.invoice(await stripe.invoices.retrieve(id));
    case 'invoice.payment_failed': {
      const invoice = await stripe.invoices.retrieve(id);
      // Paid since: what it counts last is the attempt that did not fail.
      return invoice.status === 'paid' ? [] : factsOfFailedInvoice(invoice, atMs);
    }
    case 'customer.subscription.created':
    case 'customer.subscription.updated':
    case 'customer.subscription.deleted':
    case 'customer.subscription.paused':
    case 'customer.subscription.resumed':
      return factsOf.subscription(await stripe.subscriptions.retrieve(id));
    case 'charge.refunded':
      return factsOf.charge(await stripe.charges.retrieve(id));
    case 'refund.created':
    case 'refund.updated':
    case 'refund.failed':
      return factsOf.refund(await stripe.refunds.retrieve(id));
    case 'charge.dispute.created':
    case 'charge.dispute.updated':
    case 'charge.dispute.closed':
    case 'charge.dispute.funds_withdrawn':
    case 'charge.dispute.funds_reinstated':
      return factsOf.dispute(await stripe.disputes.retrieve(id));
  }
};
