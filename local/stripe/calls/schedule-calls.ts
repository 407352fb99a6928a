import type Stripe from 'stripe';
import { call } from '../api-call.ts';
import { need, refused } from '../api-fault.ts';
import { announce } from '../event-log.ts';
import * as field from '../form-field.ts';
import type { Moment } from '../moment.ts';
import type { Schedule, Subscription } from '../money-records.ts';
import { newId } from '../new-id.ts';
import { scheduleObject } from '../objects/schedule-object.ts';
import { scheduleChange } from '../schedule-change.ts';
import { releaseSchedule } from '../schedule-life.ts';
import { changeSubscription } from '../subscription-life.ts';
import { updateSchedule } from '../update-schedule.ts';

// As at Stripe, nothing else can be said where a schedule is made from a subscription.
const create = field.paramsOf<Stripe.SubscriptionScheduleCreateParams>()({
  ...field.expandable,
  from_subscription: field.text,
});

const retrieve = field.paramsOf<Stripe.SubscriptionScheduleRetrieveParams>()(field.expandable);
const release = field.paramsOf<Stripe.SubscriptionScheduleReleaseParams>()(field.expandable);

const PATH = '/v1/subscription_schedules';

const find = ({ db }: Moment, id: string): Schedule => need(db.schedules.get(id), 'subscription_schedule', id);

const createSchedule = (moment: Moment, subscription: Subscription): Schedule => {
  const { db, nowS } = moment;
  const { id: subscriptionId, item, scheduleId, cancelAtPeriodEnd, status, pendingUpdate } = subscription;
  if (scheduleId !== null)
    throw refused(`You cannot migrate a subscription that is already attached to a schedule: \`${subscriptionId}\`.`);
  if (status === 'canceled' || status === 'incomplete')
    throw refused(`You cannot migrate a subscription that is ${status}: \`${subscriptionId}\`.`);
  if (cancelAtPeriodEnd || pendingUpdate !== null)
    throw refused('The stand-in makes no schedule for a subscription that is to be canceled or has a pending update.');
  const schedule = db.schedules.put({
    id: newId('sub_sched'),
    createdS: nowS,
    customerId: subscription.customerId,
    subscriptionId,
    currency: subscription.currency,
    status: 'active',
    endedAtS: null,
    metadata: {},
    phases: [
      {
        startS: item.periodStartS,
        endS: item.periodEndS,
        priceId: item.priceId,
        quantity: item.quantity,
        prorationBehavior: 'create_prorations',
        anchored: false,
        metadata: {},
      },
    ],
  });
  changeSubscription(moment, subscription, { scheduleId: schedule.id });
  announce(moment, 'subscription_schedule.created', scheduleObject(schedule, nowS));
  return schedule;
};

export const scheduleCalls = [
  call('POST', PATH, create, (moment, { from_subscription: id }) => {
    const subscription = need(moment.db.subscriptions.get(id), 'subscription', id, 'from_subscription');
    return scheduleObject(createSchedule(moment, subscription), moment.nowS);
  }),
  call('GET', `${PATH}/:id`, retrieve, (moment, _, id) => scheduleObject(find(moment, id), moment.nowS)),
  call('POST', `${PATH}/:id`, scheduleChange, (moment, params, id) =>
    scheduleObject(updateSchedule(moment, find(moment, id), params), moment.nowS),
  ),
  call('POST', `${PATH}/:id/release`, release, (moment, _, id) => {
    const schedule = find(moment, id);
    if (schedule.status !== 'active')
      throw refused(
        `You cannot release a subscription schedule that is currently in the \`${schedule.status}\` status.`,
      );
    return scheduleObject(releaseSchedule(moment, schedule), moment.nowS);
  }),
];
