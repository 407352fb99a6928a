import type Stripe from 'stripe';
import type { Database } from '../database.ts';
import { amountDueOf, totalOf } from '../invoice-amounts.ts';
import type { Invoice } from '../money-records.ts';
import { invoiceLineObject } from './invoice-line-object.ts';
import { listOf } from './list.ts';

/** With the invoice itself; the rest has to be asked for. https://docs.stripe.com/api/invoices/object */
const LINES_SHOWN = 10;

/** Since API 2025-03-31.basil the subscription is under `parent`, and what paid it is in `payments`, which have to be asked for. */
export const invoiceObject = (db: Database, invoice: Invoice): Stripe.Invoice => {
  const customer = db.customers.get(invoice.customerId);
  const total = totalOf(invoice);
  const due = amountDueOf(invoice);
  return {
    id: invoice.id,
    object: 'invoice',
    account_country: 'US',
    account_name: 'Stand-in',
    account_tax_ids: null,
    amount_due: due,
    amount_overpaid: 0,
    amount_paid: invoice.amountPaid,
    amount_remaining: due - invoice.amountPaid,
    amount_shipping: 0,
    application: null,
    attempt_count: invoice.attemptCount,
    attempted: invoice.attemptCount > 0 || invoice.status === 'paid',
    auto_advance: invoice.autoAdvance,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null, provider: null, status: null },
    automatically_finalizes_at: invoice.finalizesAtS,
    billing_reason: invoice.billingReason,
    collection_method: 'charge_automatically',
    created: invoice.createdS,
    currency: invoice.currency,
    custom_fields: null,
    customer: invoice.customerId,
    customer_account: null,
    customer_address: null,
    customer_email: customer?.email ?? null,
    customer_name: customer?.name ?? null,
    customer_phone: customer?.phone ?? null,
    customer_shipping: null,
    customer_tax_exempt: 'none',
    customer_tax_ids: [],
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    due_date: null,
    effective_at: invoice.finalizedAtS,
    ending_balance: invoice.endingBalance,
    footer: null,
    from_invoice: null,
    hosted_invoice_url: null,
    invoice_pdf: null,
    issuer: { type: 'self' },
    last_finalization_error: null,
    latest_revision: null,
    lines: listOf(
      `/v1/invoices/${invoice.id}/lines`,
      invoice.lines.slice(0, LINES_SHOWN).map((line) => invoiceLineObject(db, invoice, line)),
      invoice.lines.length > LINES_SHOWN,
    ),
    livemode: false,
    metadata: {},
    next_payment_attempt: invoice.nextAttemptS ?? invoice.finalizesAtS,
    number: invoice.number,
    on_behalf_of: null,
    parent: {
      quote_details: null,
      subscription_details: {
        metadata: invoice.subscriptionMetadata,
        subscription: invoice.subscriptionId,
        ...(invoice.prorationDateS !== null && { subscription_proration_date: invoice.prorationDateS }),
      },
      type: 'subscription_details',
    },
    payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
    period_end: invoice.periodEndS,
    period_start: invoice.periodStartS,
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    receipt_number: null,
    rendering: null,
    shipping_cost: null,
    shipping_details: null,
    starting_balance: invoice.startingBalance,
    statement_descriptor: null,
    status: invoice.status,
    status_transitions: {
      finalized_at: invoice.finalizedAtS,
      marked_uncollectible_at: null,
      paid_at: invoice.paidAtS,
      voided_at: invoice.voidedAtS,
    },
    subtotal: total,
    subtotal_excluding_tax: total,
    test_clock: null,
    total,
    total_discount_amounts: [],
    total_excluding_tax: total,
    total_pretax_credit_amounts: [],
    total_taxes: [],
    webhooks_delivered_at: null,
  };
};
