import type Stripe from 'stripe';
import * as z from 'zod/mini';
import type { PaymentFact } from '../domain/payment-fact.ts';
import { money, reference, shaped, text } from './stripe-shape.ts';

const shape = z.object({
  id: text,
  mode: text,
  status: z.nullable(text),
  payment_status: text,
  customer: z.nullable(reference),
  client_reference_id: z.nullable(text),
  payment_intent: z.nullable(reference),
  amount_subtotal: z.nullable(money),
  amount_total: z.nullable(money),
  currency: z.nullable(text),
});

const read = (session: Stripe.Checkout.Session) => {
  const told = shaped(shape, 'session', session);
  const { client_reference_id: orderId, customer: customerId } = told;
  // Sessions of ours name both; one made by hand in the dashboard may name neither, and sells nothing of ours.
  return orderId === null || customerId === null ? null : { ...told, orderId, customerId };
};
type Told = NonNullable<ReturnType<typeof read>>;

const closed = ({ orderId, customerId }: Told): PaymentFact => ({ fact: 'checkout_closed', orderId, customerId });

/**
 * What a Checkout session tells: that a pack is paid, at once or later, or that it can no longer be paid. What is sold for nothing is
 * none of ours. Of a subscription's session only that it has expired; its invoice tells the rest. `paidAtMs` is when the payment was
 * confirmed; a session does not know.
 */
export const factsOfSession = (session: Stripe.Checkout.Session, paidAtMs: number): readonly PaymentFact[] => {
  const told = read(session);
  if (told === null) return [];
  if (told.status === 'expired') return [closed(told)];
  const { mode, payment_status, payment_intent: paymentId, amount_subtotal, amount_total, currency } = told;
  if (mode !== 'payment' || payment_status !== 'paid') return [];
  if (paymentId === null || amount_subtotal === null || amount_total === null || currency === null) return [];
  const { customerId, orderId } = told;
  const money = { subtotal: amount_subtotal, amount: amount_total, currency };
  return [{ fact: 'pack_paid', customerId, orderId, paymentId, ...money, paidAtMs }];
};

/** A payment that was to come later has failed: the session is over. A subscription's invoice tells of the payment itself. */
export const factsOfFailedSession = (session: Stripe.Checkout.Session, atMs: number): readonly PaymentFact[] => {
  const told = read(session);
  if (told === null) return [];
  const { id, customerId, amount_total: amount, currency } = told;
  if (told.mode !== 'payment' || amount === null || currency === null) return [closed(told)];
  const failed = { fact: 'payment_failed', customerId, id, subscriptionId: null, amount, currency } as const;
  return [{ ...failed, atMs, nextAttemptMs: null }, closed(told)];
};
