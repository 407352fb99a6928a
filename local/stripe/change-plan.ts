import { HOUR_MS, SECOND_MS } from '../../lib/domain/time.ts';
import { cardDeclined, need } from './api-fault.ts';
import { cardOutcome, collect } from './collect.ts';
import { amountDueOf } from './invoice-amounts.ts';
import { createInvoice, finalizeInvoice, periodLine } from './invoicing.ts';
import type { Moment } from './moment.ts';
import type { Invoice, InvoiceLine, Subscription } from './money-records.ts';
import { newId } from './new-id.ts';
import { periodEndAfter } from './period.ts';
import { prorationLines } from './prorate.ts';
import type { Price } from './records.ts';
import { changeSubscription } from './subscription-life.ts';

/** How long a change waits for its payment: https://docs.stripe.com/billing/subscriptions/pending-updates */
const PENDING_S = (23 * HOUR_MS) / SECOND_MS;

export interface PlanChange {
  readonly price: Price;
  readonly quantity: number;
  /** Start a new period now. A price of another interval does so anyway. */
  readonly restart: boolean;
  readonly proration: 'none' | 'create_prorations' | 'always_invoice';
  readonly prorationDateS: number;
  readonly ifUnpaid: 'allow_incomplete' | 'error_if_incomplete' | 'pending_if_incomplete';
}

interface Bill {
  readonly lines: InvoiceLine[];
  readonly change: Pick<Subscription, 'anchorS' | 'item'>;
}

const invoiceNow = (moment: Moment, subscription: Subscription, id: string, bill: Bill, advance: boolean): Invoice =>
  finalizeInvoice(
    moment,
    createInvoice(
      moment,
      subscription,
      {
        id,
        billingReason: 'subscription_update',
        lines: bill.lines,
        periodStartS: subscription.item.periodStartS,
        periodEndS: moment.nowS,
        prorationDateS: moment.nowS,
        finalizesAtS: null,
      },
      advance,
    ),
  );

/** Bills a change at once. Whether it takes place although the payment fails is the caller's choice. */
const billNow = (moment: Moment, subscription: Subscription, bill: Bill, ifUnpaid: PlanChange['ifUnpaid']): void => {
  const { db, nowS } = moment;
  const id = newId('in');
  const startingBalance = db.customers.get(subscription.customerId)?.balance ?? 0;
  const outcome = cardOutcome(moment, subscription.customerId);
  const declined = outcome === 'fails' && amountDueOf({ lines: bill.lines, startingBalance }) > 0;
  if (declined && ifUnpaid === 'error_if_incomplete') throw cardDeclined();
  if (declined && ifUnpaid === 'pending_if_incomplete') {
    const { priceId, quantity, periodStartS, periodEndS } = bill.change.item;
    const waiting = changeSubscription(moment, subscription, {
      latestInvoiceId: id,
      pendingUpdate: {
        priceId,
        quantity,
        anchorS: bill.change.anchorS,
        periodStartS,
        periodEndS,
        invoiceId: id,
        expiresAtS: nowS + PENDING_S,
      },
    });
    collect(moment, invoiceNow(moment, waiting, id, bill, false), outcome);
    return;
  }
  const changed = changeSubscription(moment, subscription, { ...bill.change, pendingLines: [], latestInvoiceId: id });
  collect(moment, invoiceNow(moment, changed, id, bill, true), outcome);
};

/** Another price or quantity, with the prorations that follow. https://docs.stripe.com/billing/subscriptions/prorations */
export const changePlan = (moment: Moment, subscription: Subscription, change: PlanChange): void => {
  const { nowS } = moment;
  const { item, anchorS, pendingLines } = subscription;
  const { price, quantity, proration, prorationDateS } = change;
  const oldPrice = need(moment.db.prices.get(item.priceId), 'price', item.priceId);
  const sameInterval = price.interval === oldPrice.interval && price.intervalCount === oldPrice.intervalCount;
  const restart = change.restart || !sameInterval;
  if (!restart && price.id === item.priceId && quantity === item.quantity) return;

  const prorations =
    proration === 'none'
      ? []
      : prorationLines(
          moment,
          subscription,
          { price: oldPrice, atS: prorationDateS },
          restart ? undefined : { price, quantity },
        );
  const changedItem = {
    ...item,
    priceId: price.id,
    quantity,
    ...(restart && { periodStartS: nowS, periodEndS: periodEndAfter(price, nowS, nowS) }),
  };
  const after = { anchorS: restart ? nowS : anchorS, item: changedItem };
  const lines = [...pendingLines, ...prorations];
  if (restart) lines.push(periodLine(moment, price, changedItem));

  if (restart || (proration === 'always_invoice' && lines.length > 0))
    billNow(moment, subscription, { lines, change: after }, change.ifUnpaid);
  else changeSubscription(moment, subscription, { ...after, pendingLines: lines });
};
