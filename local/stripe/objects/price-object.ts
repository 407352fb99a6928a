import Stripe from 'stripe';
import type { Price } from '../records.ts';

const { Decimal } = Stripe;

export const priceObject = (price: Price): Stripe.Price => ({
  id: price.id,
  object: 'price',
  active: price.active,
  billing_scheme: 'per_unit',
  created: price.createdS,
  currency: price.currency,
  custom_unit_amount: null,
  livemode: false,
  lookup_key: price.lookupKey,
  metadata: price.metadata,
  nickname: price.nickname,
  product: price.productId,
  recurring:
    price.interval === null
      ? null
      : {
          interval: price.interval,
          interval_count: price.intervalCount,
          meter: null,
          trial_period_days: null,
          usage_type: 'licensed',
        },
  tax_behavior: price.taxBehavior,
  tiers_mode: null,
  transform_quantity: null,
  type: price.interval === null ? 'one_time' : 'recurring',
  unit_amount: price.amount,
  unit_amount_decimal: Decimal.from(price.amount),
});

/** The older form of a recurring price, which subscription items still carry. */
export const planObject = (price: Price): Stripe.Plan => ({
  id: price.id,
  object: 'plan',
  active: price.active,
  amount: price.amount,
  amount_decimal: Decimal.from(price.amount),
  billing_scheme: 'per_unit',
  created: price.createdS,
  currency: price.currency,
  interval: price.interval ?? 'month',
  interval_count: price.intervalCount,
  livemode: false,
  metadata: price.metadata,
  meter: null,
  nickname: price.nickname,
  product: price.productId,
  tiers_mode: null,
  transform_usage: null,
  trial_period_days: null,
  usage_type: 'licensed',
});
