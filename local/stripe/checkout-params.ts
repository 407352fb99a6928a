import type Stripe from 'stripe';
import * as z from 'zod/mini';
import * as field from './form-field.ts';

/** What a Checkout session is made from, of what Stripe takes. */
export const checkoutParams = field.paramsOf<Stripe.Checkout.SessionCreateParams>()({
  ...field.expandable,
  mode: z.enum(['payment', 'subscription']),
  ui_mode: z.optional(z.literal('hosted_page')),
  line_items: field.listOf(z.strictObject({ price: field.text, quantity: z.optional(field.positive) })),
  success_url: field.url,
  cancel_url: z.optional(field.url),
  client_reference_id: z.optional(field.text.check(z.maxLength(200))),
  customer: z.optional(field.text),
  customer_email: z.optional(field.text),
  metadata: z.optional(field.metadata),
  subscription_data: z.optional(
    z.strictObject({ metadata: z.optional(field.metadata), description: z.optional(field.text) }),
  ),
  payment_intent_data: z.optional(
    z.strictObject({ metadata: z.optional(field.metadata), description: z.optional(field.text) }),
  ),
  expires_at: z.optional(field.whole),
  locale: z.optional(field.text),
  submit_type: z.optional(z.enum(['auto', 'book', 'donate', 'pay', 'subscribe'])),
  billing_address_collection: z.optional(z.enum(['auto', 'required'])),
  allow_promotion_codes: z.optional(field.flag),
  automatic_tax: z.optional(z.strictObject({ enabled: field.flag })),
  tax_id_collection: z.optional(z.strictObject({ enabled: field.flag })),
  customer_update: z.optional(
    z.strictObject({
      address: z.optional(z.enum(['auto', 'never'])),
      name: z.optional(z.enum(['auto', 'never'])),
    }),
  ),
  payment_method_collection: z.optional(z.enum(['always', 'if_required'])),
});
export type CheckoutParams = z.infer<typeof checkoutParams>;
