import type { Account, Grant, GrantKind, Hold, Part } from '../../lib/domain/account.ts';
import { withBounds } from '../../lib/domain/advance.ts';
import type { Catalog, Plan } from '../../lib/domain/catalog.ts';
import { dayOf, HOUR_MS } from '../../lib/domain/time.ts';

/** An instant from its ISO text, so that tables can be read. */
export const at = (iso: string): number => {
  const ms = Date.parse(iso);
  if (Number.isNaN(ms)) throw new Error(`${iso} is no instant`);
  return ms;
};

/** A run's id: a UUIDv7 of the instant of its estimate, told apart by a number below 4096. */
export const runUuidAt = (ms: number, number: number): string => {
  const hex = ms.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7${number.toString(16).padStart(3, '0')}-8000-000000000000`;
};

const plan = (id: string, daily: number, perCycle: number, limit: number | null): Plan => ({
  id,
  name: id,
  price: null,
  creditsPerCycle: perCycle,
  dailyFreeCredits: daily,
  dailyRunLimit: limit,
  listed: true,
});

/** Few credits, so that random histories run out of them often. */
export const PLANS = {
  free: plan('free', 10, 0, 3),
  small: plan('small', 14, 20, 5),
  big: plan('big', 6, 50, null),
  bare: plan('bare', 0, 0, null),
} as const;

export const catalogOf = (...plans: readonly Plan[]): Catalog => ({
  priceVersion: 'p1',
  plans,
  packs: [],
  tools: [],
  retired: [],
  subscription: { graceHours: 3 },
  promotional: { expiresAfterMonths: 6 },
  enterprise: { description: '', contact: '' },
});

export const CATALOG = catalogOf(...Object.values(PLANS));

/** One grant in a row: id, kind, credits left, when they end; the size where it is another than what is left. */
export const grant = (id: number, kind: GrantKind, remaining: number, ends: string, granted = remaining): Grant => ({
  id,
  kind,
  granted,
  remaining,
  expiresAtMs: at(ends),
});

export const part = (grantId: number, kind: GrantKind, credits: number): Part => ({ grantId, kind, credits });

/** A hold approved an hour before its deadline. */
export const holdOf = (number: number, deadline: string, parts: readonly Part[]): Hold => {
  const deadlineMs = at(deadline);
  const approvedAtMs = deadlineMs - HOUR_MS;
  return {
    runUuid: runUuidAt(approvedAtMs, number),
    tool: 'tool',
    priceVersion: 'p1',
    parts,
    approval: { how: 'explicit' },
    approvedAtMs,
    firstDeadlineMs: deadlineMs,
    deadlineMs,
  };
};

/** An account valid at an instant, on the free plan unless it says otherwise. */
export const accountAt = (
  now: string,
  given: Partial<Omit<Account, 'grants' | 'holds'>> & {
    readonly grants?: readonly Grant[];
    readonly holds?: readonly Hold[];
  } = {},
): Account =>
  withBounds(
    {
      id: 'ann',
      ver: 1,
      planId: 'free',
      dailyRunLimit: 3,
      cycle: null,
      grants: [],
      holds: [],
      tombstones: [],
      runs: { day: dayOf(at(now)), used: given.holds?.length ?? 0 },
      rule: { autoApproveUpTo: null, version: 0 },
      lowBalanceAt: null,
      nextOrdinal: 100,
      validUntilMs: 0,
      holdsValidUntilMs: null,
      dueAtMs: null,
      ...given,
    },
    CATALOG,
    at(now),
  );

/** What is left of each grant, as `{ 1: 10, 2: 0 }`. */
export const left = (account: Account): Record<number, number> =>
  Object.fromEntries(account.grants.map((each) => [each.id, each.remaining]));
