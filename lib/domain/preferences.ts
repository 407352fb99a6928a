import type { Account } from './account.ts';

/** What is left out stays; `null` clears. */
export interface PreferencesChange {
  readonly autoApproveUpTo?: number | null | undefined;
  readonly lowBalanceAt?: number | null | undefined;
}

/** The account with its preferences set; the very same account where nothing differs. A changed rule is a new version (R4). */
export const setPreferencesOf = (account: Account, change: PreferencesChange): Account => {
  const autoApproveUpTo = change.autoApproveUpTo === undefined ? account.rule.autoApproveUpTo : change.autoApproveUpTo;
  const lowBalanceAt = change.lowBalanceAt === undefined ? account.lowBalanceAt : change.lowBalanceAt;
  const sameRule = autoApproveUpTo === account.rule.autoApproveUpTo;
  if (sameRule && lowBalanceAt === account.lowBalanceAt) return account;
  const rule = sameRule ? account.rule : { autoApproveUpTo, version: account.rule.version + 1 };
  return { ...account, rule, lowBalanceAt };
};
