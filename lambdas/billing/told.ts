import type { Billing, Subscription } from '../../lib/domain/billing.ts';
import type { PaymentFact } from '../../lib/domain/payment-fact.ts';

/** What Stripe was asked and has said of an account's subscription, as something heard. */
export const asTold = ({ customerId }: Billing, subscription: Subscription): PaymentFact => {
  if (customerId === null) throw new Error('a subscription has a customer');
  return { fact: 'subscription', customerId, subscription };
};
