import type Stripe from 'stripe';
import * as z from 'zod/mini';
import type { PaymentFailed, PeriodPaid } from '../domain/payment-fact.ts';
import { instant, money, reference, shaped, text, UnknownShape } from './stripe-shape.ts';

const line = z.object({
  subtotal: money,
  period: z.object({ start: instant, end: instant }),
  pricing: z.nullable(z.object({ price_details: z.optional(z.object({ price: reference })) })),
  parent: z.nullable(
    z.object({
      subscription_item_details: z.nullable(z.object({ proration: z.boolean(), subscription: z.nullable(reference) })),
    }),
  ),
});

const shape = z.object({
  id: text,
  customer: z.nullable(reference),
  status: z.nullable(text),
  currency: text,
  created: instant,
  amount_paid: money,
  amount_due: money,
  attempt_count: z.int(),
  next_payment_attempt: z.nullable(instant),
  status_transitions: z.object({ paid_at: z.nullable(instant) }),
  /** Where the subscription is since API 2025-03-31.basil. Not there at all: an older version, in which every invoice would seem none of ours. */
  parent: z.nullable(z.object({ subscription_details: z.nullable(z.object({ subscription: reference })) })),
  /** The first ten, with the invoice itself. */
  lines: z.object({ data: z.array(line), has_more: z._default(z.boolean(), false) }),
});

/** An invoice of a subscription; others are none of ours. */
const read = (invoice: Stripe.Invoice) => {
  const told = shaped(shape, 'invoice', invoice);
  const subscriptionId = told.parent?.subscription_details?.subscription;
  const { customer: customerId } = told;
  return subscriptionId === undefined || customerId === null ? null : { ...told, subscriptionId, customerId };
};

/** Whether a paid invoice of a subscription has more lines than it shows. Throws `UnknownShape`. */
export const isCut = (invoice: Stripe.Invoice): boolean => {
  const told = read(invoice);
  return told !== null && told.status === 'paid' && told.lines.has_more;
};

interface Paid {
  readonly priceId: string;
  readonly proration: boolean;
  readonly subtotal: number;
  readonly startMs: number;
  readonly endMs: number;
}

/** A line that charges for time on the subscription. What it credits, or gives for nothing (a trial), pays for no period. */
const paidBy = (subscriptionId: string, { subtotal, period, pricing, parent }: z.infer<typeof line>): Paid[] => {
  const priceId = pricing?.price_details?.price;
  const of = parent?.subscription_item_details;
  if (subtotal <= 0 || priceId === undefined || of?.subscription !== subscriptionId) return [];
  return [{ priceId, proration: of.proration, subtotal, startMs: period.start, endMs: period.end }];
};

/**
 * The line that counts is the one that begins last: a whole period begins after the prorations of the one before, which its invoice takes
 * along, and of several changes of plan in one invoice each replaces those before it.
 */
const latestFirst = (a: Paid, b: Paid): number => b.startMs - a.startMs || b.subtotal - a.subtotal;

/**
 * R16: the period that a paid invoice of a subscription is for; one at most. One that is paid with nothing (the customer's credit at
 * Stripe covered it, from a dearer plan's unused time, say) is paid all the same: no money of it can come back, so that none of its
 * credits can go. One that is cut is of no shape to be read: the line that counts may be among those not shown (`factsOfWholeInvoice`).
 */
export const factsOfInvoice = (invoice: Stripe.Invoice): readonly PeriodPaid[] => {
  const told = read(invoice);
  if (told === null || told.status !== 'paid') return [];
  if (told.lines.has_more)
    throw new UnknownShape([
      { path: 'invoice.lines.has_more', message: 'must be false: the rest has to be asked for' },
    ]);
  const { id, customerId, subscriptionId, amount_paid: amount, currency } = told;
  const [paid] = told.lines.data.flatMap((each) => paidBy(subscriptionId, each)).sort(latestFirst);
  if (paid === undefined) return [];
  const paidAtMs = told.status_transitions.paid_at ?? told.created;
  return [{ fact: 'period_paid', customerId, subscriptionId, paymentId: id, ...paid, amount, currency, paidAtMs }];
};

/** R19: an attempt to be paid for a subscription's invoice has failed. The invoice counts its attempts and does not say when. */
export const factsOfFailedInvoice = (invoice: Stripe.Invoice, atMs: number): readonly PaymentFailed[] => {
  const told = read(invoice);
  if (told === null) return [];
  const { customerId, subscriptionId, currency, amount_due: amount, next_payment_attempt: nextAttemptMs } = told;
  const id = `${told.id}:${told.attempt_count}`;
  return [{ fact: 'payment_failed', customerId, id, subscriptionId, amount, currency, atMs, nextAttemptMs }];
};
