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

/** One step after another. */
export const andThen = (step: Step, next: (account: Account) => Step): Step => {
  const { account, entries } = next(step.account);
  return { account, entries: [...step.entries, ...entries] };
};

interface Returned {
  readonly grantId: number;
  readonly credits: number;
  readonly runUuid: string;
}

const grantOf = (account: Account, { grantId, runUuid }: Returned): Grant => {
  const grant = account.grants.find((each) => each.id === grantId);
  if (grant === undefined) throw new Error(`grant ${grantId} of ${runUuid} is gone while a hold draws on it`);
  return grant;
};

/** R20: what comes back of credits whose money went back before goes the same way. */
const takeOwed = (account: Account, part: Returned, atMs: number): Step & { readonly left: number } => {
  const grant = grantOf(account, part);
  const { taken = 0, owed = 0 } = grant.back ?? {};
  const now = Math.min(owed, part.credits);
  if (now === 0) return { account, entries: [], left: part.credits };
  const step = record(withGrant(account, { ...grant, back: { taken: taken + now, owed: owed - now } }), {
    atMs,
    kind: 'clawback',
    changes: [{ grantId: grant.id, kind: grant.kind, credits: -now }],
    reason: 'returned_after_refund',
    runUuid: part.runUuid,
  });
  return { ...step, left: part.credits - now };
};

/** R15, for what is the account's to keep. */
const returnTo = (account: Account, part: Returned, atMs: number): Step => {
  if (part.credits === 0) return { account, entries: [] };
  const grant = grantOf(account, part);
  const returned = { ...grant, remaining: grant.remaining + part.credits };
  if (isAlive(grant, atMs)) return { account: withGrant(account, returned), entries: [] };
  const change: Change = { grantId: grant.id, kind: grant.kind, credits: 0 };
  const line = { atMs, reason: 'returned_after_expiry', runUuid: part.runUuid };
  if (grant.kind === 'free') {
    return record(account, { ...line, kind: 'expiry', changes: [{ ...change, credits: -part.credits }] });
  }
  const expiresAtMs = atMs + RETURNED_VALID_MS;
  const changes = [{ ...change, expiresAtMs }];
  return record(withGrant(account, { ...returned, expiresAtMs }), { ...line, kind: 'adjustment', changes });
};

/**
 * R15: credits a run held and did not use return to their grant if it lives at `atMs`. If it has died meanwhile, free credits
 * lapse; paid and promotional ones come back in it for 24 hours more. What is owed of the grant is taken first (R20).
 */
export const giveBack = (account: Account, part: Returned, atMs: number): Step => {
  const { left, ...step } = takeOwed(account, part, atMs);
  return andThen(step, (owing) => returnTo(owing, { ...part, credits: left }, atMs));
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
