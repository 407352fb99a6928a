import type Stripe from 'stripe';
import { DAY_MS, HOUR_MS, idOf, key, type Shop, START_MS } from '../local/stripe/shop.ts';

/** The renewal of a starter that was changed to and fro six times: twelve prorations, and the period's own line behind them. */
export const renewLong = async (shop: Shop, subscription: Stripe.Subscription): Promise<string> => {
  const [item] = subscription.items.data;
  for (let change = 1; change <= 6; change++) {
    await shop.moveTo(START_MS + change * HOUR_MS);
    const price = change % 2 === 1 ? 'price_pro' : 'price_starter';
    await shop.stripe.subscriptions.update(
      subscription.id,
      { items: [{ id: item?.id ?? '', price }], proration_behavior: 'create_prorations' },
      key(),
    );
  }
  await shop.moveTo(START_MS + 28 * DAY_MS + 2 * HOUR_MS);
  return idOf((await shop.stripe.subscriptions.retrieve(subscription.id)).latest_invoice);
};

/** What such an invoice pays for. */
export const LONG_PERIOD = {
  fact: 'period_paid',
  priceId: 'price_starter',
  subtotal: 1500,
  proration: false,
  startMs: START_MS + 28 * DAY_MS,
} as const;
