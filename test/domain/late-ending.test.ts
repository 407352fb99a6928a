import { describe, expect, test } from 'vitest';
import type { Account } from '../../lib/domain/account.ts';
import { advance } from '../../lib/domain/advance.ts';
import { balanceOf } from '../../lib/domain/balance.ts';
import type { Entry } from '../../lib/domain/entry.ts';
import { type Ending, endRun, type RunRecord } from '../../lib/domain/run-record.ts';
import { accountAt, at, CATALOG, grant, holdOf, part } from './account-samples.ts';

const EVENING = '2026-03-01T23:30:00Z';
const JUST_BEFORE = '2026-03-01T23:59:59.990Z';
const MIDNIGHT = '2026-03-02T00:00:00Z';
const AFTER = '2026-03-02T00:00:01Z';
const FAILED: Ending = { outcome: 'failed', reason: 'x' };

const endings = (account: Account, ending: Ending): ReadonlyMap<string, RunRecord> =>
  new Map(account.holds.map((hold) => [hold.runUuid, endRun(hold, ending, at(JUST_BEFORE))]));

/** A record of just before midnight, seen in time; and seen only after somebody had brought the account over midnight. */
const inTimeAndLate = (before: Account, ending: Ending) => {
  const records = endings(before, ending);
  const inTime = advance(before, records, CATALOG, at(AFTER));
  const crossed = advance(before, new Map(), CATALOG, at(MIDNIGHT));
  const late = advance(crossed.account, records, CATALOG, at(AFTER));
  return { inTime, late: { ...late, entries: [...crossed.entries, ...late.entries] } };
};

const free = (remaining: number) => grant(1, 'free', remaining, MIDNIGHT, 10);
const heldFree = holdOf(1, '2026-03-02T00:30:00Z', [part(1, 'free', 6)]);
const heldPromo = (credits: number) => holdOf(2, '2026-03-02T00:30:00Z', [part(2, 'promotional', credits)]);
const promo = (ends: string) => grant(2, 'promotional', 4, ends, 10);

/**
 * A settle that crashed between its two writes, or raced a sweep: its record stands with an instant that the account has passed
 * already. It counts from its own instant all the same.
 */
describe('an outcome seen late comes to the same as in time', () => {
  test.each([
    ['free credits end with their day', [free(4)], [heldFree], FAILED],
    ['free credits all held end with their day', [free(0)], [{ ...heldFree, parts: [part(1, 'free', 10)] }], FAILED],
    ['a settle charges what it held', [free(4)], [heldFree], { outcome: 'settled', cost: 2 }],
    ['promotional credits live on', [promo('2026-04-01T00:00:00Z')], [heldPromo(6)], FAILED],
    ['promotional credits that ended meanwhile are over', [promo(MIDNIGHT)], [heldPromo(6)], FAILED],
    ['and all of it at once', [free(4), promo(MIDNIGHT)], [heldFree, heldPromo(6)], { outcome: 'settled', cost: 5 }],
  ] as const)('%s', (_, grants, holds, ending) => {
    const { inTime, late } = inTimeAndLate(accountAt(EVENING, { grants, holds }), ending);
    const lost = (entries: readonly Entry[]) =>
      entries.flatMap((entry) => entry.changes.filter((change) => change.kind === 'promotional' && change.credits < 0));
    const shown = (account: Account) => {
      const { grants: _grants, ...balance } = balanceOf(account, at(AFTER));
      return { ...balance, grants: account.grants.map(({ id: _id, ...each }) => each) };
    };
    expect(shown(late.account)).toEqual(shown(inTime.account));
    expect(late.lapsed).toEqual([]);
    expect(lost(late.entries).reduce((sum, change) => sum + change.credits, 0)).toBe(
      lost(inTime.entries).reduce((sum, change) => sum + change.credits, 0),
    );
  });

  test('and does not give today a run back that yesterday counted', () => {
    const { late } = inTimeAndLate(accountAt(EVENING, { grants: [free(4)], holds: [heldFree] }), FAILED);
    expect(late.account.runs).toEqual({ day: 20514, used: 0 });
  });

  test('a late line says when the credits ended, not when it was written', () => {
    const before = accountAt(EVENING, { grants: [free(4)], holds: [heldFree] });
    const { late } = inTimeAndLate(before, FAILED);
    expect(late.entries.map(({ atMs, kind, changes }) => [kind, atMs, changes.map((each) => each.credits)])).toEqual([
      ['reset', at(MIDNIGHT), [-4, 10]],
      ['expiry', at(MIDNIGHT), [-6]],
    ]);
  });

  test('an outcome on record is not lapsed again at its deadline', () => {
    const before = accountAt(EVENING, { grants: [free(4)], holds: [heldFree] });
    const { account, lapsed } = advance(before, endings(before, FAILED), CATALOG, at('2026-03-02T09:00:00Z'));
    expect(lapsed).toEqual([]);
    expect(account.holds).toEqual([]);
  });

  test('an outcome of a host whose clock is ahead waits for its instant', () => {
    const before = accountAt(EVENING, { grants: [free(4)], holds: [heldFree] });
    const { account } = advance(before, endings(before, FAILED), CATALOG, at(JUST_BEFORE) - 1);
    expect(account.holds).toHaveLength(1);
    expect(balanceOf(account, at(JUST_BEFORE) - 1)).toMatchObject({ available: 4, held: 6 });
  });
});
