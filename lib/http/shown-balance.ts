import type * as z from 'zod/mini';
import type { Account } from '../domain/account.ts';
import { balanceOf } from '../domain/balance.ts';
import type { balance } from './contract/account.ts';
import { grantIdOf, iso } from './shown.ts';

/** R22, as the API shows it. */
export const shownBalance = (account: Account, nowMs: number): z.infer<typeof balance> => {
  const { available, held, grants, progress, runsToday, planId, nextResetAtMs } = balanceOf(account, nowMs);
  return {
    available,
    held,
    grants: grants.map(({ id, expiresAtMs, ...grant }) => ({
      ...grant,
      id: grantIdOf(id),
      expiresAt: iso(expiresAtMs),
    })),
    progress,
    runsToday: { used: runsToday.used, limit: runsToday.limit, resetsAt: iso(runsToday.resetsAtMs) },
    plan: planId,
    nextResetAt: iso(nextResetAtMs),
    asOf: iso(nowMs),
  };
};
