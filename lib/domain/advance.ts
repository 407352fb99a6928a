import type { Account, Hold } from './account.ts';
import { crossCycle, crossExpiries, crossMidnight, cycleEndsAtMs, isAllowance, nextExpiryMs } from './boundary.ts';
import { type Catalog, type Plan, planOrFree } from './catalog.ts';
import { isDrawnOn } from './draw.ts';
import type { Entry } from './entry.ts';
import { giveBack, type Step } from './give-back.ts';
import { tombstoneEndsAtMs, tombstoneOf } from './run-id.ts';
import { endRun, type RunRecord } from './run-record.ts';
import { DAY_MS, dayOf } from './time.ts';

export interface Advanced {
  readonly account: Account;
  /** Lines for the history, in order. */
  readonly entries: readonly Entry[];
  /** Runs that lapsed on the way; their records are yet to be written. */
  readonly lapsed: readonly RunRecord[];
  /** False where `maxWrites` stopped it at an earlier instant; go on from there. */
  readonly complete: boolean;
}

type Happening =
  | { readonly what: 'midnight' | 'cycle' | 'expiry'; readonly atMs: number }
  | { readonly what: 'end'; readonly atMs: number; readonly hold: Hold; readonly record: RunRecord };

/** Ends a hold as its record says, as of the record's instant (R9, R10, R11, R15). A run not settled does not count (R8). */
export const release = (account: Account, hold: Hold, record: RunRecord): Step => {
  const unused = record.parts.map(({ grantId, held, charged }) => ({ grantId, credits: held - charged }));
  const step = giveBack(account, unused, record.runUuid, record.atMs);
  const counted = record.outcome !== 'settled' && dayOf(hold.approvedAtMs) === account.runs.day;
  const holds = account.holds.filter((each) => each.runUuid !== hold.runUuid);
  const runs = { ...account.runs, used: account.runs.used - (counted ? 1 : 0) };
  return { account: { ...step.account, holds, runs }, entries: step.entries };
};

/**
 * At one instant boundaries come before what holds give back: a grant that ends then is dead already. A plan that changes at
 * midnight sharp has changed before the day's free credits come.
 */
const nextHappening = (account: Account, endings: ReadonlyMap<string, RunRecord>): Happening => {
  const boundaries: Happening[] = [
    { what: 'cycle', atMs: cycleEndsAtMs(account) ?? Number.POSITIVE_INFINITY },
    { what: 'midnight', atMs: (account.runs.day + 1) * DAY_MS },
    { what: 'expiry', atMs: nextExpiryMs(account) },
  ];
  const ends = account.holds.map((hold): Happening => {
    const record = endings.get(hold.runUuid) ?? endRun(hold, { outcome: 'expired' }, hold.deadlineMs);
    return { what: 'end', atMs: record.atMs, hold, record };
  });
  return [...boundaries, ...ends].reduce((first, each) => (each.atMs < first.atMs ? each : first));
};

const cross = (account: Account, next: Happening, catalog: Catalog): Step => {
  switch (next.what) {
    case 'midnight':
      return crossMidnight(account, planOrFree(catalog, account.planId), next.atMs);
    case 'cycle':
      return crossCycle(account, catalog, next.atMs);
    case 'expiry':
      return crossExpiries(account, next.atMs);
    case 'end':
      return release(account, next.hold, next.record);
  }
};

/**
 * The account as it is at `nowMs`: every midnight, cycle end, expiry and end of a hold since, in order of their instants, as
 * though each had been acted on in its own millisecond (R7, R8, R11–R15). The same for a read, a write and a sweep, however
 * late. `endings` are the outcomes already on record of runs the account still holds. Stops once `maxWrites` lines are due.
 */
export const advance = (
  stored: Account,
  endings: ReadonlyMap<string, RunRecord>,
  catalog: Catalog,
  nowMs: number,
  maxWrites = Number.POSITIVE_INFINITY,
): Advanced => {
  let account = stored;
  const entries: Entry[] = [];
  const lapsed: RunRecord[] = [];
  let next = nextHappening(account, endings);
  while (next.atMs <= nowMs && entries.length + lapsed.length < maxWrites) {
    if (next.what === 'end' && !endings.has(next.record.runUuid)) lapsed.push(next.record);
    const step = cross(account, next, catalog);
    account = step.account;
    entries.push(...step.entries);
    next = nextHappening(account, endings);
  }
  const bound = Math.min(stored.validUntilMs, stored.holdsValidUntilMs ?? Number.POSITIVE_INFINITY);
  if (account === stored && nowMs < bound) return { account, entries, lapsed, complete: true };
  const complete = next.atMs > nowMs;
  const ended = stored.holds.filter((hold) => !account.holds.includes(hold)).map((hold) => tombstoneOf(hold.runUuid));
  const tombstones = [...stored.tombstones, ...ended].filter((mark) => nowMs < tombstoneEndsAtMs(mark));
  return {
    account: withBounds({ ...account, tombstones }, catalog, complete ? nowMs : next.atMs - 1),
    entries,
    lapsed,
    complete,
  };
};

/** All bounds, exact for an account valid at `asOfMs`. Empty grants count too: credits may still come back to them. */
export const withBounds = (account: Account, catalog: Catalog, asOfMs: number): Account => {
  const expiries = account.grants.map((grant) => grant.expiresAtMs).filter((expiresAtMs) => expiresAtMs > asOfMs);
  const cycleEnd = cycleEndsAtMs(account) ?? Number.POSITIVE_INFINITY;
  const deadlines = account.holds.map((hold) => hold.deadlineMs);
  return {
    ...account,
    validUntilMs: Math.min((account.runs.day + 1) * DAY_MS, cycleEnd, ...expiries),
    holdsValidUntilMs: deadlines.length === 0 ? null : Math.min(...deadlines),
    dueAtMs: dueAtMs(account, planOrFree(catalog, account.planId), asOfMs),
  };
};

/** When something happens that leaves a line. An empty grant leaves none when it ends, unless a hold gives back to it. */
const dueAtMs = (account: Account, plan: Plan, asOfMs: number): number | null => {
  const ends = account.grants
    .filter((grant) => grant.expiresAtMs > asOfMs)
    .filter((grant) =>
      grant.kind === 'free' ? !isAllowance(grant, plan) : grant.remaining > 0 || isDrawnOn(account, grant.id),
    )
    .map((grant) => grant.expiresAtMs);
  const due = Math.min(cycleEndsAtMs(account) ?? Number.POSITIVE_INFINITY, ...ends);
  return due === Number.POSITIVE_INFINITY ? null : due;
};
