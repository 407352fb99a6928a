import { DAY_MS, SECOND_MS } from '../../lib/domain/time.ts';
import { announce } from './event-log.ts';
import { amountDueOf } from './invoice-amounts.ts';
import type { Moment } from './moment.ts';
import type { Invoice } from './money-records.ts';
import { invoiceObject } from './objects/invoice-object.ts';
import { invoicePaymentObject } from './objects/invoice-payment-object.ts';
import { subscriptionObject } from './objects/subscription-object.ts';
import { attemptPayment, type Outcome } from './payments.ts';
import { changeSubscription, endSubscription } from './subscription-life.ts';

/** Days from one failed payment of an invoice to the next try; after the last the subscription is canceled. */
export const RETRY_DAYS = [3, 5, 7] as const;

/** A paid invoice makes its subscription active again, and brings the change that has waited for it. */
const reviveSubscription = (moment: Moment, invoice: Invoice): void => {
  const { db } = moment;
  const subscription = db.subscriptions.get(invoice.subscriptionId);
  if (subscription === undefined || subscription.status === 'canceled') return;
  const { pendingUpdate, item, anchorS } = subscription;
  if (pendingUpdate?.invoiceId === invoice.id) {
    const { priceId, quantity, periodStartS, periodEndS } = pendingUpdate;
    const period = pendingUpdate.anchorS === anchorS ? {} : { periodStartS, periodEndS };
    const applied = changeSubscription(moment, subscription, {
      pendingUpdate: null,
      anchorS: pendingUpdate.anchorS,
      item: { ...item, priceId, quantity, ...period },
    });
    announce(moment, 'customer.subscription.pending_update_applied', subscriptionObject(db, applied));
    return;
  }
  const owes = db.invoices
    .all()
    .some(
      (other) => other.subscriptionId === subscription.id && other.status === 'open' && other.nextAttemptS !== null,
    );
  if (subscription.status !== 'active' && !owes) changeSubscription(moment, subscription, { status: 'active' });
};

const markPaid = (moment: Moment, open: Invoice): Invoice => {
  const { db, nowS } = moment;
  const due = amountDueOf(open);
  const invoice = db.invoices.put({
    ...open,
    status: 'paid',
    autoAdvance: false,
    amountPaid: due,
    attemptCount: open.attemptCount + (due === 0 ? 0 : 1),
    nextAttemptS: null,
    paidAtS: nowS,
  });
  reviveSubscription(moment, invoice);
  announce(moment, 'invoice.paid', invoiceObject(db, invoice));
  announce(moment, 'invoice.payment_succeeded', invoiceObject(db, invoice));
  const payment = invoicePaymentObject(invoice);
  if (payment !== undefined) announce(moment, 'invoice_payment.paid', payment);
  return invoice;
};

const markFailed = (moment: Moment, open: Invoice): Invoice => {
  const { db, nowS } = moment;
  const attemptCount = open.attemptCount + 1;
  const days = open.autoAdvance ? RETRY_DAYS[attemptCount - 1] : undefined;
  const invoice = db.invoices.put({
    ...open,
    attemptCount,
    nextAttemptS: days === undefined ? null : nowS + (days * DAY_MS) / SECOND_MS,
  });
  announce(moment, 'invoice.payment_failed', invoiceObject(db, invoice));
  const subscription = db.subscriptions.get(invoice.subscriptionId);
  if (!invoice.autoAdvance || subscription === undefined || subscription.status === 'canceled') return invoice;
  if (days === undefined) endSubscription(moment, subscription, 'payment_failed');
  else if (subscription.status !== 'past_due') changeSubscription(moment, subscription, { status: 'past_due' });
  return db.invoices.get(invoice.id) ?? invoice;
};

/** Tries to be paid for an open invoice, with everything that follows from the outcome. */
export const collect = (moment: Moment, open: Invoice, outcome: Outcome): Invoice => {
  const payment = open.paymentIntentId === null ? undefined : moment.db.paymentIntents.get(open.paymentIntentId);
  if (payment === undefined) return markPaid(moment, open);
  attemptPayment(moment, payment, outcome);
  switch (outcome) {
    case 'succeeds':
      return markPaid(moment, open);
    case 'fails':
      return markFailed(moment, open);
    case 'processing':
      return moment.db.invoices.put({ ...open, nextAttemptS: null });
  }
};

/** What the customer's card on file will say. */
export const cardOutcome = ({ db }: Moment, customerId: string): Outcome =>
  db.customers.get(customerId)?.nextPayment ?? 'succeeds';
