import type Stripe from 'stripe';
import * as z from 'zod/mini';
import { call } from '../api-call.ts';
import { need } from '../api-fault.ts';
import * as field from '../form-field.ts';
import { pageOf } from '../list-page.ts';
import { chargeObject } from '../objects/charge-object.ts';
import { paymentIntentObject } from '../objects/payment-intent-object.ts';

const retrieveIntent = field.paramsOf<Stripe.PaymentIntentRetrieveParams>()(field.expandable);
const listCharges = field.paramsOf<Stripe.ChargeListParams>()({
  ...field.paging,
  ...field.created,
  customer: z.optional(field.text),
  payment_intent: z.optional(field.text),
});
const retrieveCharge = field.paramsOf<Stripe.ChargeRetrieveParams>()(field.expandable);

export const paymentCalls = [
  call('GET', '/v1/payment_intents/:id', retrieveIntent, ({ db }, _, id) =>
    paymentIntentObject(need(db.paymentIntents.get(id), 'payment_intent', id)),
  ),
  call('GET', '/v1/charges', listCharges, ({ db }, params) =>
    pageOf(db.charges.all(), params, {
      url: '/v1/charges',
      kind: 'charge',
      show: chargeObject,
      where: ({ customerId, paymentIntentId }) =>
        (params.customer === undefined || customerId === params.customer) &&
        (params.payment_intent === undefined || paymentIntentId === params.payment_intent),
      createdS: ({ createdS }) => createdS,
    }),
  ),
  call('GET', '/v1/charges/:id', retrieveCharge, ({ db }, _, id) =>
    chargeObject(need(db.charges.get(id), 'charge', id)),
  ),
];
