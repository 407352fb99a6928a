import type { Account, Approval, Hold } from './account.ts';
import { availableCredits, type Draw, drawFrom } from './draw.ts';
import type { Refusal } from './refusal.ts';
import { MINUTE_MS, nextMidnightMs } from './time.ts';

/** How one write places a hold: everything its condition compares, worked out beforehand (a condition cannot do arithmetic). */
export interface HoldPlan {
  readonly draws: readonly Draw[];
  /** The account's `nextOrdinal`: unchanged, no grant has come, gone or changed its expiry since the draws were chosen. */
  readonly nextOrdinal: number;
  /** The account's `holdsValidUntilMs`, and the earliest deadline of its holds. */
  readonly boundMs: number | null;
  readonly earliestDeadlineMs: number | null;
}

/**
 * What placing a hold does to `holdsValidUntilMs`. `keep`: leave it if it is not later than this deadline, set it if there is
 * none; parallel holds do not disturb each other. `replace`: it has passed, or is later than this deadline; swap what was seen.
 */
export type DeadlineBound =
  | { readonly how: 'keep'; readonly ms: number }
  | { readonly how: 'replace'; readonly seenMs: number; readonly ms: number };

/** Clocks of two hosts differ; a bound set this much early still lies before a deadline given a little later elsewhere. */
const BOUND_EARLY_MS = MINUTE_MS;

export const deadlineBound = (plan: HoldPlan, deadlineMs: number, nowMs: number): DeadlineBound => {
  const own = deadlineMs - Math.min(BOUND_EARLY_MS, Math.floor((deadlineMs - nowMs) / 2));
  const seenMs = plan.boundMs;
  if (seenMs === null || (nowMs < seenMs && seenMs <= deadlineMs)) return { how: 'keep', ms: own };
  return { how: 'replace', seenMs, ms: Math.min(own, plan.earliestDeadlineMs ?? own) };
};

/** Whether the account, as stored, is still true at `nowMs`: nothing has happened by itself since. */
export const isCurrent = (account: Account, nowMs: number): boolean =>
  account.ver > 0 && nowMs < account.validUntilMs && account.holds.every((hold) => nowMs < hold.deadlineMs);

/**
 * Plans a hold on an account valid at `nowMs` (R5), for the owner (R4) or under their standing rule. Refuses with
 * `approval_required`, `daily_run_limit_reached` (R8) or `insufficient_credits`.
 */
export const planHold = (
  account: Account,
  hold: { readonly credits: number; readonly approval: Approval },
  nowMs: number,
): HoldPlan | Refusal => {
  if (hold.approval.how === 'standing_rule' && !ruleApproves(account, hold.credits)) {
    return { refused: 'approval_required' };
  }
  const limit = account.dailyRunLimit;
  if (limit !== null && account.runs.used >= limit) {
    return { refused: 'daily_run_limit_reached', limit, resetsAtMs: nextMidnightMs(nowMs) };
  }
  const draws = drawFrom(account, hold.credits, nowMs);
  if (draws === null) {
    return { refused: 'insufficient_credits', needed: hold.credits, available: availableCredits(account, nowMs) };
  }
  return {
    draws,
    nextOrdinal: account.nextOrdinal,
    boundMs: account.holdsValidUntilMs,
    earliestDeadlineMs: account.holds.length === 0 ? null : Math.min(...account.holds.map((each) => each.deadlineMs)),
  };
};

/** R4: whether the owner's standing rule says yes to so many credits. */
export const ruleApproves = (account: Account, credits: number): boolean =>
  account.rule.autoApproveUpTo !== null && credits <= account.rule.autoApproveUpTo;

/** The hold a plan makes. */
export const holdFrom = (plan: HoldPlan, terms: Omit<Hold, 'parts'>): Hold => ({
  ...terms,
  parts: plan.draws
    .filter((draw) => draw.credits > 0)
    .map(({ grantId, kind, credits }) => ({ grantId, kind, credits })),
});
