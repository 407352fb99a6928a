import { type Account, GRANT_KINDS, type Grant, type Part } from './account.ts';

export const isAlive = (grant: Grant, nowMs: number): boolean => nowMs < grant.expiresAtMs;

/** Whether a hold draws on a grant: credits may still come back to it. */
export const isDrawnOn = (account: Account, grantId: number): boolean =>
  account.holds.some((hold) => hold.parts.some((part) => part.grantId === grantId));

/** R5: the soonest-expiring first; tie: free, subscription, promotional, pack; then the older grant. */
export const drawingOrder = (a: Grant, b: Grant): number =>
  a.expiresAtMs - b.expiresAtMs || GRANT_KINDS.indexOf(a.kind) - GRANT_KINDS.indexOf(b.kind) || a.id - b.id;

/** What a new hold could take now. The account must be valid at `nowMs`. */
export const availableCredits = (account: Account, nowMs: number): number =>
  account.grants.reduce((total, grant) => total + (isAlive(grant, nowMs) ? grant.remaining : 0), 0);

/** One grant's share of a hold. `exact`: the grant must have just so much, because a later one is drawn on too (R5). */
export interface Draw extends Part {
  readonly exact: boolean;
}

/**
 * Which grants a hold of `credits` draws on (R5), with those before the last that must turn out empty; `null` where there is
 * not enough. Valid for as long as the draws' conditions hold and `nextOrdinal` is what it was. An empty grant is among them only
 * where a hold draws on it: into any other, credits come with a line of history alone, and that raises `nextOrdinal`.
 */
export const drawFrom = (account: Account, credits: number, nowMs: number): readonly Draw[] | null => {
  const usable = (grant: Grant) => isAlive(grant, nowMs) && (grant.remaining > 0 || isDrawnOn(account, grant.id));
  const draws: Draw[] = [];
  let missing = credits;
  for (const grant of account.grants.filter(usable).sort(drawingOrder)) {
    const taken = Math.min(grant.remaining, missing);
    missing -= taken;
    draws.push({ grantId: grant.id, kind: grant.kind, credits: taken, exact: missing > 0 });
    if (missing === 0) return draws;
  }
  return null;
};
