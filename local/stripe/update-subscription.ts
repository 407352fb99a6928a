import { badParameter, need, refused } from './api-fault.ts';
import { changePlan } from './change-plan.ts';
import { mergedMetadata } from './form-field.ts';
import type { Moment } from './moment.ts';
import type { Subscription } from './money-records.ts';
import { recurringPrice } from './recurring-price.ts';
import type { SubscriptionChange } from './subscription-change.ts';
import { changeSubscription } from './subscription-life.ts';

/** What a pending update can carry: https://docs.stripe.com/billing/subscriptions/pending-updates-reference */
const PENDING_PARAMETERS = new Set([
  'billing_cycle_anchor',
  'expand',
  'items',
  'off_session',
  'payment_behavior',
  'proration_behavior',
  'proration_date',
]);

const checkItems = ({ item, id }: Subscription, items: NonNullable<SubscriptionChange['items']>): void => {
  if (items.length > 1) throw badParameter('items', 'The stand-in keeps one item in a subscription.');
  const [given] = items;
  if (given !== undefined && given.id !== item.id)
    throw refused(`Subscription ${id} has no item ${given.id}.`, { code: 'resource_missing', param: 'items[0][id]' });
};

/** What a schedule manages is changed through it. Stripe refuses the first; the stand-in the second too, for what would become of the phases is not simulated. */
const checkSchedule = (
  { scheduleId }: Subscription,
  { cancel_at_period_end: cancel, items, billing_cycle_anchor: anchor }: SubscriptionChange,
): void => {
  if (scheduleId === null) return;
  const managed = `The subscription is managed by the subscription schedule \`${scheduleId}\`, and`;
  if (cancel !== undefined)
    throw refused(
      `${managed} updating any cancelation behavior directly is not allowed. Please update the schedule instead.`,
    );
  if (items !== undefined || anchor !== undefined)
    throw refused(`${managed} the stand-in does not change its items directly. Release the schedule first.`);
};

/** Cancelling at the period's end, or taking that back. */
const cancellation = (
  { nowS }: Moment,
  subscription: Subscription,
  { cancel_at_period_end: cancel, cancellation_details: details }: SubscriptionChange,
): Partial<Subscription> => {
  const said: Partial<Subscription> = {
    cancelComment: details?.comment === undefined ? subscription.cancelComment : details.comment,
    cancelFeedback: details?.feedback ?? subscription.cancelFeedback,
  };
  if (cancel === undefined || cancel === subscription.cancelAtPeriodEnd) return said;
  return cancel
    ? { ...said, cancelAtPeriodEnd: true, canceledAtS: nowS, cancelReason: 'cancellation_requested' }
    : {
        cancelAtPeriodEnd: false,
        canceledAtS: null,
        cancelReason: null,
        cancelComment: null,
        cancelFeedback: null,
      };
};

/** `POST /v1/subscriptions/:id`: all of it, or nothing. */
export const updateSubscription = (
  moment: Moment,
  subscription: Subscription,
  params: SubscriptionChange,
): Subscription => {
  const { db, nowS } = moment;
  const ifUnpaid = params.payment_behavior ?? 'allow_incomplete';
  if (subscription.status === 'canceled')
    throw refused('A canceled subscription can only update its cancellation_details and metadata.');
  const unfit = Object.keys(params).find((name) => !PENDING_PARAMETERS.has(name));
  if (ifUnpaid === 'pending_if_incomplete' && unfit !== undefined)
    throw badParameter(
      unfit,
      `When \`payment_behavior\` is set to \`pending_if_incomplete\`, you cannot pass \`${unfit}\`.`,
    );
  checkSchedule(subscription, params);
  checkItems(subscription, params.items ?? []);

  const described = changeSubscription(moment, subscription, {
    ...cancellation(moment, subscription, params),
    metadata: mergedMetadata(subscription.metadata, params.metadata),
    description: params.description === undefined ? subscription.description : params.description,
  });
  const [item] = params.items ?? [];
  const restart = params.billing_cycle_anchor?.type === 'now';
  const { periodStartS, periodEndS } = described.item;
  const dateS = params.proration_date ?? nowS;
  if (dateS < periodStartS || dateS > periodEndS)
    throw refused('Cannot specify proration_date outside of current subscription period.', { param: 'proration_date' });
  if (item !== undefined || restart)
    changePlan(moment, described, {
      price: recurringPrice(moment, described, item?.price ?? described.item.priceId, 'items[0][price]'),
      quantity: item?.quantity ?? described.item.quantity,
      restart,
      proration: params.proration_behavior ?? 'create_prorations',
      prorationDateS: dateS,
      ifUnpaid,
    });
  return need(db.subscriptions.get(subscription.id), 'subscription', subscription.id);
};
