import type { Subscription } from '../domain/billing.ts';
import type { PackPaid, PeriodPaid } from '../domain/payment-fact.ts';

/** What only Stripe can tell, asked where a signed event leaves it open, and the one thing it is told to undo. */
export interface AskStripe {
  /** A subscription as it is now; `null`: Stripe has none of this id. */
  readonly subscription: (
    subscriptionId: string,
  ) => Promise<{ readonly customerId: string; readonly subscription: Subscription } | null>;
  /** What a payment intent paid for: a session of ours, or an invoice's lines; empty: nothing of ours. */
  readonly paidBy: (paymentIntentId: string) => Promise<readonly (PackPaid | PeriodPaid)[]>;
  /** Ends a subscription bought beside a live one and gives its money back, once however often it is asked. */
  readonly undo: (duplicate: { readonly subscriptionId: string; readonly invoiceId: string }) => Promise<void>;
}
