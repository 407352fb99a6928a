import type { Account } from './account.ts';
import { type Billing, isLive, isOver, type Subscription, type SubscriptionStatus } from './billing.ts';
import { FREE_PLAN_ID, type Money, type Plan } from './catalog.ts';
import { priceOf, type SoldPrice, soldBy } from './sold-price.ts';

/** A subscription that can still be charged at an instant: one that does not renew is over with its period, told of or not (R18). */
export const liveAt = (subscription: Subscription | null, nowMs: number): subscription is Subscription =>
  isLive(subscription) && (subscription.renews || nowMs < subscription.periodEndMs);

/** R25: how an account stands with its plan. */
export interface Standing {
  readonly planId: string;
  /** `none`: it never had a subscription. */
  readonly status: SubscriptionStatus | 'none';
  readonly renewsAtMs: number | null;
  readonly endsAtMs: number | null;
  readonly nextCharge: (Money & { readonly atMs: number }) | null;
  readonly nextPlan: { readonly planId: string; readonly atMs: number } | null;
  readonly failure: { readonly atMs: number; readonly nextAttemptMs: number | null } | null;
}

const NOTHING = { renewsAtMs: null, endsAtMs: null, nextCharge: null, nextPlan: null, failure: null } as const;

/**
 * R25: from what is stored, exact at the instant: `account` must be valid at `nowMs`. Of a renewal that is not paid yet the next charge
 * is due since the period ended; of one whose payment failed it is the next attempt, while there is one.
 */
export const standingOf = (
  account: Account,
  { subscription, nextPlanId, failure }: Billing,
  prices: readonly SoldPrice[],
  nowMs: number,
): Standing => {
  const { planId } = account;
  if (subscription === null) return { ...NOTHING, planId, status: 'none' };
  const { status, renews, periodEndMs, priceId } = subscription;
  if (!liveAt(subscription, nowMs)) {
    const ended = isLive(subscription) ? ({ status: 'canceled', endsAtMs: periodEndMs } as const) : { status };
    return { ...NOTHING, planId, ...ended };
  }
  if (!renews) return { ...NOTHING, planId, status, endsAtMs: periodEndMs, failure };
  const next = nextPlanId !== planId && nowMs < periodEndMs ? nextPlanId : null;
  const sold = next === null ? soldBy(prices, priceId) : priceOf(prices, next);
  const paid = account.cycle?.paid;
  // A period begins before it is charged: until then the next charge is its own.
  const dueAtMs = paid !== undefined && paid.graceUntilMs !== null ? paid.untilMs : periodEndMs;
  const chargedAtMs = status === 'active' || status === 'trialing' ? dueAtMs : (failure?.nextAttemptMs ?? null);
  return {
    planId,
    status,
    renewsAtMs: isOver(subscription) ? null : periodEndMs,
    endsAtMs: null,
    nextCharge:
      sold === undefined || chargedAtMs === null
        ? null
        : { amount: sold.amount, currency: sold.currency, atMs: chargedAtMs },
    nextPlan: next === null ? null : { planId: next, atMs: periodEndMs },
    failure,
  };
};

const MONTHS = { month: 1, year: 12 } as const;

/** R18: more credits a cycle, or as many for longer at once, is an upgrade; of two that give the same, the dearer. */
export const isUpgrade = (from: Plan, to: Plan): boolean => {
  if (to.creditsPerCycle !== from.creditsPerCycle) return to.creditsPerCycle > from.creditsPerCycle;
  const [was, will] = [from.price, to.price];
  if (was === null || will === null) return will !== null;
  if (was.interval !== will.interval) return MONTHS[will.interval] > MONTHS[was.interval];
  return will.amount > was.amount;
};

/** Why a plan is not for sale, in words for a caller; `null`: it is. */
export const notSold = (plan: Plan | undefined, prices: readonly SoldPrice[]): string | null => {
  if (plan === undefined || !plan.listed) return 'is not in the catalog';
  if (plan.id === FREE_PLAN_ID || plan.price === null) return 'costs nothing: cancel the subscription instead';
  return priceOf(prices, plan.id) === undefined ? 'is not sold here' : null;
};
