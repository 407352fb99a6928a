import type Stripe from 'stripe';
import * as z from 'zod/mini';
import { call } from '../api-call.ts';
import { need, refused } from '../api-fault.ts';
import { checkoutParams } from '../checkout-params.ts';
import { createCheckout } from '../create-checkout.ts';
import * as field from '../form-field.ts';
import { pageOf } from '../list-page.ts';
import type { Moment } from '../moment.ts';
import { checkoutSessionObject, lineItems } from '../objects/checkout-session-object.ts';
import { expireCheckout } from '../pay-checkout.ts';
import type { CheckoutSession } from '../records.ts';

const retrieve = field.paramsOf<Stripe.Checkout.SessionRetrieveParams>()(field.expandable);
const expire = field.paramsOf<Stripe.Checkout.SessionExpireParams>()(field.expandable);
const listLines = field.paramsOf<Stripe.Checkout.SessionListLineItemsParams>()(field.paging);
const list = field.paramsOf<Stripe.Checkout.SessionListParams>()({
  ...field.paging,
  ...field.created,
  customer: z.optional(field.text),
  customer_details: z.optional(z.strictObject({ email: field.text })),
  payment_intent: z.optional(field.text),
  status: z.optional(z.enum(['open', 'complete', 'expired'])),
  subscription: z.optional(field.text),
});

const PATH = '/v1/checkout/sessions';
const show = ({ db, publicUrl }: Moment, session: CheckoutSession): Stripe.Checkout.Session =>
  checkoutSessionObject(db, session, publicUrl());
const find = ({ db }: Moment, id: string): CheckoutSession => need(db.checkoutSessions.get(id), 'checkout.session', id);

export const checkoutSessionCalls = [
  call('POST', PATH, checkoutParams, (moment, params) => show(moment, createCheckout(moment, params))),
  call('GET', PATH, list, (moment, params) =>
    pageOf(moment.db.checkoutSessions.all(), params, {
      url: PATH,
      kind: 'checkout.session',
      show: (session) => show(moment, session),
      where: (session) =>
        (params.customer === undefined || session.customerId === params.customer) &&
        (params.payment_intent === undefined || session.paymentIntentId === params.payment_intent) &&
        (params.subscription === undefined || session.subscriptionId === params.subscription) &&
        (params.status === undefined || session.status === params.status) &&
        (params.customer_details === undefined ||
          show(moment, session).customer_details?.email === params.customer_details.email),
      createdS: ({ createdS }) => createdS,
    }),
  ),
  call('GET', `${PATH}/:id`, retrieve, (moment, _, id) => show(moment, find(moment, id))),
  call('GET', `${PATH}/:id/line_items`, listLines, (moment, params, id) =>
    pageOf(lineItems(moment.db, find(moment, id)).reverse(), params, {
      url: `${PATH}/${id}/line_items`,
      kind: 'line item',
      show: (line) => line,
    }),
  ),
  call('POST', `${PATH}/:id/expire`, expire, (moment, _, id) => {
    const session = find(moment, id);
    if (session.status !== 'open')
      throw refused(
        `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of \`${session.status}\`.`,
      );
    return show(moment, expireCheckout(moment, session));
  }),
];
