import type Stripe from 'stripe';
import * as z from 'zod/mini';
import { call } from '../api-call.ts';
import { need } from '../api-fault.ts';
import * as field from '../form-field.ts';
import { advanceByItself } from '../invoicing.ts';
import { pageOf } from '../list-page.ts';
import { invoiceLineObject } from '../objects/invoice-line-object.ts';
import { invoiceObject } from '../objects/invoice-object.ts';
import { invoicePaymentObject } from '../objects/invoice-payment-object.ts';

const retrieve = field.paramsOf<Stripe.InvoiceRetrieveParams>()(field.expandable);
const list = field.paramsOf<Stripe.InvoiceListParams>()({
  ...field.paging,
  ...field.created,
  customer: z.optional(field.text),
  subscription: z.optional(field.text),
  status: z.optional(z.enum(['draft', 'open', 'paid', 'uncollectible', 'void'])),
  collection_method: z.optional(z.literal('charge_automatically')),
});
const listPayments = field.paramsOf<Stripe.InvoicePaymentListParams>()({
  ...field.paging,
  ...field.created,
  invoice: z.optional(field.text),
  payment: z.optional(z.strictObject({ type: z.literal('payment_intent'), payment_intent: field.text })),
  status: z.optional(z.enum(['canceled', 'open', 'paid'])),
});

const update = field.paramsOf<Stripe.InvoiceUpdateParams>()({
  ...field.expandable,
  auto_advance: z.optional(field.flag),
});

const listLines = field.paramsOf<Stripe.InvoiceListLineItemsParams>()(field.paging);

const PATH = '/v1/invoices';

const paymentOf = (invoice: Parameters<typeof invoicePaymentObject>[0]): Stripe.InvoicePayment[] => {
  const payment = invoicePaymentObject(invoice);
  return payment === undefined ? [] : [payment];
};

export const invoiceCalls = [
  call('GET', PATH, list, ({ db }, params) =>
    pageOf(db.invoices.all(), params, {
      url: PATH,
      kind: 'invoice',
      show: (invoice) => invoiceObject(db, invoice),
      where: (invoice) =>
        (params.customer === undefined || invoice.customerId === params.customer) &&
        (params.subscription === undefined || invoice.subscriptionId === params.subscription) &&
        (params.status === undefined || invoice.status === params.status),
      createdS: ({ createdS }) => createdS,
    }),
  ),
  call('GET', `${PATH}/:id`, retrieve, ({ db }, _, id) => invoiceObject(db, need(db.invoices.get(id), 'invoice', id))),
  call('POST', `${PATH}/:id`, update, (moment, { auto_advance: autoAdvance }, id) => {
    const invoice = need(moment.db.invoices.get(id), 'invoice', id);
    return invoiceObject(
      moment.db,
      autoAdvance === undefined ? invoice : advanceByItself(moment, invoice, autoAdvance),
    );
  }),
  call('GET', `${PATH}/:id/lines`, listLines, ({ db }, params, id) => {
    const invoice = need(db.invoices.get(id), 'invoice', id);
    // As the invoice has them, which is not by when they were made.
    return pageOf([...invoice.lines].reverse(), params, {
      url: `${PATH}/${id}/lines`,
      kind: 'line_item',
      show: (line) => invoiceLineObject(db, invoice, line),
    });
  }),
  call('GET', '/v1/invoice_payments', listPayments, ({ db }, params) =>
    pageOf(db.invoices.all().flatMap(paymentOf), params, {
      url: '/v1/invoice_payments',
      kind: 'invoice payment',
      show: (payment) => payment,
      where: ({ invoice, payment, status }) =>
        (params.invoice === undefined || invoice === params.invoice) &&
        (params.payment === undefined || payment.payment_intent === params.payment.payment_intent) &&
        (params.status === undefined || status === params.status),
      createdS: (payment) => payment.created,
    }),
  ),
];
