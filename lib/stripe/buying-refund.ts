import type Stripe from 'stripe';
import type { PaymentFact } from '../domain/payment-fact.ts';
import { SECOND_MS } from '../domain/time.ts';
import { again, isMissing, isRefused, once } from './buying-options.ts';
import { factOfRefund } from './money-back-facts.ts';
import type { StripeClient } from './stripe-client.ts';

/** A payment intent as a refund of it needs to know it. */
export interface OldPayment {
  readonly id: string;
  readonly amount: number;
  readonly currency: string;
  readonly createdMs: number;
  readonly succeeded: boolean;
  readonly refunded: number;
  readonly disputed: boolean;
  /** `null`: it names none. */
  readonly customerId: string | null;
  /** Whose customer it is, by the customer's metadata. */
  readonly accountId: string | null;
}

const chargeOf = ({ latest_charge: charge }: Stripe.PaymentIntent): Stripe.Charge | null =>
  charge === null || typeof charge === 'string' ? null : charge;

const customerOf = ({ customer }: Stripe.PaymentIntent): { id: string; accountId: string | null } | null => {
  if (customer === null) return null;
  if (typeof customer === 'string') return { id: customer, accountId: null };
  return { id: customer.id, accountId: customer.deleted ? null : (customer.metadata['accountId'] ?? null) };
};

/** A payment as Stripe has it; `null`: it has none of this id. */
export const readPaymentIntent = async (stripe: StripeClient, id: string): Promise<OldPayment | null> => {
  try {
    const intent = await stripe.paymentIntents.retrieve(id, { expand: ['customer', 'latest_charge'] }, again);
    const [charge, customer] = [chargeOf(intent), customerOf(intent)];
    return {
      id: intent.id,
      amount: intent.amount,
      currency: intent.currency,
      createdMs: intent.created * SECOND_MS,
      succeeded: intent.status === 'succeeded',
      refunded: charge?.amount_refunded ?? 0,
      disputed: charge?.disputed ?? false,
      customerId: customer?.id ?? null,
      accountId: customer?.accountId ?? null,
    };
  } catch (fault) {
    if (isMissing(fault)) return null;
    throw fault;
  }
};

/** Money that went back. */
export interface MoneyBack {
  readonly refundId: string;
  readonly amount: number;
  readonly currency: string;
  readonly fact: PaymentFact | null;
}

const MARK = { legacyRefund: 'full' } as const;

const moneyBack = (refund: Stripe.Refund, nowMs: number): MoneyBack => ({
  refundId: refund.id,
  amount: refund.amount,
  currency: refund.currency,
  fact: factOfRefund(refund, nowMs),
});

/**
 * R28: what is left of a payment's money goes back, once: a refund of ours that is there already is the answer, however long ago it was
 * made. `null`: Stripe will not do it, because somebody else has refunded it meanwhile, or it is disputed.
 */
export const refundOnce = async (stripe: StripeClient, paymentId: string, nowMs: number): Promise<MoneyBack | null> => {
  const made = await stripe.refunds.list({ payment_intent: paymentId, limit: 100 }, again);
  const ours = made.data.find(({ metadata }) => metadata?.['legacyRefund'] === MARK.legacyRefund);
  if (ours !== undefined) return moneyBack(ours, nowMs);
  try {
    const params = { payment_intent: paymentId, reason: 'requested_by_customer', metadata: MARK } as const;
    return moneyBack(await stripe.refunds.create(params, once(`legacy-refund:${paymentId}`)), nowMs);
  } catch (fault) {
    if (isRefused(fault)) return null;
    throw fault;
  }
};
