import { cardOutcome, collect } from './collect.ts';
import { announce } from './event-log.ts';
import { createInvoice, DRAFT_S, finalizeInvoice, periodLine, voidInvoice } from './invoicing.ts';
import type { Moment } from './moment.ts';
import type { Invoice, Subscription } from './money-records.ts';
import { newId } from './new-id.ts';
import { subscriptionObject } from './objects/subscription-object.ts';
import { periodEndAfter } from './period.ts';
import { announcePhase, phaseBeginning } from './schedule-life.ts';
import { changeSubscription, endSubscription } from './subscription-life.ts';

/**
 * The end of a period. A subscription set to cancel is over, and nothing more is charged. Any other goes on at once: its period moves, and a
 * draft invoice is made for the new one, at the price of a schedule's phase if one begins now. On that invoice `period_start` and `period_end` are the period that ended; the new one is on its line.
 */
export const endPeriod = (moment: Moment, subscription: Subscription): void => {
  const { db } = moment;
  if (subscription.cancelAtPeriodEnd) {
    endSubscription(moment, subscription, 'cancellation_requested');
    return;
  }
  const { item, pendingLines } = subscription;
  const startS = item.periodEndS;
  const phase = phaseBeginning(moment, subscription, startS);
  const { priceId, quantity, anchorS, metadata } = phase ?? { ...item, ...subscription };
  const price = db.prices.get(priceId);
  if (price === undefined) throw new Error(`${subscription.id} has a price that is gone: ${priceId}`);
  const renewedItem = {
    ...item,
    priceId,
    quantity,
    periodStartS: startS,
    periodEndS: periodEndAfter(price, anchorS, startS),
  };
  const invoiceId = newId('in');
  const renewed = changeSubscription(moment, subscription, {
    anchorS,
    metadata,
    item: renewedItem,
    pendingLines: [],
    latestInvoiceId: invoiceId,
  });
  createInvoice(moment, renewed, {
    id: invoiceId,
    billingReason: 'subscription_cycle',
    lines: [...pendingLines, periodLine(moment, price, renewedItem)],
    periodStartS: item.periodStartS,
    periodEndS: startS,
    prorationDateS: null,
    finalizesAtS: startS + DRAFT_S,
  });
  if (phase !== undefined) announcePhase(moment, renewed);
};

/** A draft's hour is over. */
export const billDraft = (moment: Moment, draft: Invoice): void => {
  collect(moment, finalizeInvoice(moment, draft), cardOutcome(moment, draft.customerId));
};

/** The payment of an open invoice is tried again. */
export const retryPayment = (moment: Moment, open: Invoice): void => {
  collect(moment, open, cardOutcome(moment, open.customerId));
};

/** A change that waited for its invoice is given up, and so is the invoice. */
export const expirePendingUpdate = (moment: Moment, subscription: Subscription): void => {
  const { db } = moment;
  const invoice = db.invoices.get(subscription.pendingUpdate?.invoiceId ?? '');
  const expired = changeSubscription(moment, subscription, { pendingUpdate: null });
  announce(moment, 'customer.subscription.pending_update_expired', subscriptionObject(db, expired));
  if (invoice?.status === 'open') voidInvoice(moment, invoice);
};
