import type Stripe from 'stripe';
import * as z from 'zod/mini';
import * as field from './form-field.ts';

const FEEDBACK = [
  'customer_service',
  'low_quality',
  'missing_features',
  'other',
  'switched_service',
  'too_complex',
  'too_expensive',
  'unused',
] as const;

export const cancellationDetails = z.optional(
  z.strictObject({ comment: z.optional(field.textOrNone), feedback: z.optional(z.enum(FEEDBACK)) }),
);

/** What can be changed of a subscription, of what Stripe takes. */
export const subscriptionChange = field.paramsOf<Stripe.SubscriptionUpdateParams>()({
  ...field.expandable,
  items: z.optional(
    field.listOf(
      z.strictObject({ id: field.text, price: z.optional(field.text), quantity: z.optional(field.positive) }),
    ),
  ),
  proration_behavior: z.optional(z.enum(['none', 'create_prorations', 'always_invoice'])),
  proration_date: z.optional(field.whole),
  payment_behavior: z.optional(z.enum(['allow_incomplete', 'error_if_incomplete', 'pending_if_incomplete'])),
  billing_cycle_anchor: z.optional(z.strictObject({ type: z.enum(['now', 'unchanged']) })),
  cancel_at_period_end: z.optional(field.flag),
  cancellation_details: cancellationDetails,
  metadata: z.optional(field.metadata),
  description: z.optional(field.textOrNone),
  off_session: z.optional(field.flag),
});
export type SubscriptionChange = z.infer<typeof subscriptionChange>;
