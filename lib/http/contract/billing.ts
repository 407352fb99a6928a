import * as z from 'zod/mini';
import { SUBSCRIPTION_STATUSES } from '../../domain/billing.ts';
import { operation } from './operation.ts';
import { reason, words } from './reason.ts';
import { accountId, count, credits, givenCredits, instant, none, noQuery } from './words.ts';

const id = z.string().check(z.regex(/^.{1,100}$/));
const door = 'billing' as const;
/** Nothing to say: an empty object, or nothing at all. */
const nothing = z._default(none, {});
const users = { door, scopes: ['credits/user'], params: none, query: noQuery } as const;

const billing = z.object({
  plan: z.string(),
  /** Stripe's word; `none`: there never was a subscription. */
  status: z.enum(['none', ...SUBSCRIPTION_STATUSES]),
  renewsAt: z.nullable(instant),
  /** Where it does not renew: benefits stay until then. */
  endsAt: z.nullable(instant),
  /** Before tax, in the currency's smallest unit. */
  nextCharge: z.nullable(z.object({ amount: count, currency: z.string(), at: instant })),
  /** A downgrade waits for the period's end. */
  nextPlan: z.nullable(z.object({ plan: z.string(), at: instant })),
  paymentFailed: z.nullable(z.object({ at: instant, nextAttemptAt: z.nullable(instant) })),
  asOf: instant,
});

export const getBilling = operation({
  ...users,
  id: 'getBilling',
  method: 'GET',
  path: '/v1/billing',
  summary: 'The plan, how its subscription stands, when it renews or ends, what the next charge is.',
  body: none,
  status: 200,
  reply: billing,
  refusals: [],
});

export const checkoutBody = z
  .strictObject({ planId: z.optional(id), packId: z.optional(id) })
  .check(z.refine(({ planId, packId }) => (planId === undefined) !== (packId === undefined), 'needs planId or packId'));

export const createCheckout = operation({
  ...users,
  id: 'createCheckout',
  method: 'POST',
  path: '/v1/billing/checkout',
  summary: 'A Stripe Checkout page for a plan or a pack. A repeat leads to the same page while it can be paid.',
  body: checkoutBody,
  status: 201,
  reply: z.object({ url: z.string(), sessionId: z.string() }),
  refusals: ['already_subscribed'],
});

export const createPortal = operation({
  ...users,
  id: 'createPortal',
  method: 'POST',
  path: '/v1/billing/portal',
  summary: 'A page of Stripe’s billing portal, for cards and invoices.',
  body: nothing,
  status: 201,
  reply: z.object({ url: z.string() }),
  refusals: [],
});

export const cancelSubscription = operation({
  ...users,
  id: 'cancelSubscription',
  method: 'POST',
  path: '/v1/billing/cancel',
  summary:
    'Ends the subscription with its paid period; nothing more is charged. One whose renewal is not paid ends at once.',
  body: nothing,
  status: 200,
  reply: billing,
  refusals: ['no_subscription'],
});

export const resumeSubscription = operation({
  ...users,
  id: 'resumeSubscription',
  method: 'POST',
  path: '/v1/billing/resume',
  summary: 'Takes a cancellation back, until it takes effect.',
  body: nothing,
  status: 200,
  reply: billing,
  refusals: ['no_subscription'],
});

export const changePlan = operation({
  ...users,
  id: 'changePlan',
  method: 'POST',
  path: '/v1/billing/change-plan',
  summary:
    'An upgrade takes effect and is charged at once, a downgrade at the period’s end. The current plan takes a pending downgrade back.',
  body: z.strictObject({ planId: id }),
  status: 200,
  reply: billing,
  refusals: ['no_subscription', 'subscription_past_due', 'subscription_ending', 'payment_declined'],
});

const MAX_QUOTE_FIELDS = 40;
const MAX_QUOTE_CHARACTERS = 8192;
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** What could not be kept must be refused: `z.catchall` drops a key `__proto__` unseen, where `z.strictObject` names it. */
const withoutProto = z.transform((input: unknown, { issues }) => {
  if (typeof input === 'object' && input !== null && Object.hasOwn(input, '__proto__')) {
    issues.push({ code: 'custom', path: ['__proto__'], message: 'is not known here', input });
  }
  return input;
});

/** A front end's form varies: fields unknown here are kept, as long as they are plain. */
export const quoteBody = z.pipe(
  withoutProto,
  z
    .catchall(
      z.object({
        company: z.optional(z.string().check(z.regex(words(200)))),
        contact: z.optional(z.string().check(z.regex(/^[^\s@]{1,100}@[^\s@]{1,150}$/))),
        creditsPerMonth: z.optional(givenCredits),
        message: z.optional(z.string().check(z.regex(words(4000)))),
      }),
      scalar,
    )
    .check(
      z.refine((asked) => Object.keys(asked).length <= MAX_QUOTE_FIELDS, `has more than ${MAX_QUOTE_FIELDS} fields`),
      z.refine(
        (asked) => JSON.stringify(asked).length <= MAX_QUOTE_CHARACTERS,
        `is longer than ${MAX_QUOTE_CHARACTERS} characters`,
      ),
    ),
);

export const requestQuote = operation({
  ...users,
  id: 'requestQuote',
  method: 'POST',
  path: '/v1/enterprise-quotes',
  summary: 'Asks for an enterprise quote. The same again is the same quote; further plain fields are kept.',
  body: quoteBody,
  idempotencyKey: z.optional(z.string().check(z.regex(/^[\x21-\x7e]{1,255}$/))),
  status: 201,
  reply: z.object({ quoteId: z.string(), status: z.literal('requested'), requestedAt: instant }),
  refusals: ['idempotency_mismatch'],
});

export const refundLegacy = operation({
  id: 'refundLegacy',
  method: 'POST',
  path: '/v1/support/legacy-refunds',
  door,
  summary: 'Refunds a payment of before the relaunch in full, once; what is left of its credits goes.',
  scopes: ['credits/support'],
  params: none,
  query: noQuery,
  body: z.strictObject({ accountId, paymentIntentId: z.string().check(z.regex(/^[\w-]{1,255}$/)), reason }),
  status: 200,
  reply: z.object({
    accountId: z.string(),
    paymentIntentId: z.string(),
    refundId: z.string(),
    amount: count,
    currency: z.string(),
    creditsTakenBack: credits,
    refundedAt: instant,
  }),
  refusals: ['not_found', 'refund_not_covered', 'idempotency_mismatch'],
});
