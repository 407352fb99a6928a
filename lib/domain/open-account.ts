import type { Account } from './account.ts';
import type { Plan } from './catalog.ts';
import type { Entry } from './entry.ts';
import { DAY_MS, dayOf, nextMidnightMs } from './time.ts';

export interface Opened {
  readonly account: Account;
  readonly entries: readonly Entry[];
}

/**
 * An account as it is before anybody has written it: on the free plan, with today's free credits (R12). They are the day's and
 * began with it: the line stands there, before what they are spent on that day, whenever the account was first seen.
 */
export const openAccount = (id: string, freePlan: Plan, nowMs: number): Opened => {
  const expiresAtMs = nextMidnightMs(nowMs);
  const granted = freePlan.dailyFreeCredits;
  const account: Account = {
    id,
    ver: 0,
    planId: freePlan.id,
    dailyRunLimit: freePlan.dailyRunLimit,
    cycle: null,
    grants: granted > 0 ? [{ id: 1, kind: 'free', granted, remaining: granted, expiresAtMs }] : [],
    holds: [],
    tombstones: [],
    runs: { day: dayOf(nowMs), used: 0 },
    rule: { autoApproveUpTo: null, version: 0 },
    lowBalanceAt: null,
    nextOrdinal: 2,
    validUntilMs: expiresAtMs,
    holdsValidUntilMs: null,
    dueAtMs: null,
  };
  const entry: Entry = {
    ordinal: 1,
    atMs: dayOf(nowMs) * DAY_MS,
    kind: 'grant',
    changes: granted > 0 ? [{ grantId: 1, kind: 'free', credits: granted, granted, expiresAtMs }] : [],
    reason: 'account_opened',
  };
  return { account, entries: [entry] };
};
