import { badParameter, need, refused } from './api-fault.ts';
import { announce, changed } from './event-log.ts';
import { mergedMetadata } from './form-field.ts';
import type { Moment } from './moment.ts';
import type { Phase, Schedule, Subscription } from './money-records.ts';
import { scheduleObject } from './objects/schedule-object.ts';
import { periodEndAfter } from './period.ts';
import { recurringPrice } from './recurring-price.ts';
import type { ScheduleChange } from './schedule-change.ts';

type GivenPhase = NonNullable<ScheduleChange['phases']>[number];

/** The phase that runs now and one after it: all that a change at the cycle's end takes. */
const MOST_PHASES = 2;

const phaseOf = (
  moment: Moment,
  subscription: Subscription,
  given: GivenPhase,
  index: number,
  startS: number,
): Phase => {
  const { start_date: start = startS, end_date: end, duration } = given;
  const [item, ...others] = given.items;
  if (item === undefined || others.length > 0)
    throw badParameter(`phases[${index}][items]`, 'The stand-in keeps one item in a subscription.');
  if (start !== startS)
    throw refused('Each phase must start at the end of the one before it.', { param: `phases[${index}][start_date]` });
  if (end !== undefined && duration !== undefined)
    throw badParameter(`phases[${index}]`, 'You may only specify one of these parameters: end_date, duration.');
  const price = recurringPrice(moment, subscription, item.price, `phases[${index}][items][0][price]`);
  const interval =
    duration === undefined ? price : { interval: duration.interval, intervalCount: duration.interval_count ?? 1 };
  const endS = end ?? periodEndAfter(interval, startS, startS);
  if (endS <= startS)
    throw refused('The end date of a phase must be after its start date.', { param: `phases[${index}][end_date]` });
  return {
    startS,
    endS,
    priceId: price.id,
    quantity: item.quantity ?? 1,
    prorationBehavior: given.proration_behavior ?? 'create_prorations',
    anchored: given.billing_cycle_anchor === 'phase_start',
    metadata: given.metadata ?? {},
  };
};

const newPhases = (
  moment: Moment,
  subscription: Subscription,
  schedule: Schedule,
  given: readonly GivenPhase[],
): Phase[] => {
  const { item } = subscription;
  const [first] = given;
  const current = schedule.phases.find(({ startS, endS }) => startS <= moment.nowS && moment.nowS < endS);
  if (first === undefined) throw badParameter('phases', 'Missing required param: phases.', 'parameter_missing');
  if (given.length > MOST_PHASES)
    throw badParameter('phases', 'The stand-in takes the current phase and one after it.');
  if (first.start_date === undefined)
    throw refused(
      'The subscription schedule update is missing at least one phase with a `start_date` to anchor end dates to.',
      {
        param: 'phases',
      },
    );
  if (first.start_date !== current?.startS)
    throw refused('You can not modify the start date of the current phase.', { param: 'phases[0][start_date]' });
  const phases: Phase[] = [];
  for (const [index, one] of given.entries())
    phases.push(phaseOf(moment, subscription, one, index, phases.at(-1)?.endS ?? current.startS));
  const [now, next] = phases;
  if (now?.priceId !== item.priceId || now.quantity !== item.quantity)
    throw badParameter('phases[0][items]', 'The stand-in changes no phase that has begun.');
  if (next !== undefined && now.endS !== item.periodEndS)
    throw badParameter('phases[0][end_date]', 'The stand-in changes phases at the end of a period only.');
  return phases;
};

/** `POST /v1/subscription_schedules/:id`: all of it, or nothing. */
export const updateSchedule = (moment: Moment, schedule: Schedule, params: ScheduleChange): Schedule => {
  const { db, nowS } = moment;
  if (schedule.status !== 'active')
    throw refused(`You cannot update a subscription schedule that is currently in the \`${schedule.status}\` status.`);
  const subscription = need(db.subscriptions.get(schedule.subscriptionId), 'subscription', schedule.subscriptionId);
  const updated = db.schedules.put({
    ...schedule,
    metadata: mergedMetadata(schedule.metadata, params.metadata),
    phases: params.phases === undefined ? schedule.phases : newPhases(moment, subscription, schedule, params.phases),
  });
  const object = scheduleObject(updated, nowS);
  const previous = changed(scheduleObject(schedule, nowS), object);
  if (Object.keys(previous).length > 0) announce(moment, 'subscription_schedule.updated', object, previous);
  return updated;
};
