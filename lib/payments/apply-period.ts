import type { Account } from '../domain/account.ts';
import { type Billing, isLive, type Subscription } from '../domain/billing.ts';
import type { Plan } from '../domain/catalog.ts';
import { andThen, type Step } from '../domain/give-back.ts';
import type { PeriodPaid } from '../domain/payment-fact.ts';
import { newPayment, type Purchase, shareOf } from '../domain/purchase.ts';
import { soldBy } from '../domain/sold-price.ts';
import { liveAt } from '../domain/standing.ts';
import {
  type BoughtPeriod,
  isPast,
  passPeriod,
  sharePeriod,
  startPeriod,
  upgradePeriod,
} from '../domain/subscription.ts';
import { addMonthsMs, DAY_MS, HOUR_MS } from '../domain/time.ts';
import { accountOfCustomer, readBillingRow, readPurchase } from '../store/billing.ts';
import { undoneRow } from '../store/billing-row.ts';
import { paymentRow, purchaseRow } from '../store/purchase-row.ts';
import { underSubscription } from './apply-subscription.ts';
import { changePaid, withoutOrder } from './change-paid.ts';
import type { Applied, PaymentDeps } from './payment-deps.ts';

export const periodKey = ({ subscriptionId, endMs }: Pick<PeriodPaid, 'subscriptionId' | 'endMs'>): string =>
  `period:${subscriptionId}:${endMs}`;

/** The plan that was paid for, at a price we know; `null`: somebody must look. */
const planPaid = ({ prices, catalog }: PaymentDeps, paid: PeriodPaid): Plan | null => {
  const sold = soldBy(prices, paid.priceId);
  const plan = catalog.plans.find(({ id }) => id === sold?.item);
  if (sold === undefined || plan === undefined || sold.currency !== paid.currency) return null;
  // What Stripe reckons for the rest of a period is its own affair; a whole period has its price.
  return paid.proration || paid.subtotal === sold.amount ? plan : null;
};

/** R13: months are counted from the subscription's anchor, where this period is one of its months; from its own start otherwise. */
const anchorOf = ({ anchorMs }: Subscription, { startMs, endMs }: PeriodPaid): number => {
  for (let month = 1; anchorMs <= startMs && addMonthsMs(anchorMs, month) <= endMs + HOUR_MS; month++) {
    if (Math.abs(addMonthsMs(anchorMs, month) - endMs) <= HOUR_MS) return anchorMs;
  }
  return startMs;
};

/**
 * An upgrade pays for the rest of the running period, or for one of another length that begins in its middle (R18). The period that
 * runs must be this subscription's own: another one's may run on beyond its end.
 */
const isUpgrade = async (
  { table }: PaymentDeps,
  { cycle }: Account,
  billing: Billing,
  { subscriptionId, startMs }: PeriodPaid,
): Promise<boolean> =>
  billing.subscription?.id === subscriptionId &&
  cycle?.paid !== undefined &&
  cycle.paid.graceUntilMs === null &&
  startMs < cycle.paid.untilMs - DAY_MS &&
  (await readPurchase(table, periodKey({ subscriptionId, endMs: cycle.paid.untilMs }))) !== null;

/** Whether it is the latest word on its period: an upgrade may be heard of before what it upgrades, and made in the same second. */
const isLatest = (paid: PeriodPaid, plan: Plan, purchase: Purchase | null): boolean => {
  const levelMs = purchase?.period?.levelMs ?? Number.NEGATIVE_INFINITY;
  if (paid.startMs !== levelMs) return paid.startMs > levelMs;
  return paid.proration && plan.creditsPerCycle > (purchase?.credits ?? 0);
};

const stepOf = async (
  deps: PaymentDeps,
  account: Account,
  billing: Billing,
  bought: { readonly paid: PeriodPaid; readonly period: BoughtPeriod; readonly purchase: Purchase | null },
  nowMs: number,
): Promise<Step> => {
  const { paid, period, purchase } = bought;
  if (!isLatest(paid, period.plan, purchase)) return { account, entries: [] };
  if (isPast(account, period)) return purchase === null ? passPeriod(account, period, nowMs) : { account, entries: [] };
  return purchase !== null || (await isUpgrade(deps, account, billing, paid))
    ? upgradePeriod(account, period, nowMs)
    : startPeriod(account, period, nowMs);
};

/** A payment tells of its subscription too, where nothing later has: that it is paid, until when, at which price. That of an earlier period tells nothing. */
const asPaid = (known: Subscription, { paidAtMs, priceId, startMs, endMs, proration }: PeriodPaid): Subscription =>
  known.asOfMs >= paidAtMs || known.status === 'canceled' || endMs < known.periodEndMs
    ? known
    : {
        ...known,
        status: 'active',
        priceId,
        periodStartMs: proration ? known.periodStartMs : startMs,
        periodEndMs: endMs,
        asOfMs: paidAtMs,
      };

/**
 * What is known of the subscription: as noted or, for one not heard of yet, from Stripe. `duplicate`: there is another, live one. Live as
 * it is asked: to undo this one when the other is over would leave nobody with either. By the payment's instant where our clock is behind it.
 */
const subscriptionOf = async (
  deps: PaymentDeps,
  billing: Billing,
  { subscriptionId, paidAtMs }: PeriodPaid,
  nowMs: number,
): Promise<Subscription | 'duplicate' | null> => {
  const known = billing.subscription;
  if (known?.id === subscriptionId) return known;
  // One that is over by what we know may have been taken up again, and nobody has told.
  if (isLive(known)) {
    const other = await deps.ask.subscription(known.id);
    if (other !== null && liveAt(other.subscription, Math.max(nowMs, paidAtMs))) return 'duplicate';
  }
  return (await deps.ask.subscription(subscriptionId))?.subscription ?? null;
};

/** The purchase with this payment of it: at the level of the latest, whatever came first. */
const withPeriod = (
  purchase: Purchase | null,
  bought: {
    readonly key: string;
    readonly accountId: string;
    readonly plan: Plan;
    readonly paid: PeriodPaid;
    readonly step: Step;
  },
): Purchase => {
  const { key, accountId, plan, paid, step } = bought;
  const payments = { ...purchase?.payments, [paid.paymentId]: newPayment(paid.amount) };
  if (purchase !== null && !isLatest(paid, plan, purchase)) return { ...purchase, payments };
  const changes = step.entries.flatMap((entry) => entry.changes);
  const begun = changes.findLast(({ kind, credits }) => kind === 'subscription' && credits >= 0);
  const { subscriptionId, endMs, startMs: levelMs } = paid;
  return {
    key,
    accountId,
    grantId: purchase?.grantId ?? begun?.grantId ?? null,
    credits: plan.creditsPerCycle,
    payments,
    period: { subscriptionId, planId: plan.id, endMs, levelMs },
  };
};

/**
 * R13, R17, R18: credits of a period of a subscription that is paid, once for the period, whichever and however many invoices paid
 * for it. A subscription beside a live one is ended and paid back, and nothing of it is ever granted: that stands on record before Stripe is
 * told, so that whatever is heard of it later, or again after a crash, has it undone.
 */
export const applyPeriod = async (deps: PaymentDeps, paid: PeriodPaid): Promise<Applied> => {
  const accountId = await accountOfCustomer(deps.table, paid.customerId);
  if (accountId === null) return 'ignored';
  const plan = planPaid(deps, paid);
  if (plan === null) return 'mismatch';
  const key = periodKey(paid);
  const known = await readPurchase(deps.table, key);
  if (known?.payments[paid.paymentId] !== undefined) return 'known';
  const { subscriptionId, startMs, endMs, paymentId } = paid;
  const why: { not: 'ignored' | 'duplicate' | null } = { not: null };

  const became = await changePaid(deps, accountId, async (account, billing, nowMs) => {
    why.not = null;
    const purchase = await readPurchase(deps.table, key);
    if (purchase?.payments[paymentId] !== undefined) return null;
    if ((await readBillingRow(deps.table, accountId, 'undone', subscriptionId)) !== undefined) {
      why.not = 'duplicate';
      return null;
    }
    // Asked under the version that is written over: of two subscriptions heard of at once one must see the other.
    const subscription = await subscriptionOf(deps, billing, paid, nowMs);
    if (subscription === null) {
      why.not = 'ignored';
      return null;
    }
    if (subscription === 'duplicate') {
      why.not = 'duplicate';
      const undone = { subscriptionId, invoiceId: paymentId, atMs: nowMs };
      return { account, entries: [], rows: [undoneRow(accountId, undone)] };
    }
    const period = { plan, anchorMs: anchorOf(subscription, paid), startMs, endMs, payment: paymentId };
    const step = await stepOf(deps, account, billing, { paid, period, purchase }, nowMs);
    const next = withPeriod(purchase, { key, accountId, plan, paid, step });
    const share = shareOf(next);
    const isShared = (share.out > 0 || share.frozen) && !isPast(account, period);
    const line = { atMs: nowMs, reason: 'payment_returned', payment: paymentId };
    const shared = isShared ? andThen(step, (begun) => sharePeriod(begun, share, line)) : step;
    const noted = isPast(account, period) ? subscription : asPaid(subscription, paid);
    const paidUp = isPast(account, period) ? billing : { ...billing, failure: null };
    const bought = withoutOrder(paidUp, (_, slot) => slot === 'plan');
    const under = underSubscription(shared.account, bought, noted, deps, nowMs);
    return {
      account: under.account,
      entries: [...shared.entries, ...under.entries],
      billing: under.billing,
      rows: [purchaseRow(purchase, next), paymentRow(paymentId, { key, paymentId })],
    };
  });
  if (why.not !== 'duplicate') return why.not ?? became;
  await deps.ask.undo({ subscriptionId, invoiceId: paymentId });
  return 'undone';
};
