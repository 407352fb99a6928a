import Stripe from 'stripe';
import type { Database } from '../database.ts';
import type { Invoice, InvoiceLine } from '../money-records.ts';

export const invoiceLineObject = (
  db: Database,
  { id: invoice, currency, subscriptionId }: Invoice,
  line: InvoiceLine,
): Stripe.InvoiceLineItem => {
  const price = db.prices.get(line.priceId);
  const proration = line.invoiceItemId !== null;
  return {
    id: line.id,
    object: 'line_item',
    amount: line.amount,
    currency,
    description: line.description,
    discount_amounts: [],
    discountable: !proration,
    discounts: [],
    invoice,
    livemode: false,
    metadata: db.subscriptions.get(subscriptionId)?.metadata ?? {},
    parent: {
      invoice_item_details: null,
      subscription_item_details: {
        invoice_item: line.invoiceItemId,
        proration,
        proration_details: {
          credited_items:
            line.credits === null
              ? null
              : { invoice: line.credits.invoiceId, invoice_line_items: [line.credits.lineId] },
        },
        subscription: subscriptionId,
        subscription_item: line.subscriptionItemId,
      },
      type: 'subscription_item_details',
    },
    period: { end: line.periodEndS, start: line.periodStartS },
    pretax_credit_amounts: [],
    pricing: {
      price_details: { price: line.priceId, product: price?.productId ?? '' },
      type: 'price_details',
      unit_amount_decimal: Stripe.Decimal.from(price?.amount ?? 0),
    },
    quantity: line.quantity,
    quantity_decimal: Stripe.Decimal.from(line.quantity),
    subscription: subscriptionId,
    subtotal: line.amount,
    taxes: [],
  };
};
