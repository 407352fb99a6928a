import { HOUR_MS, SECOND_MS } from '../../lib/domain/time.ts';
import { refused } from './api-fault.ts';
import { announce, changed } from './event-log.ts';
import { amountDueOf, endingBalanceOf } from './invoice-amounts.ts';
import type { Moment } from './moment.ts';
import type { Invoice, InvoiceLine, Subscription } from './money-records.ts';
import { newId } from './new-id.ts';
import { invoiceObject } from './objects/invoice-object.ts';
import { cancelPayment, createPayment } from './payments.ts';
import type { Price } from './records.ts';

/** Stripe leaves an invoice a draft for about an hour before it makes it final and tries to be paid. */
export const DRAFT_S = HOUR_MS / SECOND_MS;

const DESCRIPTIONS = {
  subscription_create: 'Subscription creation',
  subscription_cycle: 'Subscription update',
  subscription_update: 'Subscription update',
} as const;

const money = (amount: number, currency: string): string => `${(amount / 100).toFixed(2)} ${currency.toUpperCase()}`;

/** The line for one whole period. */
export const periodLine = (
  { db }: Moment,
  price: Price,
  item: Pick<Subscription['item'], 'id' | 'quantity' | 'periodStartS' | 'periodEndS'>,
): InvoiceLine => ({
  id: newId('il'),
  description: `${item.quantity} × ${db.products.get(price.productId)?.name ?? price.productId} (at ${money(price.amount, price.currency)} / ${price.interval})`,
  amount: price.amount * item.quantity,
  priceId: price.id,
  quantity: item.quantity,
  periodStartS: item.periodStartS,
  periodEndS: item.periodEndS,
  subscriptionItemId: item.id,
  invoiceItemId: null,
  credits: null,
});

/** A new invoice, still a draft. */
export const createInvoice = (
  moment: Moment,
  subscription: Subscription,
  of: Pick<
    Invoice,
    'id' | 'billingReason' | 'lines' | 'periodStartS' | 'periodEndS' | 'prorationDateS' | 'finalizesAtS'
  >,
  autoAdvance = true,
): Invoice => {
  const { db, nowS } = moment;
  const invoice = db.invoices.put({
    ...of,
    createdS: nowS,
    number: null,
    customerId: subscription.customerId,
    subscriptionId: subscription.id,
    subscriptionMetadata: subscription.metadata,
    currency: subscription.currency,
    status: 'draft',
    autoAdvance,
    startingBalance: db.customers.get(subscription.customerId)?.balance ?? 0,
    endingBalance: null,
    amountPaid: 0,
    attemptCount: 0,
    nextAttemptS: null,
    finalizedAtS: null,
    paidAtS: null,
    voidedAtS: null,
    paymentIntentId: null,
    invoicePaymentId: newId('inpay'),
  });
  announce(moment, 'invoice.created', invoiceObject(db, invoice));
  return invoice;
};

/** Whether an invoice goes on by itself: a draft is made final then, an open one asked for again. Nothing else can: it is at its end. */
export const advanceByItself = (moment: Moment, invoice: Invoice, autoAdvance: boolean): Invoice => {
  const { db, nowS } = moment;
  if (invoice.status !== 'draft' && invoice.status !== 'open')
    throw refused(`You can't update an invoice with status ${invoice.status}.`, { param: 'auto_advance' });
  if (invoice.autoAdvance === autoAdvance) return invoice;
  const nextS = autoAdvance ? nowS + DRAFT_S : null;
  const next = invoice.status === 'draft' ? { finalizesAtS: nextS } : { nextAttemptS: nextS };
  const before = invoiceObject(db, invoice);
  const updated = db.invoices.put({ ...invoice, autoAdvance, ...next });
  const object = invoiceObject(db, updated);
  announce(moment, 'invoice.updated', object, changed(before, object));
  return updated;
};

/** Makes a draft final: it gets its number, uses up the customer's credit, and asks for what is left through a payment intent. */
export const finalizeInvoice = (moment: Moment, draft: Invoice): Invoice => {
  const { db, nowS } = moment;
  const settings = db.settingsNow();
  const customer = db.customers.get(draft.customerId);
  const startingBalance = customer?.balance ?? 0;
  const invoicesNumbered = settings.invoicesNumbered + 1;
  db.settings.put({ ...settings, invoicesNumbered });
  const balanced = { ...draft, startingBalance };
  const endingBalance = endingBalanceOf(balanced);
  if (customer !== undefined && endingBalance !== startingBalance)
    db.customers.put({ ...customer, balance: endingBalance });
  const due = amountDueOf(balanced);
  const payment =
    due === 0
      ? undefined
      : createPayment(moment, {
          customerId: draft.customerId,
          amount: due,
          currency: draft.currency,
          description: DESCRIPTIONS[draft.billingReason],
          metadata: {},
        });
  const invoice = db.invoices.put({
    ...balanced,
    number: `LOCAL-${String(invoicesNumbered).padStart(4, '0')}`,
    status: 'open',
    subscriptionMetadata: db.subscriptions.get(draft.subscriptionId)?.metadata ?? draft.subscriptionMetadata,
    endingBalance,
    finalizesAtS: null,
    finalizedAtS: nowS,
    paymentIntentId: payment?.id ?? null,
  });
  announce(moment, 'invoice.finalized', invoiceObject(db, invoice));
  return invoice;
};

/** An invoice nobody has to pay any more. The customer has the credit back that it had used up. */
export const voidInvoice = (moment: Moment, open: Invoice): void => {
  const { db, nowS } = moment;
  const payment = open.paymentIntentId === null ? undefined : db.paymentIntents.get(open.paymentIntentId);
  if (payment !== undefined) cancelPayment(moment, payment);
  const customer = db.customers.get(open.customerId);
  const used = (open.endingBalance ?? open.startingBalance) - open.startingBalance;
  if (customer !== undefined && used !== 0) db.customers.put({ ...customer, balance: customer.balance - used });
  const invoice = db.invoices.put({
    ...open,
    status: 'void',
    autoAdvance: false,
    nextAttemptS: null,
    voidedAtS: nowS,
  });
  announce(moment, 'invoice.voided', invoiceObject(db, invoice));
};
