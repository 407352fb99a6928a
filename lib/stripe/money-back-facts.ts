import type Stripe from 'stripe';
import * as z from 'zod/mini';
import type { PaymentFact } from '../domain/payment-fact.ts';
import type { DisputeState } from '../domain/purchase.ts';
import { money, reference, shaped, text } from './stripe-shape.ts';

type Fact<Kind extends PaymentFact['fact']> = Extract<PaymentFact, { fact: Kind }>;

/** Everything of ours is paid by a payment intent; what was paid otherwise is none of ours. */
const paymentIntent = z.nullable(reference);

const REFUND_STATUSES = ['pending', 'requires_action', 'succeeded', 'failed', 'canceled'] as const;
const refundShape = z.object({
  id: text,
  amount: money,
  payment_intent: paymentIntent,
  status: z.nullable(z.enum(REFUND_STATUSES)),
});

/**
 * One refund. Under way counts as gone; failed or canceled, the money is ours again, from `asOfMs` on: a refund does not say since when.
 * https://docs.stripe.com/refunds#failed-refunds
 */
export const factOfRefund = (refund: Stripe.Refund, asOfMs: number): Fact<'refund'> | null => {
  const { id, amount, payment_intent: paymentId, status } = shaped(refundShape, 'refund', refund);
  if (paymentId === null) return null;
  const failedAtMs = status === 'failed' || status === 'canceled' ? asOfMs : null;
  return { fact: 'refund', paymentId, refundId: id, amount, failedAtMs };
};

const chargeShape = z.object({ amount_refunded: money, payment_intent: paymentIntent });

/** What has been refunded of a charge in all, those that failed by then left out. */
export const factOfCharge = (charge: Stripe.Charge, asOfMs: number): Fact<'charge_refunded'> | null => {
  const { amount_refunded: refunded, payment_intent: paymentId } = shaped(chargeShape, 'charge', charge);
  return paymentId === null ? null : { fact: 'charge_refunded', paymentId, refunded, asOfMs };
};

const DISPUTE_STATUSES = [
  'needs_response',
  'under_review',
  'appeal_needs_response',
  'appeal_under_review',
  'won',
  'lost',
  'warning_needs_response',
  'warning_under_review',
  'warning_closed',
  'prevented',
] as const;

const disputeShape = z.object({
  id: text,
  amount: money,
  payment_intent: paymentIntent,
  status: z.enum(DISPUTE_STATUSES),
});

/** `null`: no money moves. */
const stateOf = (status: (typeof DISPUTE_STATUSES)[number]): DisputeState | null => {
  switch (status) {
    case 'won':
    case 'lost':
      return status;
    case 'needs_response':
    case 'under_review':
    case 'appeal_needs_response':
    case 'appeal_under_review':
      return 'open';
    // An inquiry is a question of the bank's that may become a dispute; what was prevented never became any.
    case 'warning_needs_response':
    case 'warning_under_review':
    case 'warning_closed':
    case 'prevented':
      return null;
  }
};

/** R20: a dispute as it stands. `null`: it is an inquiry, or of no payment of ours. */
export const factOfDispute = (dispute: Stripe.Dispute, asOfMs: number): Fact<'dispute'> | null => {
  const { id, amount, payment_intent: paymentId, status } = shaped(disputeShape, 'dispute', dispute);
  const state = stateOf(status);
  if (paymentId === null || state === null) return null;
  return { fact: 'dispute', paymentId, disputeId: id, amount, state, asOfMs };
};
