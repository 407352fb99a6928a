import { announce, changed } from './event-log.ts';
import type { Moment } from './moment.ts';
import type { Subscription } from './money-records.ts';
import { scheduleObject } from './objects/schedule-object.ts';
import { subscriptionObject } from './objects/subscription-object.ts';

/** Changes a subscription and says what was before; a change nobody can see says nothing. */
export const changeSubscription = (
  moment: Moment,
  subscription: Subscription,
  change: Partial<Subscription>,
): Subscription => {
  const { db } = moment;
  const before = subscriptionObject(db, subscription);
  const after = db.subscriptions.put({ ...subscription, ...change });
  const object = subscriptionObject(db, after);
  const previous = changed(before, object);
  if (Object.keys(previous).length > 0) announce(moment, 'customer.subscription.updated', object, previous);
  return after;
};

/** Ends a subscription for good. What it still owes stays open, and is not asked for again; a draft is made final and charged all the same. */
export const endSubscription = (
  moment: Moment,
  subscription: Subscription,
  reason: NonNullable<Subscription['cancelReason']>,
): Subscription => {
  const { db, nowS } = moment;
  const schedule = db.schedules.get(subscription.scheduleId ?? '');
  if (schedule?.status === 'active') {
    const canceled = db.schedules.put({ ...schedule, status: 'canceled', endedAtS: nowS });
    // Stripe tells a schedule that ends with what it owes from one that somebody has ended.
    const type = reason === 'payment_failed' ? 'subscription_schedule.aborted' : 'subscription_schedule.canceled';
    announce(moment, type, scheduleObject(canceled, nowS));
  }
  for (const invoice of db.invoices.all()) {
    if (invoice.subscriptionId !== subscription.id || invoice.status !== 'open') continue;
    db.invoices.put({ ...invoice, autoAdvance: false, nextAttemptS: null });
  }
  const ended = db.subscriptions.put({
    ...subscription,
    status: 'canceled',
    canceledAtS: subscription.canceledAtS ?? nowS,
    endedAtS: nowS,
    cancelReason: subscription.cancelReason ?? reason,
    pendingUpdate: null,
  });
  announce(moment, 'customer.subscription.deleted', subscriptionObject(db, ended));
  return ended;
};
