import type { Account } from '../../lib/domain/account.ts';
import { balanceOf } from '../../lib/domain/balance.ts';

/** What an account's owner sees of it (R8, R22). */
export interface Seen {
  readonly available: number;
  readonly held: number;
  readonly runsUsed: number;
}

/** Of an account valid at `nowMs`. */
export const seenOf = (account: Account, nowMs: number): Seen => {
  const { available, held, runsToday } = balanceOf(account, nowMs);
  return { available, held, runsUsed: runsToday.used };
};

export const isSame = (a: Seen, b: Seen): boolean =>
  a.available === b.available && a.held === b.held && a.runsUsed === b.runsUsed;
