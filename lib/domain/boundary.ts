import type { Account, Grant } from './account.ts';
import { beginGrant } from './begin-grant.ts';
import type { Plan } from './catalog.ts';
import type { Change } from './entry.ts';
import { record, type Step } from './give-back.ts';
import { addMonthsMs, DAY_MS } from './time.ts';

/** Whether a hold draws on a grant: credits may still come back to it. */
export const isDrawnOn = (account: Account, grantId: number): boolean =>
  account.holds.some((hold) => hold.parts.some((part) => part.grantId === grantId));

/** Ends grants: what they have left expires. One that a hold still draws on stays, empty, until the hold has ended (R15). */
const endGrants = (account: Account, dying: readonly Grant[]): { account: Account; changes: readonly Change[] } => {
  const ids = new Set(dying.map((grant) => grant.id));
  const grants = account.grants
    .filter((grant) => !ids.has(grant.id) || isDrawnOn(account, grant.id))
    .map((grant) => (ids.has(grant.id) ? { ...grant, remaining: 0 } : grant));
  const changes = dying
    .filter((grant) => grant.remaining > 0)
    .map((grant) => ({ grantId: grant.id, kind: grant.kind, credits: -grant.remaining }));
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
  const ended = endGrants(account, dying);
  const begun = beginGrant(ended.account, next);
  const changes = [...ended.changes, ...begun.changes];
  return changes.length === 0
    ? { account: begun.account, entries: [] }
    : record(begun.account, { atMs, kind: 'reset', changes, reason });
};

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
  const untouched = dying.length === 1 && dying[0]?.remaining === allowance && dying[0].granted === allowance;
  if (untouched) {
    const grants = today.grants.map((grant) => (dying.includes(grant) ? { ...grant, expiresAtMs } : grant));
    // The drawing order may be another now (R5): plans made before must not fit any more.
    return { account: { ...today, grants, nextOrdinal: today.nextOrdinal + 1 }, entries: [] };
  }
  return resetKind(today, dying, { kind: 'free', granted: allowance, expiresAtMs }, atMs, 'daily_free_credits');
};

/** When the cycle's running step ends (R13). */
export const cycleEndsAtMs = (account: Account): number | null =>
  account.cycle === null ? null : addMonthsMs(account.cycle.anchorMs, account.cycle.step + 1);

/** A billing cycle's next step: unused credits do not roll over, the next month's begin (R13); none where the plan has gone. */
export const crossCycle = (account: Account, atMs: number): Step => {
  if (account.cycle === null) return { account, entries: [] };
  const running = { ...account.cycle, step: account.cycle.step + 1 };
  const cycle = running.creditsPerCycle === 0 ? null : running;
  const expiresAtMs = addMonthsMs(running.anchorMs, running.step + 1);
  const dying = account.grants.filter((grant) => grant.kind === 'subscription' && grant.expiresAtMs === atMs);
  const next = { kind: 'subscription', granted: running.creditsPerCycle, expiresAtMs } as const;
  return resetKind({ ...account, cycle }, dying, next, atMs, 'billing_cycle');
};

/** Everything that ends at this instant by its own expiry (R14, R15). Grants with nothing left leave no line. */
export const crossExpiries = (account: Account, atMs: number): Step => {
  const ended = endGrants(
    account,
    account.grants.filter((grant) => isDue(account, grant, atMs)),
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
