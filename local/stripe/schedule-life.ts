import { announce, changed } from './event-log.ts';
import { mergedMetadata } from './form-field.ts';
import type { Moment } from './moment.ts';
import type { Schedule, Subscription } from './money-records.ts';
import { scheduleObject } from './objects/schedule-object.ts';
import { changeSubscription } from './subscription-life.ts';

/** What a subscription becomes with the phase of its schedule that begins with the period at `startS`, if one does. */
export const phaseBeginning = (
  { db }: Moment,
  subscription: Subscription,
  startS: number,
): (Pick<Subscription, 'anchorS' | 'metadata'> & Pick<Subscription['item'], 'priceId' | 'quantity'>) | undefined => {
  const schedule = db.schedules.get(subscription.scheduleId ?? '');
  const phase = schedule?.phases.find((one) => one.startS === startS);
  if (phase === undefined) return undefined;
  const { priceId, quantity } = phase;
  const [before, after] = [db.prices.get(subscription.item.priceId), db.prices.get(priceId)];
  const sameInterval = before?.interval === after?.interval && before?.intervalCount === after?.intervalCount;
  return {
    priceId,
    quantity,
    // Another interval starts a billing cycle of its own. https://docs.stripe.com/billing/subscriptions/billing-cycle
    anchorS: sameInterval && !phase.anchored ? subscription.anchorS : startS,
    metadata: mergedMetadata(subscription.metadata, phase.metadata),
  };
};

/** Says that the phase has begun that begins now. */
export const announcePhase = (moment: Moment, { scheduleId }: Subscription): void => {
  const { db, nowS } = moment;
  const schedule = db.schedules.get(scheduleId ?? '');
  if (schedule === undefined) return;
  const object = scheduleObject(schedule, nowS);
  const previous = changed(scheduleObject(schedule, nowS - 1), object);
  announce(moment, 'subscription_schedule.updated', object, previous);
};

/** The subscription goes on as it is, without its schedule. */
export const releaseSchedule = (moment: Moment, schedule: Schedule): Schedule => {
  const { db, nowS } = moment;
  const released = db.schedules.put({ ...schedule, status: 'released', endedAtS: nowS });
  const subscription = db.subscriptions.get(schedule.subscriptionId);
  if (subscription === undefined) return released;
  changeSubscription(moment, subscription, { scheduleId: null });
  announce(moment, 'subscription_schedule.released', scheduleObject(released, nowS));
  return released;
};
