import type { Account, Grant } from './account.ts';
import type { Change } from './entry.ts';

export interface Begun {
  readonly account: Account;
  readonly changes: readonly Change[];
}

/** A new grant with all its credits, under the account's next ordinal; none for no credits. The caller writes the line. */
export const beginGrant = (account: Account, grant: Pick<Grant, 'kind' | 'granted' | 'expiresAtMs'>): Begun => {
  if (grant.granted === 0) return { account, changes: [] };
  const { kind, granted, expiresAtMs } = grant;
  const grantId = account.nextOrdinal;
  return {
    account: {
      ...account,
      grants: [...account.grants, { id: grantId, kind, granted, remaining: granted, expiresAtMs }],
      nextOrdinal: grantId + 1,
    },
    changes: [{ grantId, kind, credits: granted, granted, expiresAtMs }],
  };
};
