import type { Account, Grant } from './account.ts';
import { beginGrant } from './begin-grant.ts';
import { isAlive } from './draw.ts';
import type { Change, Entry } from './entry.ts';
import { RETURNED_VALID_MS } from './time.ts';

/** What an instant does to an account: its next state, and the line for its history where the balance or an expiry changed. */
export interface Step {
  readonly account: Account;
  readonly entries: readonly Entry[];
}

export const withGrant = (account: Account, changed: Grant): Account => ({
  ...account,
  grants: account.grants.map((grant) => (grant.id === changed.id ? changed : grant)),
});

export const record = (account: Account, line: Omit<Entry, 'ordinal'>): Step => ({
  account: { ...account, nextOrdinal: account.nextOrdinal + 1 },
  entries: [{ ordinal: account.nextOrdinal, ...line }],
});

/**
 * R15: credits a run held and did not use return to their grant if it lives at `atMs`. If it has died meanwhile, free credits
 * lapse; paid and promotional ones come back in it for 24 hours more.
 */
export const giveBack = (
  account: Account,
  part: { readonly grantId: number; readonly credits: number; readonly runUuid: string },
  atMs: number,
): Step => {
  const grant = account.grants.find((each) => each.id === part.grantId);
  if (grant === undefined) throw new Error(`grant ${part.grantId} of ${part.runUuid} is gone while a hold draws on it`);
  if (part.credits === 0) return { account, entries: [] };
  const returned = { ...grant, remaining: grant.remaining + part.credits };
  if (isAlive(grant, atMs)) return { account: withGrant(account, returned), entries: [] };
  const change: Change = { grantId: grant.id, kind: grant.kind, credits: 0 };
  if (grant.kind === 'free') {
    return record(account, {
      atMs,
      kind: 'expiry',
      changes: [{ ...change, credits: -part.credits }],
      reason: 'returned_after_expiry',
      runUuid: part.runUuid,
    });
  }
  const expiresAtMs = atMs + RETURNED_VALID_MS;
  return record(withGrant(account, { ...returned, expiresAtMs }), {
    atMs,
    kind: 'adjustment',
    changes: [{ ...change, expiresAtMs }],
    reason: 'returned_after_expiry',
    runUuid: part.runUuid,
  });
};

/** A new grant of its own, as one entry. */
export const addGrant = (
  account: Account,
  grant: Pick<Grant, 'kind' | 'granted' | 'expiresAtMs'>,
  line: Omit<Entry, 'ordinal' | 'changes'>,
): Step => {
  const begun = beginGrant(account, grant);
  return record(begun.account, { ...line, changes: begun.changes });
};
