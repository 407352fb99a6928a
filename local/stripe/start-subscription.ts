import { need } from './api-fault.ts';
import { collect } from './collect.ts';
import { createCustomer } from './create-customer.ts';
import { announce } from './event-log.ts';
import { createInvoice, finalizeInvoice, periodLine } from './invoicing.ts';
import type { Moment } from './moment.ts';
import { newId } from './new-id.ts';
import { subscriptionObject } from './objects/subscription-object.ts';
import type { Outcome } from './payments.ts';
import { periodEndAfter } from './period.ts';
import type { CheckoutSession } from './records.ts';
import { changeSubscription } from './subscription-life.ts';

/**
 * What Checkout makes in subscription mode: a customer where there is none, a subscription that is `incomplete` until its first invoice is
 * paid, and that invoice. With a bank debit under way the subscription is active already and the invoice open.
 */
export const startSubscription = (
  moment: Moment,
  session: CheckoutSession,
  outcome: Outcome,
): Pick<CheckoutSession, 'customerId' | 'subscriptionId' | 'invoiceId'> => {
  const { db, nowS } = moment;
  const [line] = session.lines;
  const price = need(db.prices.get(line?.priceId ?? ''), 'price', line?.priceId ?? '');
  const customerId = session.customerId ?? createCustomer(moment, { email: session.customerEmail }).id;
  const invoiceId = newId('in');
  const item = {
    id: newId('si'),
    createdS: nowS,
    priceId: price.id,
    quantity: line?.quantity ?? 1,
    periodStartS: nowS,
    periodEndS: periodEndAfter(price, nowS, nowS),
  };
  const subscription = db.subscriptions.put({
    id: newId('sub'),
    createdS: nowS,
    customerId,
    currency: price.currency,
    description: session.subscriptionDescription,
    metadata: session.subscriptionMetadata,
    status: 'incomplete',
    anchorS: nowS,
    cancelAtPeriodEnd: false,
    canceledAtS: null,
    endedAtS: null,
    cancelReason: null,
    cancelComment: null,
    cancelFeedback: null,
    latestInvoiceId: invoiceId,
    scheduleId: null,
    item,
    pendingLines: [],
    pendingUpdate: null,
  });
  announce(moment, 'customer.subscription.created', subscriptionObject(db, subscription));
  const draft = createInvoice(moment, subscription, {
    id: invoiceId,
    billingReason: 'subscription_create',
    lines: [periodLine(moment, price, item)],
    periodStartS: nowS,
    periodEndS: nowS,
    prorationDateS: null,
    finalizesAtS: null,
  });
  collect(moment, finalizeInvoice(moment, draft), outcome);
  if (outcome === 'processing') changeSubscription(moment, subscription, { status: 'active' });
  return { customerId, subscriptionId: subscription.id, invoiceId };
};
