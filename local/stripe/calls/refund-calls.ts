import type Stripe from 'stripe';
import * as z from 'zod/mini';
import { call } from '../api-call.ts';
import { badParameter, need } from '../api-fault.ts';
import * as field from '../form-field.ts';
import { pageOf } from '../list-page.ts';
import { disputeObject } from '../objects/dispute-object.ts';
import { refundObject } from '../objects/refund-object.ts';
import { paidCharge } from '../paid-charge.ts';
import { refundCharge } from '../refund.ts';

const create = field.paramsOf<Stripe.RefundCreateParams>()({
  ...field.expandable,
  payment_intent: z.optional(field.text),
  charge: z.optional(field.text),
  amount: z.optional(field.positive),
  reason: z.optional(z.enum(['duplicate', 'fraudulent', 'requested_by_customer'])),
  metadata: z.optional(field.metadata),
});
const retrieve = field.paramsOf<Stripe.RefundRetrieveParams>()(field.expandable);
const ofPayment = {
  ...field.paging,
  ...field.created,
  charge: z.optional(field.text),
  payment_intent: z.optional(field.text),
};
const list = field.paramsOf<Stripe.RefundListParams>()(ofPayment);
const listDisputes = field.paramsOf<Stripe.DisputeListParams>()(ofPayment);
const retrieveDispute = field.paramsOf<Stripe.DisputeRetrieveParams>()(field.expandable);

interface OfPayment {
  readonly charge?: string | undefined;
  readonly payment_intent?: string | undefined;
}

const concerns = (row: { chargeId: string; paymentIntentId: string }, { charge, payment_intent }: OfPayment): boolean =>
  (charge === undefined || row.chargeId === charge) &&
  (payment_intent === undefined || row.paymentIntentId === payment_intent);

export const refundCalls = [
  call('POST', '/v1/refunds', create, (moment, params) => {
    const { db } = moment;
    const { payment_intent: paymentIntentId, charge: chargeId } = params;
    if ((paymentIntentId === undefined) === (chargeId === undefined))
      throw badParameter('payment_intent', 'One of the following params should be provided: payment_intent or charge.');
    const charge =
      chargeId === undefined
        ? paidCharge(db, paymentIntentId ?? '', 'payment_intent')
        : need(db.charges.get(chargeId), 'charge', chargeId, 'charge');
    const refund = refundCharge(moment, charge, {
      amount: params.amount,
      reason: params.reason ?? null,
      metadata: field.mergedMetadata({}, params.metadata),
    });
    return refundObject(db, refund);
  }),
  call('GET', '/v1/refunds', list, ({ db }, params) =>
    pageOf(db.refunds.all(), params, {
      url: '/v1/refunds',
      kind: 'refund',
      show: (refund) => refundObject(db, refund),
      where: (refund) => concerns(refund, params),
      createdS: ({ createdS }) => createdS,
    }),
  ),
  call('GET', '/v1/refunds/:id', retrieve, ({ db }, _, id) => refundObject(db, need(db.refunds.get(id), 'refund', id))),
  call('GET', '/v1/disputes', listDisputes, ({ db }, params) =>
    pageOf(db.disputes.all(), params, {
      url: '/v1/disputes',
      kind: 'dispute',
      show: disputeObject,
      where: (dispute) => concerns(dispute, params),
      createdS: ({ createdS }) => createdS,
    }),
  ),
  call('GET', '/v1/disputes/:id', retrieveDispute, ({ db }, _, id) =>
    disputeObject(need(db.disputes.get(id), 'dispute', id)),
  ),
];
