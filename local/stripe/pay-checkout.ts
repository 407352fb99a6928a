import { DAY_MS, SECOND_MS } from '../../lib/domain/time.ts';
import { conflict, need } from './api-fault.ts';
import { cardOutcome, collect } from './collect.ts';
import { announce } from './event-log.ts';
import type { Moment } from './moment.ts';
import type { PaymentIntent } from './money-records.ts';
import { checkoutSessionObject } from './objects/checkout-session-object.ts';
import { attemptPayment, createPayment, type Outcome } from './payments.ts';
import type { CheckoutSession } from './records.ts';
import { startSubscription } from './start-subscription.ts';

export type CheckoutOutcome = 'paid' | 'declined' | 'paid_later';

type SessionEvent =
  | 'checkout.session.completed'
  | 'checkout.session.expired'
  | 'checkout.session.async_payment_succeeded'
  | 'checkout.session.async_payment_failed';

const announceSession = (moment: Moment, type: SessionEvent, session: CheckoutSession): void =>
  announce(moment, type, checkoutSessionObject(moment.db, session, moment.publicUrl()));

/** The session's payment intent. Stripe makes it when the customer first presses the button, and keeps it for the next try. */
const paymentOf = (moment: Moment, session: CheckoutSession): PaymentIntent => {
  const kept = session.paymentIntentId === null ? undefined : moment.db.paymentIntents.get(session.paymentIntentId);
  if (kept !== undefined) return kept;
  const shape = checkoutSessionObject(moment.db, session, '');
  return createPayment(moment, {
    customerId: session.customerId,
    amount: shape.amount_total ?? 0,
    currency: shape.currency ?? 'usd',
    description: session.paymentDescription,
    metadata: session.mode === 'payment' ? session.paymentMetadata : {},
  });
};

const decline = (moment: Moment, session: CheckoutSession): CheckoutSession => {
  const payment = attemptPayment(moment, paymentOf(moment, session), 'fails');
  // In subscription mode a session never names a payment intent; the next try has one of its own.
  return session.mode === 'payment'
    ? moment.db.checkoutSessions.put({ ...session, paymentIntentId: payment.id })
    : session;
};

const complete = (moment: Moment, open: CheckoutSession, outcome: Outcome): CheckoutSession => {
  const { db, nowS } = moment;
  const bought =
    open.mode === 'subscription'
      ? startSubscription(moment, open, outcome)
      : { paymentIntentId: attemptPayment(moment, paymentOf(moment, open), outcome).id };
  const later = outcome === 'processing';
  const session = db.checkoutSessions.put({
    ...open,
    ...bought,
    status: 'complete',
    paymentStatus: later ? 'unpaid' : 'paid',
    settlesAtS: later ? nowS + DAY_MS / SECOND_MS : null,
  });
  announceSession(moment, 'checkout.session.completed', session);
  return session;
};

/** A delayed payment arrives, or it turns out that it will not. */
export const settleCheckout = (moment: Moment, session: CheckoutSession, outcome: Outcome): CheckoutSession => {
  const { db } = moment;
  if (session.mode === 'subscription') {
    const id = session.invoiceId ?? '';
    collect(moment, need(db.invoices.get(id), 'invoice', id), outcome);
  } else attemptPayment(moment, paymentOf(moment, session), outcome);
  const arrived = outcome === 'succeeds';
  const settled = db.checkoutSessions.put({
    ...session,
    paymentStatus: arrived ? 'paid' : 'unpaid',
    settlesAtS: null,
  });
  announceSession(
    moment,
    arrived ? 'checkout.session.async_payment_succeeded' : 'checkout.session.async_payment_failed',
    settled,
  );
  return settled;
};

/** A day after a `paid_later`: the money comes, unless the customer's next payment is set to fail. */
export const settleWhenDue = (moment: Moment, session: CheckoutSession): void => {
  settleCheckout(moment, session, session.customerId === null ? 'succeeds' : cardOutcome(moment, session.customerId));
};

export const expireCheckout = (moment: Moment, session: CheckoutSession): CheckoutSession => {
  const expired = moment.db.checkoutSessions.put({ ...session, status: 'expired' });
  announceSession(moment, 'checkout.session.expired', expired);
  return expired;
};

/**
 * What the customer does on the hosted page. On a session that waits for a delayed payment, `paid` and `declined` decide it now. A declined
 * card leaves the session open and nothing bought.
 */
export const payCheckout = (moment: Moment, session: CheckoutSession, outcome: CheckoutOutcome): CheckoutSession => {
  if (session.status === 'open') {
    if (outcome === 'declined') return decline(moment, session);
    return complete(moment, session, outcome === 'paid' ? 'succeeds' : 'processing');
  }
  if (session.settlesAtS !== null && outcome !== 'paid_later')
    return settleCheckout(moment, session, outcome === 'paid' ? 'succeeds' : 'fails');
  throw conflict(`This checkout session is ${session.status} and cannot be paid.`);
};
