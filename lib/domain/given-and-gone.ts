import type { Account, Grant } from './account.ts';
import { beginGrant } from './begin-grant.ts';
import type { Entry } from './entry.ts';
import { andThen, record, type Step } from './give-back.ts';

/** I5: credits whose time is over when their payment is heard of: given, and expired, in two lines. */
export const givenAndGone = (
  account: Account,
  grant: Pick<Grant, 'kind' | 'granted' | 'expiresAtMs'>,
  line: Omit<Entry, 'ordinal' | 'changes' | 'kind'>,
): Step => {
  const begun = beginGrant(account, grant);
  const [given] = begun.changes;
  if (given === undefined) return { account, entries: [] };
  const over = { ...begun.account, grants: account.grants };
  const changes = [{ grantId: given.grantId, kind: given.kind, credits: -given.credits }];
  return andThen(record(over, { ...line, kind: 'grant', changes: begun.changes }), (next) =>
    record(next, { ...line, kind: 'expiry', changes, reason: 'heard_of_too_late' }),
  );
};
