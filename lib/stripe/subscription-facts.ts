import type Stripe from 'stripe';
import * as z from 'zod/mini';
import { SUBSCRIPTION_STATUSES } from '../domain/billing.ts';
import type { PaymentFact } from '../domain/payment-fact.ts';
import { instant, reference, shaped, text } from './stripe-shape.ts';

const shape = z.object({
  id: text,
  customer: reference,
  status: z.enum(SUBSCRIPTION_STATUSES),
  created: instant,
  billing_cycle_anchor: instant,
  cancel_at: z.nullable(instant),
  cancel_at_period_end: z.boolean(),
  schedule: z.nullable(reference),
  items: z.object({
    // Ours have exactly one. Of another's the first stands for it: its price is none of ours, or it is as good as ours.
    data: z
      .array(
        z.object({
          id: text,
          price: reference,
          /** On the items since API 2025-03-31.basil; one without was sent as an older version. */
          current_period_start: instant,
          current_period_end: instant,
        }),
      )
      .check(z.minLength(1)),
  }),
});

/** Whether it ends with its period or within it. A date in a later period leaves this one's renewal as it is. */
const isEnding = ({ cancel_at, cancel_at_period_end }: z.infer<typeof shape>, periodEndMs: number): boolean =>
  cancel_at_period_end || (cancel_at !== null && cancel_at <= periodEndMs);

/**
 * How a subscription stands, as of when Stripe said so. Of an answer to a call of ours that is the whole second it was asked in, so that an
 * event of the same second is not taken for older or newer.
 */
export const factOfSubscription = (
  subscription: Stripe.Subscription,
  asOfMs: number,
): Extract<PaymentFact, { fact: 'subscription' }> => {
  const told = shaped(shape, 'subscription', subscription);
  const [item] = told.items.data;
  if (item === undefined) throw new Error('a subscription has an item');
  return {
    fact: 'subscription',
    customerId: told.customer,
    subscription: {
      id: told.id,
      itemId: item.id,
      priceId: item.price,
      status: told.status,
      renews: !isEnding(told, item.current_period_end) && told.status !== 'canceled',
      createdMs: told.created,
      anchorMs: told.billing_cycle_anchor,
      periodStartMs: item.current_period_start,
      periodEndMs: item.current_period_end,
      scheduleId: told.schedule,
      asOfMs,
    },
  };
};
