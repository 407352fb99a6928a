import type Stripe from 'stripe';
import * as z from 'zod/mini';
import { call } from '../api-call.ts';
import { missing, need } from '../api-fault.ts';
import * as field from '../form-field.ts';
import { isWithin, pageOf } from '../list-page.ts';
import type { Subscription } from '../money-records.ts';
import { subscriptionObject } from '../objects/subscription-object.ts';
import { cancellationDetails, subscriptionChange } from '../subscription-change.ts';
import { endSubscription } from '../subscription-life.ts';
import { updateSubscription } from '../update-subscription.ts';

const retrieve = field.paramsOf<Stripe.SubscriptionRetrieveParams>()(field.expandable);
const cancel = field.paramsOf<Stripe.SubscriptionCancelParams>()({
  ...field.expandable,
  cancellation_details: cancellationDetails,
  // A last invoice for prorations is not simulated, so that only "no" can be said to it.
  invoice_now: z.optional(z.literal('false')),
  prorate: z.optional(z.literal('false')),
});
const list = field.paramsOf<Stripe.SubscriptionListParams>()({
  ...field.paging,
  ...field.created,
  current_period_end: field.instants,
  current_period_start: field.instants,
  customer: z.optional(field.text),
  price: z.optional(field.text),
  status: z.optional(
    z.enum([
      'active',
      'all',
      'canceled',
      'ended',
      'incomplete',
      'incomplete_expired',
      'past_due',
      'paused',
      'trialing',
      'unpaid',
    ]),
  ),
});

/** Without a status, everything that is not canceled. */
const hasStatus = ({ status }: Subscription, wanted: z.infer<typeof list>['status']): boolean => {
  if (wanted === undefined) return status !== 'canceled';
  if (wanted === 'all') return true;
  return wanted === 'ended' ? status === 'canceled' : status === wanted;
};

const PATH = '/v1/subscriptions';

export const subscriptionCalls = [
  call('GET', PATH, list, ({ db }, params) =>
    pageOf(db.subscriptions.all(), params, {
      url: PATH,
      kind: 'subscription',
      show: (subscription) => subscriptionObject(db, subscription),
      where: (subscription) =>
        hasStatus(subscription, params.status) &&
        isWithin(subscription.item.periodEndS, params.current_period_end) &&
        isWithin(subscription.item.periodStartS, params.current_period_start) &&
        (params.customer === undefined || subscription.customerId === params.customer) &&
        (params.price === undefined || subscription.item.priceId === params.price),
      createdS: ({ createdS }) => createdS,
    }),
  ),
  call('GET', `${PATH}/:id`, retrieve, ({ db }, _, id) =>
    subscriptionObject(db, need(db.subscriptions.get(id), 'subscription', id)),
  ),
  call('POST', `${PATH}/:id`, subscriptionChange, (moment, params, id) => {
    const { db } = moment;
    const subscription = need(db.subscriptions.get(id), 'subscription', id);
    return subscriptionObject(db, updateSubscription(moment, subscription, params));
  }),
  call('DELETE', `${PATH}/:id`, cancel, (moment, params, id) => {
    const { db } = moment;
    const subscription = need(db.subscriptions.get(id), 'subscription', id);
    if (subscription.status === 'canceled') throw missing('subscription', id);
    const { comment, feedback } = params.cancellation_details ?? {};
    const explained = {
      ...subscription,
      cancelComment: comment ?? subscription.cancelComment,
      cancelFeedback: feedback ?? subscription.cancelFeedback,
    };
    return subscriptionObject(db, endSubscription(moment, explained, 'cancellation_requested'));
  }),
];
