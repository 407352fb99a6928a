/** Stripe's word for how a subscription stands, as it is shown (R25). */
export const SUBSCRIPTION_STATUSES = [
  'incomplete',
  'incomplete_expired',
  'trialing',
  'active',
  'past_due',
  'unpaid',
  'paused',
  'canceled',
] as const;
export type SubscriptionStatus = (typeof SUBSCRIPTION_STATUSES)[number];

/** A subscription as Stripe last told of it. */
export interface Subscription {
  readonly id: string;
  /** The one item of it, which has the price and the period. */
  readonly itemId: string;
  readonly priceId: string;
  readonly status: SubscriptionStatus;
  /** False: it ends with the period (R18). */
  readonly renews: boolean;
  readonly createdMs: number;
  /** Where its months are counted from (R13). */
  readonly anchorMs: number;
  readonly periodStartMs: number;
  readonly periodEndMs: number;
  /** What changes its plan at the period's end (R18); `null`: nothing. */
  readonly scheduleId: string | null;
  /** When Stripe said so; what was said before does not count any more. */
  readonly asOfMs: number;
}

/** Statuses in which an account is not sold a second subscription. */
const LIVE: readonly SubscriptionStatus[] = ['trialing', 'active', 'past_due', 'unpaid', 'paused'];

export const isLive = (subscription: Subscription | null): subscription is Subscription =>
  subscription !== null && LIVE.includes(subscription.status);

/** Statuses in which Stripe charges for nothing any more by itself (R19). One that is unpaid can be paid by hand, and begins again with that. */
const OVER: readonly SubscriptionStatus[] = ['canceled', 'incomplete_expired', 'unpaid'];

export const isOver = ({ status }: Pick<Subscription, 'status'>): boolean => OVER.includes(status);

/** What an account wants of Stripe, written down before Stripe is asked: a crash in between leaves it to be taken up again. */
export interface Order {
  /** Goes to Stripe as idempotency key, reference and metadata. */
  readonly id: string;
  readonly accountId: string;
  /** A plan's or a pack's id, what it gave and cost when it was offered: that is what was sold. */
  readonly item: { readonly kind: 'plan' | 'pack'; readonly id: string; readonly credits: number };
  readonly priceId: string;
  readonly amount: number;
  readonly currency: string;
  readonly createdMs: number;
  /** The Checkout session, as soon as there is one. */
  readonly sessionId: string | null;
}

/** An account's dealings with Stripe: one item beside the account's own, which the hot path never touches. */
export interface Billing {
  readonly accountId: string;
  /** Goes up with every write; 0: nobody has written it. */
  readonly ver: number;
  /** One for each account, replaced only where it was deleted at Stripe; `null`: nothing was bought yet. */
  readonly customerId: string | null;
  readonly subscription: Subscription | null;
  /** R18: the plan a downgrade leads to; `null`: none is pending. */
  readonly nextPlanId: string | null;
  /** Orders whose Checkout session may still be open, by item: `plan` (only ever one) or the pack's id. */
  readonly orders: Readonly<Record<string, Order>>;
  /** R18: a change of plan under way, written before Stripe was asked. */
  readonly change: { readonly id: string; readonly planId: string; readonly fromPriceId: string } | null;
  /** R19: the last payment that failed and has not been made up for; told to the owner. */
  readonly failure: { readonly atMs: number; readonly nextAttemptMs: number | null } | null;
}

export const newBilling = (accountId: string): Billing => ({
  accountId,
  ver: 0,
  customerId: null,
  subscription: null,
  nextPlanId: null,
  orders: {},
  change: null,
  failure: null,
});

/** Whether two words on one subscription say the same. */
export const sameAs = (a: Subscription, b: Subscription): boolean =>
  a.status === b.status &&
  a.renews === b.renews &&
  a.priceId === b.priceId &&
  a.periodEndMs === b.periodEndMs &&
  a.scheduleId === b.scheduleId;

/**
 * Whether what is heard of a subscription counts: of one subscription the later word; of two, the live one, then the one made later.
 * `ask` where only Stripe knows: two words of one second differ; or the older of two was live when this was said, and the newer is not.
 */
export const heardOf = (known: Subscription | null, heard: Subscription): 'take' | 'leave' | 'ask' => {
  if (known === null) return 'take';
  if (known.id !== heard.id) {
    if (LIVE.includes(known.status)) return 'leave';
    if (heard.createdMs >= known.createdMs) return 'take';
    return isLive(heard) ? 'ask' : 'leave';
  }
  if (heard.asOfMs !== known.asOfMs) return heard.asOfMs > known.asOfMs ? 'take' : 'leave';
  return sameAs(known, heard) ? 'leave' : 'ask';
};
