import { SECOND_MS } from '../../lib/domain/time.ts';
import { badParameter, need } from './api-fault.ts';
import type { Moment } from './moment.ts';
import type { PaymentIntent } from './money-records.ts';
import { newId } from './new-id.ts';

export interface LegacyPayment {
  /** Whose account it was for: on the payment as `metadata.accountId`. */
  readonly accountId?: string | undefined;
  /** One that is there; without it a customer is made, of the same instant. */
  readonly customerId?: string | undefined;
  /** In the currency's smallest unit. */
  readonly amount: number;
  readonly currency: string;
  readonly createdAtMs: number;
}

/**
 * A card payment that succeeded at an instant in the past, before this system knew Stripe's events (R28): there is a customer, a payment intent
 * and its charge, and no event, session or invoice.
 */
export const addLegacyPayment = ({ db, atMs }: Moment, legacy: LegacyPayment): PaymentIntent => {
  const { accountId, customerId: givenId, amount, currency, createdAtMs } = legacy;
  if (createdAtMs > atMs) throw badParameter('createdAt', 'must not be after the clock');
  if (givenId !== undefined) need(db.customers.get(givenId), 'customer', givenId, 'customerId');
  const createdS = Math.floor(createdAtMs / SECOND_MS);
  const metadata = accountId === undefined ? {} : { accountId };
  const customerId =
    givenId ??
    db.customers.put({
      id: newId('cus'),
      createdS,
      email: null,
      name: null,
      phone: null,
      description: null,
      metadata,
      balance: 0,
      nextPayment: 'succeeds',
    }).id;
  const [id, chargeId] = [newId('pi'), newId('ch')];
  const paid = { createdS, customerId, amount, currency, description: null, metadata, method: 'card' } as const;
  db.charges.put({
    ...paid,
    id: chargeId,
    paymentIntentId: id,
    status: 'succeeded',
    amountRefunded: 0,
    disputed: false,
  });
  return db.paymentIntents.put({
    ...paid,
    id,
    status: 'succeeded',
    latestChargeId: chargeId,
    failed: false,
    canceledAtS: null,
  });
};
