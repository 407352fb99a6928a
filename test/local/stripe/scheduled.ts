import type Stripe from 'stripe';
import { key, openShop, subscribe } from './shop.ts';

export type Phase = Stripe.SubscriptionScheduleUpdateParams.Phase;

/** A subscriber whose subscription has a schedule of the one phase that runs now. */
export const scheduled = async (price = 'price_pro') => {
  const shop = await openShop();
  const bought = await subscribe(shop, price);
  const schedules = shop.stripe.subscriptionSchedules;
  const schedule = await schedules.create({ from_subscription: bought.subscription.id }, key());
  const [current] = schedule.phases;
  if (current === undefined) throw new Error('no phase');
  const first: Phase = {
    items: [{ price, quantity: 1 }],
    start_date: current.start_date,
    end_date: current.end_date,
  };
  /** The downgrade at the cycle's end, as this system asks for it. */
  const downTo = (to: string, interval: 'month' | 'year' = 'month', more: Partial<Phase> = {}) =>
    schedules.update(
      schedule.id,
      {
        end_behavior: 'release',
        proration_behavior: 'none',
        phases: [
          first,
          {
            items: [{ price: to, quantity: 1 }],
            duration: { interval, interval_count: 1 },
            proration_behavior: 'none',
            ...more,
          },
        ],
      },
      key(),
    );
  const subscription = () => shop.stripe.subscriptions.retrieve(bought.subscription.id);
  return { ...bought, shop, schedules, schedule, first, downTo, subscription };
};
