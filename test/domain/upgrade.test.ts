import { describe, expect, test } from 'vitest';
import type { Account, Share } from '../../lib/domain/account.ts';
import { balanceOf } from '../../lib/domain/balance.ts';
import { changePlan } from '../../lib/domain/change-plan.ts';
import { andThen } from '../../lib/domain/give-back.ts';
import { setRenewal, sharePeriod, startPeriod, upgradePeriod } from '../../lib/domain/subscription.ts';
import { HOUR_MS } from '../../lib/domain/time.ts';
import { at, CATALOG, catalogOf, holdOf, PLANS, part } from './account-samples.ts';
import { heard, iso, lines, months, period, subscribed, until } from './payment-samples.ts';

const MARCH = '2026-03-05T08:30:00.000Z';
const NOON = '2026-03-20T12:00:00.000Z';
const APRIL = '2026-04-05T08:30:00.000Z';
const NEXT_YEAR = '2027-03-20T12:00:00.000Z';

const small = period('small', MARCH, APRIL);
/** What is left of the month is paid for on the dearer plan. */
const rest = period('big', NOON, APRIL, MARCH);
const year = period('big', NOON, NEXT_YEAR);
/** The month's grant of a subscription begun by `startPeriod` from an account whose next ordinal is 1: after the day's free ones. */
const GRANT = 2;
const holding = (credits: number) =>
  credits === 0 ? [] : [holdOf(1, '2026-03-20T12:30:00Z', [part(GRANT, 'subscription', credits)])];
const HALF: Share = { out: 500, paid: 1000, frozen: false };
const line = { atMs: at(NOON), reason: 'payment_refunded' };

const held = (account: Account): number => balanceOf(account, at(NOON)).held;

describe('an upgrade leaves the new allowance less what this cycle has spent or holds (R18)', () => {
  test.each([
    // spent, held → left of 50
    [0, 0, 50],
    [5, 0, 45],
    [20, 0, 30],
    [0, 20, 30],
    [5, 10, 35],
  ])('%i of 20 spent, %i held → %i of 50, within the month and into a year alike', (spent, holds, left) => {
    const before = subscribed(small, { spent, holds: holding(holds) });
    for (const [bought, endsAt] of [
      [rest, APRIL],
      [year, '2026-04-20T12:00:00.000Z'],
    ] as const) {
      const { account, entries } = heard(before, at(NOON), (now) => upgradePeriod(now, bought, at(NOON)));
      expect(months(account)).toEqual([[left, endsAt]]);
      expect(account.grants.find(({ kind }) => kind === 'subscription')).toMatchObject({ id: GRANT, granted: 50 });
      expect(held(account)).toBe(holds);
      expect(lines(entries)).toEqual(['adjustment plan_changed +30']);
      expect(account).toMatchObject({ planId: 'big', dailyRunLimit: null, cycle: { paid: { untilMs: bought.endMs } } });
      // The month's end: the next month of the year, or the wait for the next payment.
      const [after] = months(until(account, at(endsAt)).account);
      expect(after?.[0]).toBe(bought === year ? 50 : left + holds);
    }
  });

  test('an upgrade left −100 instead of 7,500: heard of before the period it upgrades, it is the period', () => {
    const plans = { ...PLANS, large: { ...PLANS.big, id: 'large', creditsPerCycle: 7500 } };
    const catalog = catalogOf(...Object.values(plans));
    const large = { ...rest, plan: plans.large };
    const first = heard(
      until(subscribed(small), at(MARCH)).account,
      at(NOON),
      (now) => upgradePeriod(now, large, at(NOON)),
      catalog,
    );
    const alone = heard(
      { ...subscribed(small), cycle: null, grants: [], planId: 'free' },
      at(NOON),
      (now) => startPeriod(now, large, at(NOON)),
      catalog,
    );
    for (const { account } of [first, alone]) expect(months(account)).toEqual([[7500, APRIL]]);
  });

  test('what a hold gives back after the upgrade is there again', () => {
    const before = subscribed(small, { spent: 5, holds: holding(10) });
    const { account } = heard(before, at(NOON), (now) => upgradePeriod(now, rest, at(NOON)));
    expect(months(until(account, at('2026-03-20T12:30:00Z')).account)).toEqual([[45, APRIL]]);
  });

  test('paid in time, heard of in the grace period: the credits of before grow, and end with it', () => {
    const nowMs = at(APRIL) + HOUR_MS;
    const { account } = heard(subscribed(small, { spent: 5 }), nowMs, (now) => upgradePeriod(now, rest, nowMs));
    expect(months(account)).toEqual([[45, '2026-04-05T11:30:00.000Z']]);
    expect(account.cycle?.paid).toMatchObject({ untilMs: at(APRIL), graceUntilMs: at(APRIL) + 3 * HOUR_MS });
    expect(months(until(account, at(APRIL) + 3 * HOUR_MS).account)).toEqual([]);
  });

  test('paid in time on a plan without credits, heard of in the grace period: the credits live until its end', () => {
    const nowMs = at(APRIL) + 2 * HOUR_MS;
    const bare = subscribed(period('bare', MARCH, APRIL));
    const { account } = heard(bare, nowMs, (now) => upgradePeriod(now, rest, nowMs));
    expect(months(account)).toEqual([[50, '2026-04-05T11:30:00.000Z']]);
    expect(months(until(account, at(APRIL) + 3 * HOUR_MS).account)).toEqual([]);
    const late = heard(bare, nowMs + HOUR_MS, (now) => upgradePeriod(now, rest, nowMs + HOUR_MS));
    expect(months(late.account)).toEqual([]);
  });

  test('a cancelled or downgraded subscription that is upgraded renews, as what it is now', () => {
    const before = setRenewal(subscribed(small), { renews: false, nextPlanId: 'bare' });
    const { account } = heard(before, at(NOON), (now) => upgradePeriod(now, rest, at(NOON)));
    expect(account.cycle?.paid).toMatchObject({ renews: true, nextPlanId: null });
  });
});

describe('an upgrade and money that goes back, in either order (R18, R20)', () => {
  test.each([
    // Of 20 credits spent; 500 of 1,000 paid went back, 1,500 more were paid: a fifth of 50 goes.
    [0, 40],
    [5, 35],
    [15, 25],
    [20, 20],
  ])('%i spent: %i are left', (spent, left) => {
    const share: Share = { out: 500, paid: 2500, frozen: false };
    const before = subscribed(small, { spent });
    const refundFirst = heard(before, at(NOON), (now) =>
      andThen(
        andThen(sharePeriod(now, HALF, line), (less) => upgradePeriod(less, rest, at(NOON))),
        (more) => sharePeriod(more, share, line),
      ),
    );
    const upgradeFirst = heard(before, at(NOON), (now) =>
      andThen(upgradePeriod(now, rest, at(NOON)), (more) => sharePeriod(more, share, line)),
    );
    expect(months(refundFirst.account)).toEqual([[left, APRIL]]);
    expect(refundFirst.account.grants).toEqual(upgradeFirst.account.grants);
  });

  test.each([
    [0, 50],
    [15, 35],
  ])(
    'a month whose money went back, and then a year: its %i spent count, the money of before does not: %i',
    (spent, left) => {
      const { account } = heard(subscribed(small, { spent }), at(NOON), (now) =>
        andThen(sharePeriod(now, HALF, line), (less) => upgradePeriod(less, year, at(NOON))),
      );
      expect(months(account)).toEqual([[left, '2026-04-20T12:00:00.000Z']]);
      expect(account.cycle?.paid?.share).toBeNull();
      const refunded = sharePeriod(account, { out: 100, paid: 1000, frozen: false }, line);
      expect(months(refunded.account)).toEqual([[left - 5, '2026-04-20T12:00:00.000Z']]);
    },
  );
});

describe('another plan of support, for a month half of whose money went back (R20, R26)', () => {
  test.each([
    // spent of 50, → plan, left: its allowance, less its half, less what is spent; never below zero
    [0, 'small', 10],
    [5, 'small', 5],
    [40, 'small', 0],
  ] as const)('%i of 50 spent → %s: %i left', (spent, planId, left) => {
    const big = period('big', MARCH, APRIL);
    const { account } = heard(subscribed(big, { spent }), at(NOON), (now) =>
      andThen(sharePeriod(now, HALF, line), (less) =>
        changePlan(less, PLANS[planId], { reason: 'asked for', actor: 'support-1' }, at(NOON)),
      ),
    );
    expect(months(account)).toEqual([[left, APRIL]]);
  });

  test('credits by agreement, begun where the paid month has none, lose nothing', () => {
    const line = { reason: 'asked for', actor: 'support-1' };
    const bought = period('small', MARCH, '2027-03-05T08:30:00.000Z');
    const { account: none } = heard(subscribed(bought), at(NOON), (now) =>
      andThen(sharePeriod(now, HALF, { atMs: at(NOON), reason: 'x' }), (less) =>
        changePlan(less, PLANS.free, line, at(NOON)),
      ),
    );
    const later = at('2026-04-10T00:00:00.000Z');
    const { account } = heard(none, later, (now) => changePlan(now, PLANS.big, line, later));
    expect(months(account)).toEqual([[50, '2026-05-10T00:00:00.000Z']]);
  });

  test('with nothing sent back there is one line', () => {
    const { entries } = heard(subscribed(small), at(NOON), (now) =>
      changePlan(now, PLANS.big, { reason: 'asked for', actor: 'support-1' }, at(NOON)),
    );
    expect(lines(entries)).toEqual(['adjustment asked for +30']);
  });
});

test('a year that is upgraded in its middle keeps its months', () => {
  const bought = period('small', MARCH, '2027-03-05T08:30:00.000Z');
  const nowMs = at('2026-07-20T12:00:00.000Z');
  const { account } = heard(subscribed(bought, { spent: 5 }), nowMs, (now) =>
    upgradePeriod(now, { ...bought, plan: PLANS.big, startMs: nowMs }, nowMs),
  );
  expect(months(account)).toEqual([[50, '2026-08-05T08:30:00.000Z']]);
  const ends = at('2027-03-05T08:30:00.000Z');
  const { entries } = until(account, ends - 1, CATALOG);
  expect(lines(entries)).toEqual(Array(7).fill('reset billing_cycle -50 +50'));
  expect(months(until(account, ends - 1).account)).toEqual([[50, iso(ends)]]);
});
