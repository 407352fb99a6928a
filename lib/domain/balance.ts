import type { Account, Grant } from './account.ts';
import { cycleEndsAtMs } from './boundary.ts';
import { availableCredits, drawingOrder, isAlive } from './draw.ts';
import { heldOf, sum } from './run-record.ts';
import { nextMidnightMs } from './time.ts';

export interface GrantBalance extends Grant {
  readonly held: number;
}

/** R22: what an account's owner sees. Held and spent are told apart. */
export interface Balance {
  readonly available: number;
  readonly held: number;
  /** In drawing order; a grant that has ended is listed while a hold still draws on it. */
  readonly grants: readonly GrantBalance[];
  readonly progress: { readonly used: number; readonly total: number };
  readonly runsToday: { readonly used: number; readonly limit: number | null; readonly resetsAtMs: number };
  readonly planId: string;
  readonly nextResetAtMs: number;
}

export const heldFrom = (account: Account, grantId: number): number =>
  sum(
    account.holds.flatMap((hold) => hold.parts.filter((part) => part.grantId === grantId).map((part) => part.credits)),
  );

/** What a grant was, less what has gone with its money (R20): that was not used. */
const keptOf = ({ granted, back }: Grant): number => granted - (back?.taken ?? 0);

/** The balance of an account valid at `nowMs`. */
export const balanceOf = (account: Account, nowMs: number): Balance => {
  const grants = account.grants
    .map((grant) => ({ ...grant, held: heldFrom(account, grant.id) }))
    .filter((grant) => isAlive(grant, nowMs) || grant.held > 0)
    .sort(drawingOrder);
  const live = grants.filter((grant) => isAlive(grant, nowMs));
  return {
    available: availableCredits(account, nowMs),
    held: sum(account.holds.map(heldOf)),
    grants,
    progress: {
      used: sum(live.map((grant) => keptOf(grant) - grant.remaining - grant.held)),
      total: sum(live.map(keptOf)),
    },
    runsToday: { used: account.runs.used, limit: account.dailyRunLimit, resetsAtMs: nextMidnightMs(nowMs) },
    planId: account.planId,
    nextResetAtMs: Math.min(nextMidnightMs(nowMs), cycleEndsAtMs(account) ?? Number.POSITIVE_INFINITY),
  };
};
