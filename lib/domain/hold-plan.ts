import type { Account, Approval, Hold } from './account.ts';
import { availableCredits, type Draw, drawFrom } from './draw.ts';
import type { Refusal } from './refusal.ts';
import { MINUTE_MS, nextMidnightMs } from './time.ts';

/** Runs an account holds at a time. Each takes some 80 bytes of its one item, which ends at 400 KB, and makes its writes dearer. */
export const MAX_HOLDS = 1000;

/** Grants one write names. Of an expression DynamoDB takes 300 operators and 4 KB; a condition has two of them for each grant. */
export const MAX_NAMED = 100;

/** How one write places a hold: everything its condition compares, worked out beforehand (a condition cannot do arithmetic). */
export interface HoldPlan {
  readonly draws: readonly Draw[];
  /** The account's `nextOrdinal`: unchanged, no grant has come or changed its expiry since the draws were chosen. */
  readonly nextOrdinal: number;
  /** The account's version, which every write raises. */
  readonly ver: number;
  /** The account's `holdsValidUntilMs`. */
  readonly boundMs: number | null;
  /**
   * No hold's deadline falls before it, of those seen and, for as long as the bound is what it was, of those placed since.
   * From this instant on the plan is old: a hold it does not know of, or took for live, may have lapsed.
   */
  readonly earliestDeadlineMs: number | null;
}

/**
 * What placing a hold does to `holdsValidUntilMs`. `keep`: leave it if it has not passed and is not later than this deadline, set
 * it if there is none; parallel holds do not disturb each other. `lower`: it is later than this deadline; swap the bound seen.
 * `raise`: it had passed when the plan was made; swap it on the version seen, for a hold under way since before it passed may
 * come to write after it and leave it as it is.
 */
export type DeadlineBound =
  | { readonly how: 'keep'; readonly ms: number }
  | { readonly how: 'lower' | 'raise'; readonly seen: number; readonly ms: number };

/** Clocks of two hosts differ; a bound set this much early still lies before a deadline given a little later elsewhere. */
const BOUND_EARLY_MS = MINUTE_MS;

/** An old plan keeps a bound that has passed, which the write refuses; what has lapsed is then seen, and a new plan made. */
export const deadlineBound = (plan: HoldPlan, deadlineMs: number, nowMs: number): DeadlineBound => {
  const own = deadlineMs - Math.min(BOUND_EARLY_MS, Math.floor((deadlineMs - nowMs) / 2));
  const { boundMs: seenMs, earliestDeadlineMs } = plan;
  const old = earliestDeadlineMs !== null && earliestDeadlineMs <= nowMs;
  if (seenMs === null || old || (nowMs < seenMs && seenMs <= deadlineMs)) return { how: 'keep', ms: own };
  const ms = Math.min(own, earliestDeadlineMs ?? own);
  return nowMs < seenMs ? { how: 'lower', seen: seenMs, ms } : { how: 'raise', seen: plan.ver, ms };
};

/** Whether the account, as stored, is still true at `nowMs`: nothing has happened by itself since. */
export const isCurrent = (account: Account, nowMs: number): boolean =>
  account.ver > 0 && nowMs < account.validUntilMs && account.holds.every((hold) => nowMs < hold.deadlineMs);

/**
 * Plans a hold on an account valid at `nowMs` (R5), for the owner (R4) or under their standing rule. Refuses with
 * `approval_required`, `daily_run_limit_reached` (R8), `insufficient_credits`, or `unavailable` until one of so many holds has ended.
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
  if (account.holds.length >= MAX_HOLDS) return { refused: 'unavailable', retryAfterSeconds: 60 };
  const boundMs = account.holdsValidUntilMs;
  // Until the bound passes, holds with any deadline from it on may be placed without moving it.
  const unseen = boundMs !== null && nowMs < boundMs ? [boundMs] : [];
  const deadlines = [...account.holds.map((each) => each.deadlineMs), ...unseen];
  return {
    draws,
    nextOrdinal: account.nextOrdinal,
    ver: account.ver,
    boundMs,
    earliestDeadlineMs: deadlines.length === 0 ? null : Math.min(...deadlines),
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
