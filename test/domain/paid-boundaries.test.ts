import { describe, expect, test } from 'vitest';
import type { Account } from '../../lib/domain/account.ts';
import { balanceOf } from '../../lib/domain/balance.ts';
import { setRenewal, startPeriod, upgradePeriod } from '../../lib/domain/subscription.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../lib/domain/time.ts';
import { accountAt, at, grant, holdOf, part } from './account-samples.ts';
import { ended, heard, iso, months, period, subscribed, until } from './payment-samples.ts';

const MARCH = '2026-03-05T08:30:00.000Z';
const APRIL = '2026-04-05T08:30:00.000Z';
const MAY = '2026-05-05T08:30:00.000Z';
const YEAR = '2027-03-05T08:30:00.000Z';
const END = at(APRIL);
const GRANT = 2;

/** Eight of the month's twenty held over an instant, five spent. */
const over = (endMs: number, bought = period('small', MARCH, APRIL)): Account =>
  subscribed(bought, { spent: 5, holds: [holdOf(1, iso(endMs + 30 * MINUTE_MS), [part(GRANT, 'subscription', 8)])] });

interface Boundary {
  readonly crossed: (endMs: number) => Account;
  readonly atMs: number;
  /** What comes of its own at an instant comes before what is heard of in it. */
  readonly heardOf?: true;
  /** What is there beside, and what the hold's grant is worth then: it lives until, or is over. */
  readonly left: number;
  readonly grantEnds: 'lives' | 'over';
}

const MIDNIGHT = at('2026-03-06T00:00:00.000Z');
const NOON = at('2026-03-20T12:00:00.000Z');

const BOUNDARIES: readonly (readonly [string, Boundary])[] = [
  ['midnight', { crossed: over, atMs: MIDNIGHT, left: 7, grantEnds: 'lives' }],
  [
    'the end of a month of a year',
    { crossed: (ms) => over(ms, period('small', MARCH, YEAR)), atMs: END, left: 20, grantEnds: 'over' },
  ],
  ['the period’s end, into grace', { crossed: over, atMs: END, left: 7, grantEnds: 'lives' }],
  ['the grace period’s end', { crossed: over, atMs: END + 3 * HOUR_MS, left: 0, grantEnds: 'over' }],
  [
    'a renewal in the grace period',
    {
      crossed: (ms) =>
        heard(over(ms), END + HOUR_MS, (now) => startPeriod(now, period('small', APRIL, MAY, MARCH), END + HOUR_MS))
          .account,
      atMs: END + HOUR_MS,
      heardOf: true,
      left: 20,
      grantEnds: 'over',
    },
  ],
  [
    'the end of a cancelled period',
    {
      crossed: (ms) => setRenewal(over(ms), { renews: false, nextPlanId: null }),
      atMs: END,
      left: 0,
      grantEnds: 'over',
    },
  ],
  [
    'an upgrade within the month',
    {
      crossed: (ms) =>
        heard(over(ms), NOON, (now) => upgradePeriod(now, period('big', iso(NOON), APRIL, MARCH), NOON)).account,
      atMs: NOON,
      left: 37,
      grantEnds: 'lives',
    },
  ],
  [
    'an upgrade into a year',
    {
      crossed: (ms) =>
        heard(over(ms), NOON, (now) => upgradePeriod(now, period('big', iso(NOON), '2027-03-20T12:00:00.000Z'), NOON))
          .account,
      atMs: NOON,
      left: 37,
      grantEnds: 'lives',
    },
  ],
];

const monthly = (account: Account): number => months(account).reduce((total, [left]) => total + left, 0);

describe.each(BOUNDARIES)(
  'a hold of the month’s credits open over %s (R15)',
  (_, { crossed, atMs, heardOf, left, grantEnds }) => {
    const WAYS = [
      ['settled for 3 of 8', { outcome: 'settled', cost: 3 }, 5],
      ['settled for all', { outcome: 'settled', cost: 8 }, 0],
      ['failed', { outcome: 'failed', reason: 'x' }, 8],
      ['lapsed', { outcome: 'expired' }, 8],
    ] as const;

    test.each(WAYS)('%s: %o', (__, ending, back) => {
      const lapses = ending.outcome === 'expired';
      for (const endMs of [lapses && heardOf ? atMs + 2 : atMs, atMs + 1, atMs + 10 * MINUTE_MS]) {
        const before = crossed(lapses ? endMs - 30 * MINUTE_MS : endMs);
        const { account } = ended(before, ending, endMs);
        expect(monthly(account)).toBe(left + back);
        expect(balanceOf(account, endMs).held).toBe(0);
        // What came back to a grant that was over lives 24 hours from then, to the millisecond.
        if (grantEnds === 'over' && back > 0) {
          expect(months(account)[0]).toEqual([back, iso(endMs + DAY_MS)]);
          expect(months(until(account, endMs + DAY_MS - 1).account)[0]?.[0]).toBe(back);
          expect(monthly(until(account, endMs + DAY_MS).account)).toBe(left);
        }
      }
    });
  },
);

describe('a hold of a pack (R14, R15)', () => {
  const PACK_END = at('2026-09-05T08:30:00.000Z');
  const holding = accountAt('2026-09-05T08:00:00Z', {
    planId: 'bare',
    grants: [grant(1, 'pack', 12, iso(PACK_END), 20)],
    holds: [holdOf(1, '2026-09-05T09:00:00Z', [part(1, 'pack', 8)])],
  });

  test.each([
    ['before it ends', PACK_END - 1, { 1: 20 }],
    ['as it ends', PACK_END, { 1: 8 }],
    ['after it', PACK_END + 1, { 1: 8 }],
  ] as const)('given back %s', (_, nowMs, left) => {
    const { account } = ended(holding, { outcome: 'failed', reason: 'x' }, nowMs);
    expect(Object.fromEntries(account.grants.map(({ id, remaining }) => [id, remaining]))).toEqual(left);
    expect(account.grants[0]?.expiresAtMs).toBe(nowMs < PACK_END ? PACK_END : nowMs + DAY_MS);
  });

  test('neither a renewal, nor an upgrade, nor the end of a subscription touches it', () => {
    const pack = grant(90, 'pack', 12, iso(PACK_END), 20);
    const before = over(END);
    const beside = { ...before, grants: [...before.grants, pack] };
    const nowMs = END + HOUR_MS;
    const after = [
      heard(beside, nowMs, (now) => startPeriod(now, period('small', APRIL, MAY, MARCH), nowMs)),
      heard(beside, NOON, (now) => upgradePeriod(now, period('big', iso(NOON), APRIL, MARCH), NOON)),
      until(setRenewal(beside, { renews: false, nextPlanId: null }), nowMs),
      until(beside, END + 4 * HOUR_MS),
    ];
    for (const { account } of after) expect(account.grants.find(({ id }) => id === 90)).toEqual(pack);
  });
});
