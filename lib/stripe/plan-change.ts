import type Stripe from 'stripe';
import type { Subscription } from '../domain/billing.ts';
import type { PaymentFact } from '../domain/payment-fact.ts';
import { SECOND_MS } from '../domain/time.ts';
import { again, isDeclined, once } from './buying-options.ts';
import type { StripeClient } from './stripe-client.ts';
import { factOfSubscription } from './subscription-facts.ts';
import { factsOfWholeInvoice } from './whole-invoice.ts';

/** One change of a subscription: `id` makes its calls one each, however often they are sent. */
export interface ChangeCall {
  readonly stripe: StripeClient;
  readonly id: string;
  readonly nowMs: number;
}

/** The second before the call: a snapshot is not newer than that. */
const asOf = ({ nowMs }: ChangeCall): number => Math.floor(nowMs / SECOND_MS) * SECOND_MS;

/** R18: whether it ends with its period. */
export const setCancellation = async (
  call: ChangeCall,
  subscriptionId: string,
  cancel: boolean,
): Promise<PaymentFact> => {
  const params = { cancel_at_period_end: cancel };
  const key = once(`${call.id}:${cancel ? 'cancel' : 'resume'}`);
  return factOfSubscription(await call.stripe.subscriptions.update(subscriptionId, params, key), asOf(call));
};

/**
 * A renewal's invoice while it is a draft: the period has begun, and is charged within the hour. `null`: there is none.
 * https://docs.stripe.com/billing/subscriptions/webhooks
 */
export const renewalDraft = async ({ stripe }: ChangeCall, subscriptionId: string): Promise<string | null> => {
  const { latest_invoice: invoice } = await stripe.subscriptions.retrieve(
    subscriptionId,
    { expand: ['latest_invoice'] },
    again,
  );
  if (invoice === null || typeof invoice === 'string' || invoice.status !== 'draft') return null;
  return invoice.billing_reason === 'subscription_cycle' ? (invoice.id ?? null) : null;
};

/**
 * Ends it now, and nothing of it is charged any more. Stripe stops trying the invoices that are final; a draft it would go on to
 * make final and charge. https://docs.stripe.com/api/subscriptions/cancel
 */
export const endNow = async (
  call: ChangeCall,
  subscriptionId: string,
  draftId: string | null,
): Promise<PaymentFact> => {
  const { invoices, subscriptions } = call.stripe;
  if (draftId !== null) await invoices.update(draftId, { auto_advance: false }, once(`${call.id}:draft`));
  return factOfSubscription(await subscriptions.cancel(subscriptionId, {}, once(`${call.id}:end`)), asOf(call));
};

const factsOf = async (call: ChangeCall, subscription: Stripe.Subscription): Promise<readonly PaymentFact[]> => {
  const { latest_invoice: invoice } = subscription;
  const known = invoice === null || typeof invoice === 'string' ? null : invoice;
  const paid = known === null ? [] : await factsOfWholeInvoice(async () => call.stripe, known);
  return [factOfSubscription(subscription, asOf(call)), ...paid];
};

/**
 * R18: an upgrade: the new price at once, the difference charged now; answers with what that means, or `declined`, where nothing was
 * changed. https://docs.stripe.com/billing/subscriptions/upgrade-downgrade
 */
export const moveToPrice = async (
  call: ChangeCall,
  { id, itemId }: Subscription,
  priceId: string,
): Promise<readonly PaymentFact[] | 'declined'> => {
  const params: Stripe.SubscriptionUpdateParams = {
    items: [{ id: itemId, price: priceId }],
    proration_behavior: 'always_invoice',
    payment_behavior: 'error_if_incomplete',
    expand: ['latest_invoice'],
  };
  try {
    return await factsOf(call, await call.stripe.subscriptions.update(id, params, once(`${call.id}:upgrade`)));
  } catch (fault) {
    if (isDeclined(fault)) return 'declined';
    throw fault;
  }
};

/** How a subscription stands, with the invoice that its last change led to. */
export const readWithInvoice = async (call: ChangeCall, subscriptionId: string): Promise<readonly PaymentFact[]> =>
  factsOf(call, await call.stripe.subscriptions.retrieve(subscriptionId, { expand: ['latest_invoice'] }, again));

/** What is to come after the period. */
export interface NextPhase {
  readonly priceId: string;
  readonly interval: 'month' | 'year';
}

/**
 * R18: a downgrade: a schedule keeps the subscription as it is until the period's end, puts it on the new price then, and lets go of it.
 * Answers with how the subscription stands. https://docs.stripe.com/billing/subscriptions/subscription-schedules
 */
export const scheduleNext = async (
  call: ChangeCall,
  { id, scheduleId, priceId, periodEndMs }: Subscription,
  next: NextPhase,
): Promise<PaymentFact | null> => {
  const { subscriptionSchedules: schedules } = call.stripe;
  const schedule =
    scheduleId === null
      ? await schedules.create({ from_subscription: id }, once(`${call.id}:schedule`))
      : await schedules.retrieve(scheduleId, {}, again);
  const { current_phase: current } = schedule;
  if (current === null) throw new Error('a schedule made from a running subscription has a running phase');
  // A phase's own end is no period's: counted from a month's last day it may come days before it.
  const [start_date, end_date] = [current.start_date, periodEndMs / SECOND_MS];
  const params: Stripe.SubscriptionScheduleUpdateParams = {
    end_behavior: 'release',
    proration_behavior: 'none',
    phases: [
      { items: [{ price: priceId, quantity: 1 }], start_date, end_date, proration_behavior: 'none' },
      {
        items: [{ price: next.priceId, quantity: 1 }],
        duration: { interval: next.interval, interval_count: 1 },
        proration_behavior: 'none',
      },
    ],
    expand: ['subscription'],
  };
  const { subscription } = await schedules.update(schedule.id, params, once(`${call.id}:phases`));
  return subscription === null || typeof subscription === 'string'
    ? null
    : factOfSubscription(subscription, asOf(call));
};

/** A pending downgrade is taken back: the subscription goes on as it is. */
export const releaseSchedule = async (call: ChangeCall, scheduleId: string): Promise<void> => {
  await call.stripe.subscriptionSchedules.release(scheduleId, {}, once(`${call.id}:release`));
};
