import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import type { Account } from '../../lib/domain/account.ts';
import { advance, withBounds } from '../../lib/domain/advance.ts';
import { balanceOf, heldFrom } from '../../lib/domain/balance.ts';
import { isAlive } from '../../lib/domain/draw.ts';
import type { Entry } from '../../lib/domain/entry.ts';
import { isCurrent } from '../../lib/domain/hold-plan.ts';
import { tombstoneEndsAtMs } from '../../lib/domain/run-id.ts';
import { DAY_MS } from '../../lib/domain/time.ts';
import { CATALOG } from './account-samples.ts';
import type { Driver } from './driver.ts';
import { byEnd, type LotSeen, type Seen } from './plain-lots.ts';

/** `expect` is slow, and nearly always content. */
export const expectSame = <T>(actual: T, expected: T): void => {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected);
};

/** What the core says of an account, in the plain model's words. */
export const seenOf = (driver: Driver): Seen => {
  const { account, lapsed } = driver.view();
  const balance = balanceOf(account, driver.nowMs);
  const records = [...driver.records.values(), ...lapsed];
  const lots = account.grants.map((each): LotSeen => {
    return [each.kind, each.expiresAtMs, each.remaining, heldFrom(account, each.id)];
  });
  return {
    available: balance.available,
    held: balance.held,
    lots: lots.filter(([, , idle, held]) => idle + held > 0).sort(byEnd),
    planId: balance.planId,
    runLimit: balance.runsToday.limit,
    runsUsed: balance.runsToday.used,
    charged: records.flatMap((record) => record.parts).reduce((total, part) => total + part.charged, 0),
    runs: Object.fromEntries([
      ...account.holds.map((hold) => [hold.runUuid, 'held']),
      ...records.map((record) => [record.runUuid, record.outcome]),
    ]),
  };
};

/** All that can be asked of an account, however it was written: for two of one history to be the same in (I6). */
export const stateOf = (driver: Driver) => {
  const { account, entries, lapsed } = driver.view();
  const tombstones = account.tombstones.filter((mark) => driver.nowMs < tombstoneEndsAtMs(mark)).sort();
  const records = [...driver.records.values(), ...lapsed].sort((a, b) => (a.runUuid < b.runUuid ? -1 : 1));
  return {
    account: { ...withBounds(account, driver.catalog, driver.nowMs), ver: 0, tombstones },
    entries: [...driver.entries, ...entries],
    records,
  };
};

/** Outcomes of one millisecond have no order: which of them leaves its line first is left open. */
export const unordered = (entries: readonly Entry[]) =>
  entries
    .map(({ ordinal: _ordinal, runUuid: _runUuid, ...line }) => ({ ...line, text: JSON.stringify(line) }))
    .sort((a, b) => a.atMs - b.atMs || (a.text < b.text ? -1 : 1));

/** What time could have changed of an account; an empty grant that is over and that no hold draws on is nothing. */
const unmoved = (account: Account, nowMs: number) => {
  const { grants, holds, runs, cycle, dailyRunLimit, nextOrdinal } = account;
  const there = grants.filter((each) => isAlive(each, nowMs) || each.remaining > 0 || heldFrom(account, each.id) > 0);
  return { grants: there, holds, runs, cycle, dailyRunLimit, nextOrdinal };
};

/** The stored bounds are never late: while they say that nothing has happened, nothing has. */
export const boundsHold = (driver: Driver): void => {
  const { stored, nowMs } = driver;
  const earliest = Math.min(...stored.holds.map((hold) => hold.deadlineMs));
  expect(stored.holdsValidUntilMs ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(earliest);
  if (isCurrent(stored, nowMs)) {
    const { account, entries, lapsed } = advance(stored, new Map(), CATALOG, nowMs);
    expectSame(
      { account: unmoved(account, nowMs), entries, lapsed },
      { account: unmoved(stored, nowMs), entries: [], lapsed: [] },
    );
  }
  dueHolds(stored);
  const { account } = driver.view();
  const quietUntil = Math.min(account.validUntilMs, account.holdsValidUntilMs ?? nowMs + DAY_MS) - 1;
  if (quietUntil < nowMs) return;
  const later = advance({ ...account, validUntilMs: 0 }, new Map(), CATALOG, quietUntil);
  expectSame(
    { lines: later.entries.length + later.lapsed.length, account: unmoved(later.account, nowMs) },
    { lines: 0, account: unmoved(account, nowMs) },
  );
};

/**
 * No boundary leaves a line before the instant by which sweeps find the account, up to the first deadline. But for the free credits
 * of another plan's first day: of a day on which the allowance was lowered, or that had none, nothing is spent, and there is a line
 * all the same.
 */
const dueHolds = (stored: Account): void => {
  const until = Math.min(stored.validUntilMs + 3 * DAY_MS, ...stored.holds.map((hold) => hold.deadlineMs - 1));
  const { entries } = advance(stored, new Map(), CATALOG, until, 1);
  const today = stored.grants.filter((each) => each.kind === 'free' && each.expiresAtMs >= stored.validUntilMs);
  const unspent = today.every((each) => each.remaining === each.granted);
  const first = entries.find((entry) => !unspent || entry.reason !== 'daily_free_credits');
  if (first !== undefined) expect(stored.dueAtMs ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(first.atMs);
};
