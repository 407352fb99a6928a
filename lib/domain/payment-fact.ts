import type { Subscription } from './billing.ts';
import type { DisputeState } from './purchase.ts';

/**
 * What Stripe says has happened, in our words. Each is keyed by what it is about, never by the event that told of it, so that it
 * may be told again, late, in any order, by webhook and by reconciliation (R17). Money in the currency's smallest unit.
 */
export type PaymentFact =
  | PackPaid
  | PeriodPaid
  | {
      readonly fact: 'refund';
      readonly paymentId: string;
      readonly refundId: string;
      readonly amount: number;
      readonly failedAtMs: number | null;
    }
  | {
      readonly fact: 'charge_refunded';
      readonly paymentId: string;
      readonly refunded: number;
      readonly asOfMs: number;
    }
  | {
      readonly fact: 'dispute';
      readonly paymentId: string;
      readonly disputeId: string;
      readonly amount: number;
      readonly state: DisputeState;
      readonly asOfMs: number;
      /** Found by a reconciliation, which dates it by when it asked: news only where it says something else than the last word. */
      readonly listed?: true;
    }
  | {
      readonly fact: 'subscription';
      readonly customerId: string;
      readonly subscription: Subscription;
      /** Found by a reconciliation: worth a write only where it says something new. An event is, to date what is known. */
      readonly listed?: true;
    }
  | PaymentFailed
  | { readonly fact: 'checkout_closed'; readonly orderId: string; readonly customerId: string };

/** R14, R16: a Checkout session for a pack is paid. */
export interface PackPaid {
  readonly fact: 'pack_paid';
  readonly customerId: string;
  readonly orderId: string;
  /** Its payment intent. */
  readonly paymentId: string;
  /** Before tax; to be compared with what was offered. */
  readonly subtotal: number;
  /** What refunds are a share of. */
  readonly amount: number;
  readonly currency: string;
  readonly paidAtMs: number;
}

/** R13, R18: an invoice for a period of a subscription, or for the rest of one on a dearer plan, is paid. */
export interface PeriodPaid {
  readonly fact: 'period_paid';
  readonly customerId: string;
  readonly subscriptionId: string;
  /** The invoice: refunds and disputes lead to it by its payment intents. */
  readonly paymentId: string;
  readonly priceId: string;
  /** The line's, before tax; a proration's is whatever Stripe reckoned. */
  readonly subtotal: number;
  readonly proration: boolean;
  readonly amount: number;
  readonly currency: string;
  /** Of the line: the period, or from the upgrade to the period's end. */
  readonly startMs: number;
  readonly endMs: number;
  readonly paidAtMs: number;
}

/** R19: a payment did not go through. */
export interface PaymentFailed {
  readonly fact: 'payment_failed';
  readonly customerId: string;
  /** Of the attempt: what failed, and which time. */
  readonly id: string;
  readonly subscriptionId: string | null;
  readonly amount: number;
  readonly currency: string;
  readonly atMs: number;
  readonly nextAttemptMs: number | null;
}
