import type Stripe from 'stripe';
import * as z from 'zod/mini';
import * as field from './form-field.ts';

const prorations = z.optional(z.enum(['none', 'create_prorations', 'always_invoice']));

const phase = field.paramsOf<Stripe.SubscriptionScheduleUpdateParams.Phase>()({
  items: field.listOf(z.strictObject({ price: field.text, quantity: z.optional(field.positive) })),
  start_date: z.optional(field.whole),
  end_date: z.optional(field.whole),
  duration: z.optional(
    z.strictObject({
      interval: z.enum(['day', 'week', 'month', 'year']),
      interval_count: z.optional(field.positive),
    }),
  ),
  billing_cycle_anchor: z.optional(z.enum(['automatic', 'phase_start'])),
  proration_behavior: prorations,
  metadata: z.optional(field.metadataValues),
});

/** What can be changed of a subscription schedule, of what Stripe takes. */
export const scheduleChange = field.paramsOf<Stripe.SubscriptionScheduleUpdateParams>()({
  ...field.expandable,
  end_behavior: z.optional(z.literal('release')),
  phases: z.optional(field.listOf(phase)),
  proration_behavior: prorations,
  metadata: z.optional(field.metadata),
});
export type ScheduleChange = z.infer<typeof scheduleChange>;
