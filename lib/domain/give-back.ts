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

/** Credits a run drew from a grant and did not use. */
interface Unused {
  readonly grantId: number;
  readonly credits: number;
}

const grantOf = (account: Account, { grantId }: Unused, runUuid: string): Grant => {
  const grant = account.grants.find((each) => each.id === grantId);
  if (grant === undefined) throw new Error(`grant ${grantId} of ${runUuid} is gone while a hold draws on it`);
  return grant;
};

/** What became of them: the grant as it is now, and what is to be told of it. */
interface Returned {
  readonly grant: Grant;
  readonly told: Partial<Record<'clawback' | 'expiry' | 'adjustment', Change>>;
}

/** R20: what comes back of credits whose money went back before goes the same way. The rest is the account's to keep (R15). */
const returnTo = (grant: Grant, credits: number, atMs: number): Returned => {
  const { taken = 0, owed = 0 } = grant.back ?? {};
  const gone = Math.min(owed, credits);
  const kept = credits - gone;
  const about = { grantId: grant.id, kind: grant.kind };
  const clawback = gone === 0 ? {} : { clawback: { ...about, credits: -gone } };
  const less = gone === 0 ? grant : { ...grant, back: { taken: taken + gone, owed: owed - gone } };
  const more = { ...less, remaining: less.remaining + kept };
  if (kept === 0 || isAlive(grant, atMs)) return { grant: more, told: clawback };
  if (grant.kind === 'free') return { grant: less, told: { ...clawback, expiry: { ...about, credits: -kept } } };
  const expiresAtMs = atMs + RETURNED_VALID_MS;
  return {
    grant: { ...more, expiresAtMs },
    told: { ...clawback, adjustment: { ...about, credits: 0, expiresAtMs } },
  };
};

/**
 * R15: credits a run held and did not use return to their grants where these live at `atMs`. Where one has died meanwhile, free
 * credits lapse; paid and promotional ones come back in it for 24 hours more. What is owed of a grant is taken first (R20). A line
 * for all that is taken, one for all that lapses and one for all that comes back: at most three, from however many grants.
 */
export const giveBack = (account: Account, unused: readonly Unused[], runUuid: string, atMs: number): Step => {
  const returned = unused.map((part) => returnTo(grantOf(account, part, runUuid), part.credits, atMs));
  const given = returned.reduce((before, { grant }) => withGrant(before, grant), account);
  const tell =
    (kind: keyof Returned['told'], reason: string) =>
    (before: Account): Step => {
      const changes = returned.flatMap(({ told }) => told[kind] ?? []);
      return changes.length === 0
        ? { account: before, entries: [] }
        : record(before, { atMs, kind, changes, reason, runUuid });
    };
  const clawed = tell('clawback', 'returned_after_refund')(given);
  const lapsed = andThen(clawed, tell('expiry', 'returned_after_expiry'));
  return andThen(lapsed, tell('adjustment', 'returned_after_expiry'));
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
