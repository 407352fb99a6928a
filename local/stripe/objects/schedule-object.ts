import type Stripe from 'stripe';
import type { Phase, Schedule } from '../money-records.ts';

const phaseObject = (phase: Phase, currency: string): Stripe.SubscriptionSchedule.Phase => ({
  add_invoice_items: [],
  application_fee_percent: null,
  billing_cycle_anchor: phase.anchored ? 'phase_start' : null,
  billing_thresholds: null,
  collection_method: null,
  currency,
  default_payment_method: null,
  default_tax_rates: [],
  description: null,
  discounts: [],
  end_date: phase.endS,
  invoice_settings: null,
  items: [
    {
      billing_thresholds: null,
      discounts: [],
      metadata: {},
      plan: phase.priceId,
      price: phase.priceId,
      quantity: phase.quantity,
      tax_rates: [],
    },
  ],
  metadata: phase.metadata,
  on_behalf_of: null,
  proration_behavior: phase.prorationBehavior,
  start_date: phase.startS,
  transfer_data: null,
  trial_end: null,
});

/** https://docs.stripe.com/api/subscription_schedules/object, as it stands at `nowS`. */
export const scheduleObject = (schedule: Schedule, nowS: number): Stripe.SubscriptionSchedule => {
  const { status, endedAtS, subscriptionId } = schedule;
  const current =
    status === 'active' ? schedule.phases.find(({ startS, endS }) => startS <= nowS && nowS < endS) : undefined;
  return {
    id: schedule.id,
    object: 'subscription_schedule',
    application: null,
    billing_mode: { flexible: { proration_discounts: 'included' }, type: 'flexible' },
    canceled_at: status === 'canceled' ? endedAtS : null,
    completed_at: null,
    created: schedule.createdS,
    current_phase: current === undefined ? null : { start_date: current.startS, end_date: current.endS },
    customer: schedule.customerId,
    customer_account: null,
    default_settings: {
      application_fee_percent: null,
      automatic_tax: { disabled_reason: null, enabled: false, liability: null },
      billing_cycle_anchor: 'automatic',
      billing_thresholds: null,
      collection_method: 'charge_automatically',
      default_payment_method: null,
      description: null,
      invoice_settings: {
        account_tax_ids: null,
        custom_fields: null,
        days_until_due: null,
        description: null,
        footer: null,
        issuer: { type: 'self' },
      },
      on_behalf_of: null,
      transfer_data: null,
    },
    end_behavior: 'release',
    livemode: false,
    metadata: schedule.metadata,
    pause_schedules: [],
    phases: schedule.phases.map((phase) => phaseObject(phase, schedule.currency)),
    released_at: status === 'released' ? endedAtS : null,
    released_subscription: status === 'released' ? subscriptionId : null,
    status,
    subscription: status === 'released' ? null : subscriptionId,
    test_clock: null,
  };
};
