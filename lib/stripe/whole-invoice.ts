import type Stripe from 'stripe';
import type { PeriodPaid } from '../domain/payment-fact.ts';
import { factsOfInvoice, isCut } from './invoice-facts.ts';
import type { StripeClient } from './stripe-client.ts';

/** As many as Stripe gives at once. */
const PAGE = 100;

/**
 * As `factsOfInvoice`, of an invoice with however many lines: Stripe puts ten of them into it, pending prorations before the period itself,
 * and is asked for the rest. https://docs.stripe.com/api/invoice-line-item/retrieve
 */
export const factsOfWholeInvoice = async (
  client: () => Promise<StripeClient>,
  invoice: Stripe.Invoice,
): Promise<readonly PeriodPaid[]> => {
  if (!isCut(invoice)) return factsOfInvoice(invoice);
  const stripe = await client();
  const data: Stripe.InvoiceLineItem[] = [];
  for await (const line of stripe.invoices.listLineItems(invoice.id, { limit: PAGE })) data.push(line);
  return factsOfInvoice({ ...invoice, lines: { ...invoice.lines, data, has_more: false } });
};
