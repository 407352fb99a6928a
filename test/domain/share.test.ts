import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Account } from '../../lib/domain/account.ts';
import { balanceOf } from '../../lib/domain/balance.ts';
import { sharePeriod } from '../../lib/domain/subscription.ts';
import { dueBack } from '../../lib/domain/take-back.ts';
import { at, holdOf, part } from './account-samples.ts';
import { heard, iso, lines, months, period, subscribed, until } from './payment-samples.ts';

const NOW = '2026-03-20T12:00:00.000Z';

describe('the credits due are in proportion, exact however large the numbers (R20)', () => {
  const share = (out: number, paid: number, frozen = false) => ({ out, paid, frozen });
  test.each([
    [100, null, 0],
    [100, share(0, 1000), 0],
    [100, share(1, 1000), 0],
    [100, share(10, 1000), 1],
    [100, share(999, 1000), 99],
    [100, share(1000, 1000), 100],
    [100, share(0, 1000, true), 100],
    [100, share(0, 0), 0],
    [100, share(0, 0, true), 0],
    [0, share(500, 1000), 0],
    [500, share(1000, 1000), 500],
    // Beyond 2^53 on the way: 10^9 × 999,999,999 / 10^9.
    [1_000_000_000, share(999_999_999, 1_000_000_000), 999_999_999],
    [999_999_999, share(333_333_333, 999_999_998), 333_333_333],
    [999_999_937, share(999_999_929, 1_000_000_000), 999_999_866],
  ] as const)('of %i credits, %o: %i', (granted, back, due) => {
    expect(dueBack(granted, back)).toBe(due);
  });

  const most = 1_000_000_000;
  test('never more than in proportion, less than one below it, all of it at full, and never less for more money', () => {
    fc.assert(
      fc.property(
        fc.nat(most),
        fc.integer({ min: 1, max: most }),
        fc.nat(most),
        fc.nat(most),
        (granted, paid, a, b) => {
          const [less, more] = [Math.min(a, b, paid), Math.min(Math.max(a, b), paid)];
          const due = BigInt(dueBack(granted, share(less, paid)));
          const exact = BigInt(granted) * BigInt(less);
          expect(due * BigInt(paid) <= exact && exact < (due + 1n) * BigInt(paid)).toBe(true);
          expect(dueBack(granted, share(more, paid))).toBeGreaterThanOrEqual(Number(due));
          expect(dueBack(granted, share(paid, paid))).toBe(granted);
        },
      ),
    );
  });
});

describe('a period whose money goes back loses as much of each of its months (R20)', () => {
  const bought = period('small', '2026-03-05T08:30:00.000Z', '2027-03-05T08:30:00.000Z');
  const HALF_OUT = { out: 500, paid: 1000, frozen: false };
  const FROZEN = { out: 0, paid: 1000, frozen: true };
  const NONE = { out: 0, paid: 1000, frozen: false };
  const line = { atMs: at(NOW), reason: 'x' };
  const shared = (account: Account, share: typeof NONE, nowMs = at(NOW)) =>
    heard(account, nowMs, (now) => sharePeriod(now, share, { ...line, atMs: nowMs }));
  const APRIL = at('2026-04-05T08:30:00.000Z');
  const MAY = at('2026-05-05T08:30:00.000Z');

  test.each([
    ['nothing', NONE, 0, 15, 20],
    ['a half', HALF_OUT, 5, 5, 10],
    ['a third, rounded down', { out: 333, paid: 1000, frozen: false }, 5, 9, 14],
    ['all', { out: 1000, paid: 1000, frozen: false }, 5, 0, 0],
    ['all, for the time being', FROZEN, 5, 0, 0],
  ])('%s went back: this month and those to come', (_, share, __, now, next) => {
    const { account } = shared(subscribed(bought, { spent: 5 }), share);
    expect(months(account)).toEqual([[now, '2026-04-05T08:30:00.000Z']]);
    expect(months(until(account, APRIL).account)).toEqual([[next, '2026-05-05T08:30:00.000Z']]);
    expect(months(until(account, MAY).account)).toEqual([[next, '2026-06-05T08:30:00.000Z']]);
  });

  test('frozen over a month’s end and won after: the running month is whole, the past is past', () => {
    const frozen = shared(subscribed(bought), FROZEN).account;
    const won = shared(frozen, NONE, APRIL + 1000);
    expect(months(won.account)).toEqual([[20, '2026-05-05T08:30:00.000Z']]);
    expect(lines(won.entries)).toEqual(['reset billing_cycle +20', 'clawback payment_returned -20', 'clawback x +20']);
    expect(won.account.cycle?.paid?.share).toBeNull();
    expect(lines(until(won.account, MAY).entries)).toEqual(['reset billing_cycle -20 +20']);
  });

  test('frozen, lost: no month of it has any credits, and the next period is whole', () => {
    const lost = shared(shared(subscribed(bought), FROZEN).account, { out: 1000, paid: 1000, frozen: false }, APRIL);
    const ends = bought.endMs;
    expect(balanceOf(until(lost.account, ends - 1).account, ends - 1).available).toBe(14);
    expect(months(until(lost.account, ends - 1).account)).toEqual([[0, iso(ends)]]);
  });

  test('in the grace period the credits of before lose it', () => {
    const month = subscribed(period('small', '2026-03-05T08:30:00.000Z', iso(APRIL)), { spent: 5 });
    expect(months(shared(month, HALF_OUT, APRIL + 1000).account)).toEqual([[5, iso(APRIL + 3 * 3_600_000)]]);
  });

  test('a month held over its end and given back after belongs to itself: its own shortfall comes first', () => {
    const holds = [holdOf(1, iso(APRIL + 1_800_000), [part(2, 'subscription', 15)])];
    const { account } = shared(subscribed(bought, { spent: 5, holds }), HALF_OUT);
    // Ten of its twenty are due; none is there. Of the fifteen that come back, five live on.
    expect(months(until(account, APRIL + 1_800_000).account)).toEqual([
      [5, iso(APRIL + 1_800_000 + 86_400_000)],
      [10, iso(MAY)],
    ]);
  });
});
