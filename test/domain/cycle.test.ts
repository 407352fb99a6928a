import { describe, expect, test } from 'vitest';
import type { Account } from '../../lib/domain/account.ts';
import { advance } from '../../lib/domain/advance.ts';
import { balanceOf } from '../../lib/domain/balance.ts';
import { cycleEndsAtMs } from '../../lib/domain/boundary.ts';
import { accountAt, at, CATALOG, grant, left } from './account-samples.ts';

const iso = (ms: number | null): string => (ms === null ? 'never' : new Date(ms).toISOString());

const subscribed = (anchor: string, remaining = 5): Account => {
  const account = accountAt(anchor, {
    planId: 'bare',
    cycle: { anchorMs: at(anchor), step: 0, creditsPerCycle: 20 },
  });
  const expiresAt = iso(cycleEndsAtMs(account));
  return accountAt(anchor, { ...account, grants: [grant(1, 'subscription', remaining, expiresAt, 20)] });
};

const over = (account: Account, nowMs: number) => advance(account, new Map(), CATALOG, nowMs);

describe('a cycle runs from its anchor month by month (R13)', () => {
  test.each([
    ['an ordinary day', '2026-03-05T08:30:00.123Z', ['2026-04-05', '2026-05-05', '2026-06-05']],
    ["the 31st falls on the month's last day", '2026-01-31T08:30:00.123Z', ['2026-02-28', '2026-03-31', '2026-04-30']],
    ['the 30th', '2026-01-30T08:30:00.123Z', ['2026-02-28', '2026-03-30', '2026-04-30']],
    ['the 29th', '2026-01-29T08:30:00.123Z', ['2026-02-28', '2026-03-29', '2026-04-29']],
    ['the 31st in a leap year', '2028-01-31T08:30:00.123Z', ['2028-02-29', '2028-03-31', '2028-04-30']],
    ['a leap day', '2028-02-29T08:30:00.123Z', ['2028-03-29', '2028-04-29', '2028-05-29']],
    ["over the year's end", '2026-11-30T08:30:00.123Z', ['2026-12-30', '2027-01-30', '2027-02-28']],
  ])('%s: %s', (_, anchor, days) => {
    let account = subscribed(anchor);
    for (const day of days) {
      const endsAtMs = at(`${day}T08:30:00.123Z`);
      expect(iso(cycleEndsAtMs(account))).toBe(iso(endsAtMs));
      expect(over(account, endsAtMs - 1).entries).toEqual([]);
      const { account: next, entries } = over(account, endsAtMs);
      expect(entries).toMatchObject([{ kind: 'reset', atMs: endsAtMs, reason: 'billing_cycle' }]);
      expect(balanceOf(next, endsAtMs)).toMatchObject({ available: 20, progress: { used: 0, total: 20 } });
      account = next;
    }
  });

  test.each([
    ['unused credits do not roll over', 5, [-5, 20]],
    ['all of them unused, they are reset all the same', 20, [-20, 20]],
    ['none left', 0, [20]],
  ])('%s', (_, remaining, changes) => {
    const { account, entries } = over(subscribed('2026-03-05T08:30:00Z', remaining), at('2026-04-05T08:30:00Z'));
    expect(Object.values(left(account))).toEqual([20]);
    expect(entries.flatMap((entry) => entry.changes.map((change) => change.credits))).toEqual(changes);
  });

  test('a yearly plan is granted month by month, never the whole year at once', () => {
    const { account, entries } = over(subscribed('2026-01-31T08:30:00Z'), at('2027-01-31T08:30:00Z'));
    expect(balanceOf(account, at('2027-01-31T08:30:00Z')).available).toBe(20);
    expect(entries.map((entry) => new Date(entry.atMs).toISOString().slice(0, 10))).toEqual([
      '2026-02-28',
      '2026-03-31',
      '2026-04-30',
      '2026-05-31',
      '2026-06-30',
      '2026-07-31',
      '2026-08-31',
      '2026-09-30',
      '2026-10-31',
      '2026-11-30',
      '2026-12-31',
      '2027-01-31',
    ]);
    expect(account.cycle?.step).toBe(12);
  });

  test('bought packs are not wiped by a cycle reset, nor other credits', () => {
    const others = [
      grant(2, 'pack', 500, '2026-09-01T00:00:00Z'),
      grant(3, 'promotional', 30, '2026-04-05T08:30:00.001Z'),
      grant(4, 'subscription', 8, '2026-04-05T20:00:00Z', 20),
    ];
    const account = subscribed('2026-03-05T08:30:00Z');
    const beside = accountAt('2026-03-05T08:30:00Z', { ...account, grants: [...account.grants, ...others] });
    expect(left(over(beside, at('2026-04-05T08:30:00Z')).account)).toEqual({ 2: 500, 3: 30, 4: 8, 100: 20 });
  });

  test('a cycle that ends at midnight and the midnight are both crossed, each in its own line', () => {
    const midnight = at('2026-04-05T00:00:00Z');
    const account = { ...subscribed('2026-03-05T00:00:00Z'), planId: 'free' };
    const { account: next, entries } = over(account, midnight);
    expect(entries.filter((entry) => entry.atMs === midnight).map((entry) => entry.reason)).toEqual(['billing_cycle']);
    expect(entries[0]).toMatchObject({ reason: 'daily_free_credits', atMs: at('2026-03-06T00:00:00Z') });
    expect(balanceOf(next, midnight).available).toBe(30);
  });
});

describe('a pack ends by itself (R14)', () => {
  test('to the millisecond, each purchase alone, and only once', () => {
    const packs = accountAt('2026-03-05T00:00:00Z', {
      planId: 'bare',
      grants: [grant(1, 'pack', 3, '2026-09-05T10:00:00Z', 50), grant(2, 'pack', 7, '2026-09-05T10:00:00.001Z', 50)],
    });
    const end = at('2026-09-05T10:00:00Z');
    expect(left(over(packs, end - 1).account)).toEqual({ 1: 3, 2: 7 });
    expect(left(over(packs, end).account)).toEqual({ 2: 7 });
    const { account, entries } = over(packs, end + 86_400_000);
    expect(account.grants).toEqual([]);
    expect(entries.map(({ kind, atMs, changes }) => [kind, atMs, changes.map((each) => each.credits)])).toEqual([
      ['expiry', end, [-3]],
      ['expiry', end + 1, [-7]],
    ]);
  });

  test('all that ends at one instant is one line; what is empty leaves none', () => {
    const ends = '2026-03-07T10:00:00Z';
    const grants = [grant(1, 'pack', 3, ends), grant(2, 'promotional', 4, ends), grant(3, 'promotional', 0, ends, 9)];
    const { account, entries } = over(accountAt('2026-03-05T00:00:00Z', { planId: 'bare', grants }), at(ends));
    expect(account.grants).toEqual([]);
    expect(entries).toMatchObject([{ kind: 'expiry', changes: [{ credits: -3 }, { credits: -4 }] }]);
  });
});
