import { announce } from './event-log.ts';
import type { Moment } from './moment.ts';
import type { Charge, PaymentIntent } from './money-records.ts';
import { newId } from './new-id.ts';
import { chargeObject } from './objects/charge-object.ts';
import { paymentIntentObject } from './objects/payment-intent-object.ts';

/** What the bank says: at once, or after a day in which the payment is under way. */
export type Outcome = 'succeeds' | 'fails' | 'processing';

export const createPayment = (
  moment: Moment,
  of: Pick<PaymentIntent, 'customerId' | 'amount' | 'currency' | 'description' | 'metadata'>,
): PaymentIntent => {
  const payment = moment.db.paymentIntents.put({
    ...of,
    id: newId('pi'),
    createdS: moment.nowS,
    status: 'requires_payment_method',
    method: 'card',
    latestChargeId: null,
    failed: false,
    canceledAtS: null,
  });
  announce(moment, 'payment_intent.created', paymentIntentObject(payment));
  return payment;
};

const STATUS = {
  succeeds: { charge: 'succeeded', payment: 'succeeded' },
  fails: { charge: 'failed', payment: 'requires_payment_method' },
  processing: { charge: 'pending', payment: 'processing' },
} as const;

/** The charge under way comes to its end; where there is none, a new one is made. */
const chargeFor = ({ db, nowS }: Moment, payment: PaymentIntent, outcome: Outcome): Charge => {
  const latest = payment.latestChargeId === null ? undefined : db.charges.get(payment.latestChargeId);
  const status = STATUS[outcome].charge;
  if (latest?.status === 'pending') return db.charges.put({ ...latest, status });
  const { customerId, amount, currency, description, metadata } = payment;
  return db.charges.put({
    id: newId('ch'),
    createdS: nowS,
    paymentIntentId: payment.id,
    customerId,
    amount,
    currency,
    description,
    metadata,
    status,
    method: outcome === 'processing' ? 'us_bank_account' : 'card',
    amountRefunded: 0,
    disputed: false,
  });
};

/** Tries to take the money. A payment intent that failed may be tried again and keeps its id; each try has its own charge. */
export const attemptPayment = (moment: Moment, payment: PaymentIntent, outcome: Outcome): PaymentIntent => {
  const charge = chargeFor(moment, payment, outcome);
  const attempted = moment.db.paymentIntents.put({
    ...payment,
    status: STATUS[outcome].payment,
    method: charge.method,
    latestChargeId: charge.id,
    failed: outcome === 'fails',
  });
  switch (outcome) {
    case 'succeeds':
      announce(moment, 'charge.succeeded', chargeObject(charge));
      announce(moment, 'payment_intent.succeeded', paymentIntentObject(attempted));
      return attempted;
    case 'fails':
      announce(moment, 'charge.failed', chargeObject(charge));
      announce(moment, 'payment_intent.payment_failed', paymentIntentObject(attempted));
      return attempted;
    case 'processing':
      announce(moment, 'charge.pending', chargeObject(charge));
      announce(moment, 'payment_intent.processing', paymentIntentObject(attempted));
      return attempted;
  }
};

export const cancelPayment = (moment: Moment, payment: PaymentIntent): void => {
  const canceled = moment.db.paymentIntents.put({ ...payment, status: 'canceled', canceledAtS: moment.nowS });
  announce(moment, 'payment_intent.canceled', paymentIntentObject(canceled));
};
