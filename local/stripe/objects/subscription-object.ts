import type Stripe from 'stripe';
import type { Database } from '../database.ts';
import type { Subscription } from '../money-records.ts';
import type { Price } from '../records.ts';
import { listOf } from './list.ts';
import { planObject, priceObject } from './price-object.ts';

interface Item {
  readonly id: string;
  readonly createdS: number;
  readonly priceId: string;
  readonly quantity: number;
  readonly periodStartS: number;
  readonly periodEndS: number;
}

const itemObject = (subscriptionId: string, item: Item, price: Price): Stripe.SubscriptionItem => ({
  id: item.id,
  object: 'subscription_item',
  billing_thresholds: null,
  created: item.createdS,
  current_period_end: item.periodEndS,
  current_period_start: item.periodStartS,
  current_trial: null,
  discounts: [],
  metadata: {},
  plan: planObject(price),
  price: priceObject(price),
  quantity: item.quantity,
  subscription: subscriptionId,
  tax_rates: [],
});

/** Since API 2025-03-31.basil the period is on the items, not on the subscription. */
export const subscriptionObject = (db: Database, subscription: Subscription): Stripe.Subscription => {
  const { id, item, pendingUpdate } = subscription;
  const itemWith = (change: Partial<Item>): Stripe.SubscriptionItem[] => {
    const changed = { ...item, ...change };
    const price = db.prices.get(changed.priceId);
    return price === undefined ? [] : [itemObject(id, changed, price)];
  };
  return {
    id,
    object: 'subscription',
    application: null,
    application_fee_percent: null,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null },
    billing_cycle_anchor: subscription.anchorS,
    billing_cycle_anchor_config: null,
    billing_mode: { flexible: { proration_discounts: 'included' }, type: 'flexible' },
    billing_schedules: [],
    billing_thresholds: null,
    cancel_at: subscription.cancelAtPeriodEnd ? item.periodEndS : null,
    cancel_at_period_end: subscription.cancelAtPeriodEnd,
    canceled_at: subscription.canceledAtS,
    cancellation_details: {
      comment: subscription.cancelComment,
      feedback: subscription.cancelFeedback,
      feedback_option: null,
      reason: subscription.cancelReason,
    },
    collection_method: 'charge_automatically',
    created: subscription.createdS,
    currency: subscription.currency,
    customer: subscription.customerId,
    customer_account: null,
    days_until_due: null,
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: subscription.description,
    discounts: [],
    ended_at: subscription.endedAtS,
    invoice_settings: {
      account_tax_ids: null,
      custom_fields: null,
      description: null,
      footer: null,
      issuer: { type: 'self' },
    },
    items: listOf(`/v1/subscription_items?subscription=${id}`, itemWith({})),
    latest_invoice: subscription.latestInvoiceId,
    livemode: false,
    managed_payments: null,
    metadata: subscription.metadata,
    next_pending_invoice_item_invoice: null,
    on_behalf_of: null,
    pause_collection: null,
    payment_settings: {
      payment_method_options: null,
      payment_method_types: null,
      save_default_payment_method: 'off',
    },
    pending_invoice_item_interval: null,
    pending_setup_intent: null,
    pending_update:
      pendingUpdate === null
        ? null
        : {
            billing_cycle_anchor: pendingUpdate.anchorS === subscription.anchorS ? null : pendingUpdate.anchorS,
            cancel_at_period_end: null,
            discount: null,
            discounts: null,
            expires_at: pendingUpdate.expiresAtS,
            metadata: null,
            subscription_items: itemWith({ priceId: pendingUpdate.priceId, quantity: pendingUpdate.quantity }),
            trial_end: null,
            trial_from_plan: null,
          },
    schedule: subscription.scheduleId,
    start_date: subscription.createdS,
    status: subscription.status,
    test_clock: null,
    transfer_data: null,
    trial_end: null,
    trial_settings: { end_behavior: { billing_cycle_anchor: null, missing_payment_method: 'create_invoice' } },
    trial_start: null,
  };
};
