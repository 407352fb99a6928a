import * as z from 'zod/mini';

// The records of what is billed and paid; `records.ts` says how they are written.

const id = z.string();
const seconds = z.int();
const amount = z.int();
const text = z.string();
const metadata = z.record(z.string(), z.string());

const invoiceLine = z.object({
  id,
  description: text,
  amount,
  priceId: id,
  quantity: z.int(),
  periodStartS: seconds,
  periodEndS: seconds,
  subscriptionItemId: id,
  /** The invoice item a proration came from; `null` for a whole period. */
  invoiceItemId: z.nullable(id),
  /** For the unused part of what was paid before: the line that it was paid with. */
  credits: z.nullable(z.object({ invoiceId: id, lineId: id })),
});

const subscription = z.object({
  id,
  createdS: seconds,
  customerId: id,
  currency: text,
  description: z.nullable(text),
  metadata,
  status: z.enum(['incomplete', 'active', 'past_due', 'canceled']),
  anchorS: seconds,
  cancelAtPeriodEnd: z.boolean(),
  canceledAtS: z.nullable(seconds),
  endedAtS: z.nullable(seconds),
  cancelReason: z.nullable(z.enum(['cancellation_requested', 'payment_failed'])),
  cancelComment: z.nullable(text),
  cancelFeedback: z.nullable(text),
  latestInvoiceId: z.nullable(id),
  /** The schedule that manages it now. */
  scheduleId: z.nullable(id),
  item: z.object({
    id,
    createdS: seconds,
    priceId: id,
    quantity: z.int(),
    periodStartS: seconds,
    periodEndS: seconds,
  }),
  /** Prorations that the next invoice takes along. */
  pendingLines: z.array(invoiceLine),
  /** A change that waits for its invoice to be paid. */
  pendingUpdate: z.nullable(
    z.object({
      priceId: id,
      quantity: z.int(),
      anchorS: seconds,
      periodStartS: seconds,
      periodEndS: seconds,
      invoiceId: id,
      expiresAtS: seconds,
    }),
  ),
});

/** What a subscription is to become, phase by phase; each begins where the one before it ends. */
const schedule = z.object({
  id,
  createdS: seconds,
  customerId: id,
  subscriptionId: id,
  currency: text,
  status: z.enum(['active', 'released', 'canceled']),
  /** When it was released or canceled. */
  endedAtS: z.nullable(seconds),
  metadata,
  phases: z.array(
    z.object({
      startS: seconds,
      endS: seconds,
      priceId: id,
      quantity: z.int(),
      prorationBehavior: z.enum(['none', 'create_prorations', 'always_invoice']),
      /** The billing cycle is counted from the phase's start. */
      anchored: z.boolean(),
      metadata,
    }),
  ),
});

const invoice = z.object({
  id,
  createdS: seconds,
  number: z.nullable(text),
  customerId: id,
  subscriptionId: id,
  /** As it was when the invoice became final. */
  subscriptionMetadata: metadata,
  prorationDateS: z.nullable(seconds),
  billingReason: z.enum(['subscription_create', 'subscription_cycle', 'subscription_update']),
  currency: text,
  periodStartS: seconds,
  periodEndS: seconds,
  lines: z.array(invoiceLine),
  status: z.enum(['draft', 'open', 'paid', 'void']),
  autoAdvance: z.boolean(),
  startingBalance: amount,
  endingBalance: z.nullable(amount),
  amountPaid: amount,
  attemptCount: z.int(),
  /** When a draft becomes final and its first payment is tried. */
  finalizesAtS: z.nullable(seconds),
  nextAttemptS: z.nullable(seconds),
  finalizedAtS: z.nullable(seconds),
  paidAtS: z.nullable(seconds),
  voidedAtS: z.nullable(seconds),
  paymentIntentId: z.nullable(id),
  invoicePaymentId: id,
});

const paymentIntent = z.object({
  id,
  createdS: seconds,
  customerId: z.nullable(id),
  amount,
  currency: text,
  description: z.nullable(text),
  metadata,
  status: z.enum(['requires_payment_method', 'processing', 'succeeded', 'canceled']),
  /** A bank debit takes a day; a card answers at once. */
  method: z.enum(['card', 'us_bank_account']),
  latestChargeId: z.nullable(id),
  failed: z.boolean(),
  canceledAtS: z.nullable(seconds),
});

const charge = z.object({
  id,
  createdS: seconds,
  paymentIntentId: id,
  customerId: z.nullable(id),
  amount,
  currency: text,
  description: z.nullable(text),
  metadata,
  status: z.enum(['succeeded', 'pending', 'failed']),
  method: z.enum(['card', 'us_bank_account']),
  amountRefunded: amount,
  disputed: z.boolean(),
});

const refund = z.object({
  id,
  createdS: seconds,
  chargeId: id,
  paymentIntentId: id,
  amount,
  currency: text,
  reason: z.nullable(text),
  metadata,
  status: z.enum(['succeeded', 'failed']),
  /** The bank's reference number has arrived. */
  referenced: z.boolean(),
});

const dispute = z.object({
  id,
  createdS: seconds,
  chargeId: id,
  paymentIntentId: id,
  amount,
  currency: text,
  metadata,
  status: z.enum(['needs_response', 'won', 'lost']),
  closedAtS: z.nullable(seconds),
});

export const moneyRecords = { subscription, schedule, invoice, paymentIntent, charge, refund, dispute };

export type InvoiceLine = z.infer<typeof invoiceLine>;
export type Subscription = z.infer<typeof subscription>;
export type Schedule = z.infer<typeof schedule>;
export type Phase = Schedule['phases'][number];
export type Invoice = z.infer<typeof invoice>;
export type PaymentIntent = z.infer<typeof paymentIntent>;
export type Charge = z.infer<typeof charge>;
export type Refund = z.infer<typeof refund>;
export type Dispute = z.infer<typeof dispute>;
