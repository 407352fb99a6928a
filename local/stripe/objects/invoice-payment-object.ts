import type Stripe from 'stripe';
import { amountDueOf } from '../invoice-amounts.ts';
import type { Invoice } from '../money-records.ts';

/** The link between an invoice and the payment intent that pays it; there is one as soon as there is something to pay. */
export const invoicePaymentObject = (invoice: Invoice): Stripe.InvoicePayment | undefined => {
  if (invoice.paymentIntentId === null) return undefined;
  const paid = invoice.status === 'paid';
  return {
    id: invoice.invoicePaymentId,
    object: 'invoice_payment',
    amount_paid: paid ? invoice.amountPaid : null,
    amount_requested: amountDueOf(invoice),
    created: invoice.finalizedAtS ?? invoice.createdS,
    currency: invoice.currency,
    invoice: invoice.id,
    is_default: true,
    livemode: false,
    payment: { payment_intent: invoice.paymentIntentId, type: 'payment_intent' },
    status: paid ? 'paid' : invoice.status === 'void' ? 'canceled' : 'open',
    status_transitions: { canceled_at: invoice.voidedAtS, paid_at: invoice.paidAtS },
  };
};
