import * as z from 'zod/mini';

// What the stand-in remembers of each thing: the facts, not Stripe's shapes. The shapes are made of them in `objects/`.
// Seconds since 1970 end in `S`, as Stripe counts; amounts are in the currency's smallest unit.

const id = z.string();
const seconds = z.int();
const amount = z.int();
const text = z.string();
const metadata = z.record(z.string(), z.string());

const customer = z.object({
  id,
  createdS: seconds,
  email: z.nullable(text),
  name: z.nullable(text),
  phone: z.nullable(text),
  description: z.nullable(text),
  metadata,
  /** Below zero: credit that the next invoices use up. */
  balance: amount,
  /** What the next charge of the card on file does, and every one after it, until it is set otherwise. */
  nextPayment: z.enum(['succeeds', 'fails']),
  /** For good: of use to nobody, and still there to be asked for. */
  deleted: z.optional(z.literal(true)),
});

const product = z.object({
  id,
  createdS: seconds,
  updatedS: seconds,
  name: text,
  description: z.nullable(text),
  active: z.boolean(),
  metadata,
  defaultPriceId: z.nullable(id),
});

const price = z.object({
  id,
  createdS: seconds,
  productId: id,
  active: z.boolean(),
  currency: text,
  amount,
  interval: z.nullable(z.enum(['day', 'week', 'month', 'year'])),
  intervalCount: z.int(),
  lookupKey: z.nullable(text),
  nickname: z.nullable(text),
  taxBehavior: z.enum(['exclusive', 'inclusive', 'unspecified']),
  metadata,
});

const webhookEndpoint = z.object({
  id,
  createdS: seconds,
  url: text,
  enabledEvents: z.array(text),
  apiVersion: z.nullable(text),
  description: z.nullable(text),
  disabled: z.boolean(),
  deleted: z.boolean(),
  metadata,
});

const portalFeatures = z.object({
  customerUpdates: z.array(text),
  invoiceHistory: z.boolean(),
  paymentMethodUpdate: z.boolean(),
});

const portalConfiguration = z.object({
  id,
  createdS: seconds,
  updatedS: seconds,
  name: z.nullable(text),
  active: z.boolean(),
  isDefault: z.boolean(),
  headline: z.nullable(text),
  privacyPolicyUrl: z.nullable(text),
  termsOfServiceUrl: z.nullable(text),
  defaultReturnUrl: z.nullable(text),
  features: portalFeatures,
  metadata,
});

const portalSession = z.object({
  id,
  createdS: seconds,
  customerId: id,
  configurationId: id,
  returnUrl: z.nullable(text),
  locale: z.nullable(text),
});

const checkoutSession = z.object({
  id,
  createdS: seconds,
  expiresAtS: seconds,
  mode: z.enum(['payment', 'subscription']),
  customerId: z.nullable(id),
  customerEmail: z.nullable(text),
  lines: z.array(z.object({ id, priceId: id, quantity: z.int() })),
  successUrl: text,
  cancelUrl: z.nullable(text),
  clientReferenceId: z.nullable(text),
  locale: z.nullable(text),
  submitType: z.nullable(text),
  billingAddressCollection: z.nullable(text),
  allowPromotionCodes: z.nullable(z.boolean()),
  automaticTax: z.boolean(),
  taxIdCollection: z.boolean(),
  metadata,
  subscriptionMetadata: metadata,
  subscriptionDescription: z.nullable(text),
  paymentMetadata: metadata,
  paymentDescription: z.nullable(text),
  status: z.enum(['open', 'complete', 'expired']),
  paymentStatus: z.enum(['paid', 'unpaid', 'no_payment_required']),
  paymentIntentId: z.nullable(id),
  subscriptionId: z.nullable(id),
  invoiceId: z.nullable(id),
  /** When a payment that takes its time arrives. */
  settlesAtS: z.nullable(seconds),
});

const event = z.object({
  id,
  createdS: seconds,
  type: text,
  /** Stripe's event as it was when it happened, JSON; the same bytes go out with every delivery. */
  body: text,
  firstDueMs: z.number(),
  attempts: z.int(),
  lastStatus: z.nullable(z.int()),
  delivered: z.boolean(),
  /** `null`: delivered, given up, or made while deliveries were off. */
  nextAttemptMs: z.nullable(z.number()),
});

/** The answer to the first POST with a key: Stripe gives it again for a day. */
const idempotentAnswer = z.object({ id, atMs: z.number(), fingerprint: text, status: z.int(), body: text });

export const settingRecords = { customer, product, price, webhookEndpoint, portalConfiguration, portalSession };
export const flowRecords = { checkoutSession, event, idempotentAnswer };

export type Customer = z.infer<typeof customer>;
export type Product = z.infer<typeof product>;
export type Price = z.infer<typeof price>;
export type WebhookEndpoint = z.infer<typeof webhookEndpoint>;
export type PortalFeatures = z.infer<typeof portalFeatures>;
export type PortalConfiguration = z.infer<typeof portalConfiguration>;
export type PortalSession = z.infer<typeof portalSession>;
export type CheckoutSession = z.infer<typeof checkoutSession>;
export type StoredEvent = z.infer<typeof event>;
export type IdempotentAnswer = z.infer<typeof idempotentAnswer>;
