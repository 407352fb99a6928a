import type { Account, Cycle, Grant, PaidPeriod, Share } from './account.ts';
import { beginGrant } from './begin-grant.ts';
import { type Catalog, FREE_PLAN_ID, type Plan, planOrFree } from './catalog.ts';
import { isDrawnOn } from './draw.ts';
import type { Change } from './entry.ts';
import { andThen, record, type Step } from './give-back.ts';
import { dueBack, takeBack } from './take-back.ts';
import { addMonthsMs, DAY_MS, HOUR_MS } from './time.ts';

/**
 * Ends grants: what they have left expires. One that a hold still draws on stays, empty, until the hold has ended (R15); it is
 * over from now on, if its time was not up.
 */
export const endGrants = (
  account: Account,
  dying: readonly Grant[],
  atMs: number,
): { readonly account: Account; readonly changes: readonly Change[] } => {
  const ids = new Set(dying.map((grant) => grant.id));
  const grants = account.grants
    .filter((grant) => !ids.has(grant.id) || isDrawnOn(account, grant.id))
    .map((grant) =>
      ids.has(grant.id) ? { ...grant, remaining: 0, expiresAtMs: Math.min(grant.expiresAtMs, atMs) } : grant,
    );
  const changes = dying
    .map(({ id, kind, remaining, expiresAtMs }) => ({
      grantId: id,
      kind,
      credits: remaining === 0 ? 0 : -remaining,
      ...(expiresAtMs > atMs && isDrawnOn(account, id) ? { expiresAtMs: atMs } : {}),
    }))
    .filter((change) => change.credits < 0 || 'expiresAtMs' in change);
  return { account: { ...account, grants }, changes };
};

/** One kind's credits are reset *to* an allowance: the old grants end, a new one begins; no other kind is touched (R12, R13). */
const resetKind = (
  account: Account,
  dying: readonly Grant[],
  next: Pick<Grant, 'kind' | 'granted' | 'expiresAtMs'>,
  atMs: number,
  reason: string,
): Step => {
  const ended = endGrants(account, dying, atMs);
  const begun = beginGrant(ended.account, next);
  const changes = [...ended.changes, ...begun.changes];
  return changes.length === 0
    ? { account: begun.account, entries: [] }
    : record(begun.account, { atMs, kind: 'reset', changes, reason });
};

/** Whether free credits are what the plan allows for a day, and whole: they need no reset. */
export const isAllowance = ({ granted, remaining }: Grant, { dailyFreeCredits }: Plan): boolean =>
  granted === dailyFreeCredits && remaining === dailyFreeCredits;

/**
 * Midnight UTC (R8, R12): no run is counted yet, and the free credits are the plan's allowance. Where nothing of it was drawn
 * there is nothing to reset: the grant lives on another day, unwritten, so that an idle account costs nothing.
 * A changed catalog takes hold here: at the first midnight an account crosses under it, which may be one gone by already.
 */
export const crossMidnight = (account: Account, plan: Plan, atMs: number): Step => {
  const allowance = plan.dailyFreeCredits;
  const expiresAtMs = atMs + DAY_MS;
  const today: Account = {
    ...account,
    dailyRunLimit: plan.dailyRunLimit,
    runs: { day: atMs / DAY_MS, used: 0 },
  };
  const dying = today.grants.filter((grant) => grant.kind === 'free' && grant.expiresAtMs === atMs);
  if (dying.length === 1 && dying.every((grant) => isAllowance(grant, plan))) {
    const grants = today.grants.map((grant) => (dying.includes(grant) ? { ...grant, expiresAtMs } : grant));
    // The drawing order may be another now (R5): plans made before must not fit any more.
    return { account: { ...today, grants, nextOrdinal: today.nextOrdinal + 1 }, entries: [] };
  }
  return resetKind(today, dying, { kind: 'free', granted: allowance, expiresAtMs }, atMs, 'daily_free_credits');
};

/** When a cycle's running step ends (R13); `null` while it waits for the payment of the next. */
export const stepEndsAtMs = ({ anchorMs, step, paid }: Cycle): number | null => {
  const endsAtMs = addMonthsMs(anchorMs, step + 1);
  if (paid === undefined) return endsAtMs;
  if (paid.graceUntilMs !== null) return null;
  // Stripe counts a period's end itself, in seconds: where both mean the same day, what was paid for is what counts.
  return endsAtMs > paid.untilMs - DAY_MS ? paid.untilMs : endsAtMs;
};

export const cycleEndsAtMs = ({ cycle }: Account): number | null => (cycle === null ? null : stepEndsAtMs(cycle));

/** The grants of the running step. */
export const runningGrants = (account: Account): readonly Grant[] => {
  const endsAtMs = account.cycle?.paid?.graceUntilMs ?? cycleEndsAtMs(account);
  return account.grants.filter((grant) => grant.kind === 'subscription' && grant.expiresAtMs === endsAtMs);
};

/** A step's end: a month of an agreement or of what was paid for begins the next, the end of what was paid for does not. */
export const crossCycle = (account: Account, catalog: Catalog, atMs: number): Step => {
  const { cycle } = account;
  if (cycle === null) return { account, entries: [] };
  if (cycle.paid === undefined || atMs < cycle.paid.untilMs) return crossMonth(account, cycle, atMs);
  return cycle.paid.renews
    ? crossIntoGrace(account, cycle, cycle.paid, catalog, atMs)
    : endSubscription(account, catalog, atMs);
};

/** Unused credits do not roll over, the next month's begin (R13); none where the plan has gone. */
const crossMonth = (account: Account, cycle: Cycle, atMs: number): Step => {
  const running = { ...cycle, step: cycle.step + 1 };
  const gone = running.creditsPerCycle === 0 && running.paid === undefined;
  const expiresAtMs = stepEndsAtMs(running) ?? atMs;
  const next = { kind: 'subscription', granted: running.creditsPerCycle, expiresAtMs } as const;
  const moved = { ...account, cycle: gone ? null : running };
  const reset = resetKind(moved, runningGrants(account), next, atMs, 'billing_cycle');
  const line = { atMs, reason: 'payment_returned' };
  return andThen(reset, (begun) => takeBackRunning(begun, cycle.paid?.share ?? null, line));
};

/** R20: makes the running grant as much smaller as its period's money is, whole where none of it went back. */
export const takeBackRunning = (account: Account, share: Share | null, line: Parameters<typeof takeBack>[3]): Step => {
  const [grant] = runningGrants(account);
  return grant === undefined
    ? { account, entries: [] }
    : takeBack(account, grant.id, dueBack(grant.granted, share), line);
};

/** R13: until the next period is paid, the old credits stay usable, for a while. A downgrade takes hold now (R18). */
const crossIntoGrace = (account: Account, cycle: Cycle, paid: PaidPeriod, catalog: Catalog, atMs: number): Step => {
  const graceUntilMs = atMs + catalog.subscription.graceHours * HOUR_MS;
  const plan = planOrFree(catalog, paid.nextPlanId ?? account.planId);
  const kept = runningGrants(account);
  const waiting: Account = {
    ...account,
    planId: plan.id,
    dailyRunLimit: plan.id === account.planId ? account.dailyRunLimit : plan.dailyRunLimit,
    cycle: { ...cycle, creditsPerCycle: plan.creditsPerCycle, paid: { ...paid, nextPlanId: null, graceUntilMs } },
    grants: account.grants.map((grant) => (kept.includes(grant) ? { ...grant, expiresAtMs: graceUntilMs } : grant)),
  };
  const changes = kept.map(({ id, kind }) => ({ grantId: id, kind, credits: 0, expiresAtMs: graceUntilMs }));
  const replanned = plan.id === account.planId ? {} : { planId: plan.id };
  if (changes.length === 0 && plan.id === account.planId) return { account: waiting, entries: [] };
  return record(waiting, { atMs, kind: 'adjustment', changes, reason: 'awaiting_payment', ...replanned });
};

/** R18, R19: a subscription is over: its credits end, and the account is on the free plan. */
export const endSubscription = (account: Account, catalog: Catalog, atMs: number): Step => {
  const free = planOrFree(catalog, FREE_PLAN_ID);
  const ended = endGrants(account, runningGrants(account), atMs);
  const left = { ...ended.account, cycle: null, planId: free.id, dailyRunLimit: free.dailyRunLimit };
  return record(left, {
    atMs,
    kind: 'expiry',
    changes: ended.changes,
    reason: 'subscription_ended',
    planId: free.id,
  });
};

/** Everything that ends at this instant by its own expiry (R14, R15). Grants with nothing left leave no line. */
export const crossExpiries = (account: Account, atMs: number): Step => {
  const ended = endGrants(
    account,
    account.grants.filter((grant) => isDue(account, grant, atMs)),
    atMs,
  );
  if (ended.changes.length === 0) return { account: ended.account, entries: [] };
  return record(ended.account, { atMs, kind: 'expiry', changes: ended.changes, reason: 'expired' });
};

/** Whether a grant has yet to be ended: one that is empty and drawn on has been. */
const isDue = (account: Account, grant: Grant, atMs: number): boolean =>
  grant.expiresAtMs <= atMs && (grant.remaining > 0 || !isDrawnOn(account, grant.id));

/** The next instant at which a grant ends by its own expiry. */
export const nextExpiryMs = (account: Account): number =>
  Math.min(
    ...account.grants.filter((grant) => isDue(account, grant, grant.expiresAtMs)).map((grant) => grant.expiresAtMs),
    Number.POSITIVE_INFINITY,
  );
