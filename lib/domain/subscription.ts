import type { Account, Cycle, PaidPeriod, Share } from './account.ts';
import { beginGrant } from './begin-grant.ts';
import { endGrants, endSubscription, runningGrants, stepEndsAtMs, takeBackRunning } from './boundary.ts';
import type { Catalog, Plan } from './catalog.ts';
import { changeDailyCredits, resize } from './change-plan.ts';
import type { Change, Entry } from './entry.ts';
import { andThen, record, type Step, withGrant } from './give-back.ts';
import { givenAndGone } from './given-and-gone.ts';
import { addMonthsMs, DAY_MS } from './time.ts';

/** A period of a subscription that has been paid. */
export interface BoughtPeriod {
  readonly plan: Plan;
  /** Months are counted from here (R13): the day the subscription began, or changed its interval. */
  readonly anchorMs: number;
  readonly startMs: number;
  readonly endMs: number;
  /** Stripe's id of what was paid. */
  readonly payment: string;
}

/**
 * The month of a period that an instant falls in: whole months since the anchor. Stripe counts a period's bounds itself: a month
 * of ours that ends within a day of either is that bound, and no month to be granted.
 */
const stepAt = ({ anchorMs, startMs, endMs }: BoughtPeriod, nowMs: number): number => {
  const atMs = Math.min(Math.max(nowMs, startMs + DAY_MS), endMs - DAY_MS);
  let step = 0;
  while (addMonthsMs(anchorMs, step + 1) <= atMs) step++;
  return step;
};

const cycleOf = (period: BoughtPeriod, nowMs: number): Cycle => ({
  anchorMs: period.anchorMs,
  step: stepAt(period, nowMs),
  creditsPerCycle: period.plan.creditsPerCycle,
  paid: { untilMs: period.endMs, renews: true, nextPlanId: null, graceUntilMs: null, share: null },
});

/**
 * The plan's limits at once: a larger daily allowance now, a smaller one from midnight (R12). An account may be on the plan already
 * without today's allowance: by the end of a period heard of days later, behind today's midnight.
 */
const onPlan = (account: Account, plan: Plan, nowMs: number): { account: Account; changes: readonly Change[] } => {
  const { dailyRunLimit } = account.planId === plan.id ? account : plan;
  return changeDailyCredits({ ...account, planId: plan.id, dailyRunLimit }, plan, nowMs);
};

/**
 * Whether a period is over or overtaken: paid all the same, it changes nothing of what is now. A shorter one begun later is not:
 * it is of another subscription, bought while what was paid for the last one still runs.
 */
export const isPast = ({ cycle }: Account, { startMs, endMs }: Pick<BoughtPeriod, 'startMs' | 'endMs'>): boolean =>
  cycle?.paid !== undefined &&
  endMs < cycle.paid.untilMs &&
  (startMs < cycle.anchorMs || endMs < addMonthsMs(cycle.anchorMs, cycle.step) + DAY_MS);

/** A period that is over when its payment is heard of. */
export const passPeriod = (account: Account, { plan, endMs, payment }: BoughtPeriod, nowMs: number): Step =>
  givenAndGone(
    account,
    { kind: 'subscription', granted: plan.creditsPerCycle, expiresAtMs: endMs },
    { atMs: nowMs, reason: 'period_paid', payment },
  );

/** R13: a paid period begins: what is left of the one before ends, this month's credits are there, the plan is in force. */
export const startPeriod = (account: Account, period: BoughtPeriod, nowMs: number): Step => {
  const { plan, payment } = period;
  const first = account.planId !== plan.id || account.cycle === null;
  const planned = onPlan(account, plan, nowMs);
  const ended = endGrants(planned.account, runningGrants(account), nowMs);
  const cycle = cycleOf(period, nowMs);
  const expiresAtMs = stepEndsAtMs(cycle) ?? period.endMs;
  const size = { kind: 'subscription', granted: plan.creditsPerCycle, expiresAtMs } as const;
  const begun = beginGrant({ ...ended.account, cycle }, size);
  return record(begun.account, {
    atMs: nowMs,
    // Credits that end are told as such, whatever begins in their place.
    kind: first && ended.changes.length === 0 ? 'grant' : 'reset',
    changes: [...planned.changes, ...ended.changes, ...begun.changes],
    reason: first ? 'subscription_started' : 'billing_cycle',
    payment,
    ...(account.planId === plan.id ? {} : { planId: plan.id }),
  });
};

/**
 * R18: an upgrade within the period, or into one of another length that begins now: the new allowance less what this cycle's
 * grant has spent. The grant stays, holds on it too; only its size and, with the period, its end change.
 */
export const upgradePeriod = (account: Account, period: BoughtPeriod, nowMs: number): Step => {
  const line = { atMs: nowMs, reason: 'plan_changed', payment: period.payment };
  // Credits that went with their money are not spent: what goes of the larger grant is the new share's affair.
  return andThen(takeBackRunning(account, null, line), (whole) => growRunning(whole, period, line));
};

const growRunning = (
  account: Account,
  period: BoughtPeriod,
  line: Pick<Entry, 'atMs' | 'reason' | 'payment'>,
): Step => {
  const { plan, endMs } = period;
  const nowMs = line.atMs;
  const [running] = runningGrants(account);
  const old = account.cycle;
  if (running === undefined || old?.paid === undefined) return startPeriod(account, period, nowMs);
  const planned = onPlan(account, plan, nowMs);
  const fresh = cycleOf(period, nowMs);
  const cycle = old.paid.untilMs === endMs ? { ...fresh, anchorMs: old.anchorMs, step: old.step } : fresh;
  const resized = resize({ ...planned.account, cycle }, running, plan.creditsPerCycle);
  const expiresAtMs = stepEndsAtMs(cycle) ?? endMs;
  const grown = resized.account.grants.find((grant) => grant.id === running.id) ?? running;
  const [change = { grantId: running.id, kind: running.kind, credits: 0 }] = resized.changes;
  const moved = expiresAtMs === running.expiresAtMs ? [] : [{ ...change, expiresAtMs }];
  return record(withGrant(resized.account, { ...grown, expiresAtMs }), {
    ...line,
    kind: 'adjustment',
    changes: [...planned.changes, ...(moved.length > 0 ? moved : resized.changes)],
    ...(account.planId === plan.id ? {} : { planId: plan.id }),
  });
};

const withPaid = (account: Account, change: Partial<PaidPeriod>): Account => {
  const { cycle } = account;
  if (cycle?.paid === undefined) return account;
  return { ...account, cycle: { ...cycle, paid: { ...cycle.paid, ...change } } };
};

/** R18: what comes at the period's end: it renews, on another plan perhaps, or the subscription ends. */
export const setRenewal = (account: Account, renewal: Pick<PaidPeriod, 'renews' | 'nextPlanId'>): Account =>
  withPaid(account, renewal);

/**
 * R18, R19: Stripe has ended the subscription, or given up on it: what is paid for stays until its period's end; where nothing is, the account is on
 * the free plan now.
 */
export const stopSubscription = (account: Account, catalog: Catalog, nowMs: number): Step => {
  const paid = account.cycle?.paid;
  if (paid === undefined) return { account, entries: [] };
  if (paid.graceUntilMs === null)
    return { account: setRenewal(account, { renews: false, nextPlanId: null }), entries: [] };
  return endSubscription(account, catalog, nowMs);
};

/** R20: the share of the running period's money that went back: this month's grant shrinks with it, and those to come. */
export const sharePeriod = (account: Account, share: Share, line: Parameters<typeof takeBackRunning>[2]): Step =>
  takeBackRunning(withPaid(account, { share: share.out === 0 && !share.frozen ? null : share }), share, line);
