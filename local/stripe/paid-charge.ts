import { need, refused } from './api-fault.ts';
import type { Database } from './database.ts';
import type { Charge } from './money-records.ts';

/** The charge that a payment intent was paid with; `param` is what named the intent. */
export const paidCharge = (db: Database, paymentIntentId: string, param: string): Charge => {
  const payment = need(db.paymentIntents.get(paymentIntentId), 'payment_intent', paymentIntentId, param);
  const charge = payment.latestChargeId === null ? undefined : db.charges.get(payment.latestChargeId);
  if (charge?.status !== 'succeeded')
    throw refused(`This PaymentIntent (${paymentIntentId}) does not have a successful charge to refund.`, { param });
  return charge;
};
