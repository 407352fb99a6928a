import type { Account } from '../domain/account.ts';
import { type Billing, heardOf, isOver, type Subscription, sameAs } from '../domain/billing.ts';
import type { Catalog } from '../domain/catalog.ts';
import type { Step } from '../domain/give-back.ts';
import type { PaymentFact } from '../domain/payment-fact.ts';
import { type SoldPrice, soldBy } from '../domain/sold-price.ts';
import { setRenewal, stopSubscription } from '../domain/subscription.ts';
import { accountOfCustomer } from '../store/billing.ts';
import { changePaid, type PaidChange } from './change-paid.ts';
import type { Applied, PaymentDeps } from './payment-deps.ts';

/** R18: the plan that comes with the next period: the one a schedule leads to, or that the price has been changed to meanwhile. */
const nextPlanOf = (
  { planId }: Account,
  billing: Billing,
  { priceId, scheduleId }: Subscription,
  prices: readonly SoldPrice[],
): string | null => {
  const ofPrice = soldBy(prices, priceId)?.item ?? planId;
  if (ofPrice !== planId) return ofPrice;
  return scheduleId === null || billing.nextPlanId === planId ? null : billing.nextPlanId;
};

/** What a subscription's state means for its account: whether it renews, as what, or that it is over. */
export const underSubscription = (
  account: Account,
  billing: Billing,
  subscription: Subscription,
  { catalog, prices }: { readonly catalog: Catalog; readonly prices: readonly SoldPrice[] },
  nowMs: number,
): Step & { readonly billing: Billing } => {
  const over = isOver(subscription);
  const nextPlanId = over ? null : nextPlanOf(account, billing, subscription, prices);
  const failure = over || subscription.status === 'active' ? null : billing.failure;
  const next = { ...billing, subscription, nextPlanId, failure };
  if (over) return { ...stopSubscription(account, catalog, nowMs), billing: next };
  const renewing = setRenewal(account, { renews: subscription.renews, nextPlanId });
  return { account: renewing, entries: [], billing: next };
};

/** R18, R19, R25: takes note of a subscription's state, the latest only. Credits come with payments, never from here. */
export const applySubscription = async (
  deps: PaymentDeps,
  { customerId, subscription, listed }: Extract<PaymentFact, { fact: 'subscription' }>,
): Promise<Applied> => {
  const accountId = await accountOfCustomer(deps.table, customerId);
  if (accountId === null) return 'ignored';
  return changePaid(deps, accountId, async (account, billing, nowMs): Promise<PaidChange | null> => {
    const known = billing.subscription;
    if (listed && known?.id === subscription.id && sameAs(known, subscription)) return null;
    const verdict = heardOf(known, subscription);
    if (verdict === 'leave') return null;
    const truth = verdict === 'ask' ? (await deps.ask.subscription(subscription.id))?.subscription : subscription;
    return truth === undefined ? null : underSubscription(account, billing, truth, deps, nowMs);
  });
};
