import { describe, expect, test } from 'vitest';
import type { Account } from '../../lib/domain/account.ts';
import { advance } from '../../lib/domain/advance.ts';
import { balanceOf } from '../../lib/domain/balance.ts';
import type { Catalog } from '../../lib/domain/catalog.ts';
import { DAY_MS } from '../../lib/domain/time.ts';
import { accountAt, at, CATALOG, catalogOf, grant, holdOf, left, PLANS, part } from './account-samples.ts';

const EVENING = '2026-03-01T22:00:00Z';
const MIDNIGHT = '2026-03-02T00:00:00Z';
const MIDNIGHT_MS = at(MIDNIGHT);
const free = (remaining: number, granted = 10) => grant(1, 'free', remaining, MIDNIGHT, granted);

const over = (account: Account, catalog: Catalog = CATALOG, nowMs = MIDNIGHT_MS) =>
  advance(account, new Map(), catalog, nowMs);

describe('free credits are reset to the allowance at midnight UTC (R12)', () => {
  const allowance = (dailyFreeCredits: number) => catalogOf({ ...PLANS.free, dailyFreeCredits });
  const held = holdOf(1, '2026-03-02T01:00:00Z', [part(1, 'free', 4)]);
  const allHeld = holdOf(1, '2026-03-02T01:00:00Z', [part(1, 'free', 10)]);

  test.each([
    // what is left, held, tomorrow's allowance → left of each grant, what the line says
    ['untouched: it lives on, unwritten', free(10), [], 10, { 1: 10 }, null],
    ['partly spent', free(3), [], 10, { 100: 10 }, [-3, 10]],
    ['all spent', free(0), [], 10, { 100: 10 }, [10]],
    ['partly held: what is held stays with its run', free(6), [held], 10, { 1: 0, 100: 10 }, [-6, 10]],
    ['all held', free(0), [allHeld], 10, { 1: 0, 100: 10 }, [10]],
    ['the catalog gives more from today', free(10), [], 12, { 100: 12 }, [-10, 12]],
    ['the catalog gives less from today', free(10), [], 7, { 100: 7 }, [-10, 7]],
    ['as much is left as the new allowance gives', free(7), [], 7, { 100: 7 }, [-7, 7]],
    ['the catalog gives none from today', free(10), [], 0, {}, [-10]],
    ['none left and none given', free(0), [], 0, {}, null],
  ])('%s', (_, grant, holds, given, expected, changes) => {
    const { account, entries } = over(accountAt(EVENING, { grants: [grant], holds }), allowance(given));
    expect(left(account)).toEqual(expected);
    expect(balanceOf(account, MIDNIGHT_MS).available).toBe(given);
    expect(entries.map((entry) => entry.changes.map((change) => change.credits))).toEqual(changes ? [changes] : []);
    if (changes) expect(entries).toMatchObject([{ atMs: MIDNIGHT_MS, kind: 'reset', reason: 'daily_free_credits' }]);
  });

  test('not a millisecond sooner', () => {
    const before = accountAt(EVENING, { grants: [free(3)] });
    expect(over(before, CATALOG, MIDNIGHT_MS - 1)).toMatchObject({ account: before, entries: [], lapsed: [] });
  });

  test('they never pile up, however many midnights pass', () => {
    const { account, entries } = over(accountAt(EVENING, { grants: [free(3)] }), CATALOG, MIDNIGHT_MS + 100 * DAY_MS);
    expect(left(account)).toEqual({ 100: 10 });
    expect(account.grants[0]?.expiresAtMs).toBe(MIDNIGHT_MS + 101 * DAY_MS);
    expect(entries).toHaveLength(1);
  });

  test('a plan without daily credits gets none, and its first day on another gets them', () => {
    const bare = accountAt(EVENING, { planId: 'bare', dailyRunLimit: null });
    expect(over(bare)).toMatchObject({ account: { grants: [] }, entries: [] });
    expect(over({ ...bare, planId: 'free' })).toMatchObject({
      account: { grants: [{ kind: 'free', granted: 10, remaining: 10, expiresAtMs: MIDNIGHT_MS + DAY_MS }] },
      entries: [{ kind: 'reset' }],
    });
  });

  test('a refill never lowers another balance', () => {
    const others = [
      grant(2, 'subscription', 7, '2026-03-20T08:00:00Z', 20),
      grant(3, 'promotional', 90, '2026-03-02T00:00:00.001Z'),
      grant(4, 'pack', 500, '2026-09-01T00:00:00Z'),
    ];
    const { account, entries } = over(accountAt(EVENING, { grants: [free(2), ...others] }));
    expect(account.grants).toEqual([...others, expect.objectContaining({ id: 100, kind: 'free', remaining: 10 })]);
    expect(entries.flatMap((entry) => entry.changes.map((change) => change.kind))).toEqual(['free', 'free']);
  });

  test('a plan the catalog has no more is treated as the free one', () => {
    const { account } = over(accountAt(EVENING, { planId: 'gone', dailyRunLimit: 99, grants: [free(0)] }));
    expect(account).toMatchObject({ planId: 'gone', dailyRunLimit: 3, grants: [{ remaining: 10 }] });
  });
});

describe('the day count of runs (R8)', () => {
  const used = (account: Account, nowMs: number) => over(account, CATALOG, nowMs).account.runs;
  const today = accountAt(EVENING, { grants: [free(10)], runs: { day: 20513, used: 3 } });

  test('a counter of yesterday does not linger', () => {
    expect(used(today, MIDNIGHT_MS - 1)).toEqual({ day: 20513, used: 3 });
    expect(used(today, MIDNIGHT_MS)).toEqual({ day: 20514, used: 0 });
    expect(used(today, MIDNIGHT_MS + 9 * DAY_MS)).toEqual({ day: 20523, used: 0 });
  });

  test.each([
    ['a run of today that lapses today', '2026-03-01T23:59:59.999Z', MIDNIGHT_MS - 1, 0],
    ['a run of yesterday that lapses at midnight', '2026-03-02T00:00:00Z', MIDNIGHT_MS, 0],
    ['a run of yesterday that lapses today', '2026-03-02T00:30:00Z', MIDNIGHT_MS + DAY_MS / 2, 0],
    ['a run of yesterday that is still held', '2026-03-02T00:30:00Z', MIDNIGHT_MS, 0],
    ['a run of today that is still held', '2026-03-01T22:30:00Z', at(EVENING), 1],
  ])('%s: %s', (_, deadline, nowMs, expected) => {
    const holds = [holdOf(1, deadline, [part(1, 'free', 1)])];
    expect(used(accountAt(EVENING, { grants: [free(9)], holds }), nowMs).used).toBe(expected);
  });

  test('the limit is that of the plan in the catalog, from midnight on', () => {
    const changed = catalogOf({ ...PLANS.free, dailyRunLimit: 8 });
    expect(over(today, changed, MIDNIGHT_MS - 1).account.dailyRunLimit).toBe(3);
    expect(over(today, changed).account.dailyRunLimit).toBe(8);
  });
});
