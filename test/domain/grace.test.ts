import { describe, expect, test } from 'vitest';
import type { Account } from '../../lib/domain/account.ts';
import { balanceOf } from '../../lib/domain/balance.ts';
import type { Catalog } from '../../lib/domain/catalog.ts';
import { setRenewal, sharePeriod, startPeriod, stopSubscription } from '../../lib/domain/subscription.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../lib/domain/time.ts';
import { at, CATALOG, holdOf, part } from './account-samples.ts';
import { ended, heard, iso, lines, months, period, subscribed, until } from './payment-samples.ts';

const MARCH = '2026-03-05T08:30:00.000Z';
const APRIL = '2026-04-05T08:30:00.000Z';
const MAY = '2026-05-05T08:30:00.000Z';
const END = at(APRIL);
const GRACE_END = END + 3 * HOUR_MS;

const small = period('small', MARCH, APRIL);
const next = period('small', APRIL, MAY, MARCH);
const renewed = (account: Account, nowMs: number, catalog = CATALOG) =>
  heard(account, nowMs, (now) => startPeriod(now, next, nowMs), catalog);

const withGrace = (graceHours: number): Catalog => ({ ...CATALOG, subscription: { graceHours } });

describe('until the renewal is paid the old credits stay usable for three hours, to the millisecond (R13)', () => {
  test.each([
    ['the last of the period', END - 1, [[15, APRIL]], []],
    ['the first of the grace period', END, [[15, iso(GRACE_END)]], ['adjustment awaiting_payment 0']],
    ['the second of it', END + 1, [[15, iso(GRACE_END)]], ['adjustment awaiting_payment 0']],
    ['the last of it', GRACE_END - 1, [[15, iso(GRACE_END)]], ['adjustment awaiting_payment 0']],
    ['the first after it', GRACE_END, [], ['adjustment awaiting_payment 0', 'expiry expired -15']],
    [
      'one of days later: the payment never came',
      END + 9 * DAY_MS,
      [],
      ['adjustment awaiting_payment 0', 'expiry expired -15'],
    ],
  ])('%s millisecond', (_, nowMs, left, told) => {
    const { account, entries } = until(subscribed(small, { spent: 5 }), nowMs);
    expect(months(account)).toEqual(left);
    expect(lines(entries)).toEqual(told);
    expect(account.planId).toBe('small');
    expect(account.dailyRunLimit).toBe(5);
  });

  test('every line stands at its own instant', () => {
    const { entries } = until(subscribed(small, { spent: 5 }), END + 9 * DAY_MS);
    const told = entries.filter(({ reason }) => reason !== 'daily_free_credits').map(({ atMs }) => atMs);
    expect(told).toEqual([END, GRACE_END]);
  });

  test('without any grace they end with the period', () => {
    const none = withGrace(0);
    const before = subscribed(small, { spent: 5 });
    expect(months(until(before, END - 1, none).account)).toEqual([[15, APRIL]]);
    expect(months(until(before, END, none).account)).toEqual([]);
    expect(months(renewed(before, END, none).account)).toEqual([[20, MAY]]);
  });

  test('what is all spent is not extended in anybody’s sight, and leaves no line when it ends', () => {
    const { entries } = until(subscribed(small, { spent: 20 }), GRACE_END);
    expect(lines(entries)).toEqual(['adjustment awaiting_payment 0']);
  });

  test('the next reset is no instant while the payment is awaited: it is midnight', () => {
    const { account } = until(subscribed(small), END);
    expect(iso(balanceOf(account, END).nextResetAtMs)).toBe('2026-04-06T00:00:00.000Z');
  });
});

describe('a hold and the grace period (R15)', () => {
  const GRANT = 2;
  const holding = (deadlineMs: number, credits = 8) =>
    subscribed(small, { spent: 5, holds: [holdOf(1, iso(deadlineMs), [part(GRANT, 'subscription', credits)])] });

  test.each([
    // given back, what is left and until when
    ['before the end', END - 1, [[15, APRIL]]],
    ['at the end', END, [[15, iso(GRACE_END)]]],
    ['in the grace period', GRACE_END - 1, [[15, iso(GRACE_END)]]],
    ['at its end: 24 hours more', GRACE_END, [[8, iso(GRACE_END + DAY_MS)]]],
    ['after it: 24 hours more', GRACE_END + HOUR_MS, [[8, iso(GRACE_END + HOUR_MS + DAY_MS)]]],
  ] as const)('placed before, given back %s', (_, nowMs, left) => {
    expect(months(ended(holding(nowMs), { outcome: 'expired' }, nowMs).account)).toEqual(left);
    expect(months(ended(holding(nowMs + HOUR_MS), { outcome: 'failed', reason: 'x' }, nowMs).account)).toEqual(left);
  });

  test.each([
    ['in the grace period', END + HOUR_MS],
    ['after it', GRACE_END + HOUR_MS],
  ])('given back after the renewal was paid %s: 24 hours more, beside the new month', (_, paidMs) => {
    const deadlineMs = paidMs + 10 * MINUTE_MS;
    const { account } = renewed(holding(deadlineMs), paidMs);
    expect(months(account)).toEqual([
      [0, iso(Math.min(paidMs, GRACE_END))],
      [20, MAY],
    ]);
    const back = until(account, deadlineMs);
    expect(months(back.account)).toEqual([
      [8, iso(deadlineMs + DAY_MS)],
      [20, MAY],
    ]);
    expect(months(until(back.account, deadlineMs + DAY_MS).account)).toEqual([[20, MAY]]);
  });

  test('settled in the grace period, the rest is there until its end', () => {
    const { account } = ended(holding(END + 2 * HOUR_MS), { outcome: 'settled', cost: 3 }, END + HOUR_MS);
    expect(months(account)).toEqual([[12, iso(GRACE_END)]]);
  });

  test('disputed after the grace period: what is held goes with its money as it comes back (R20)', () => {
    const disputed = { out: 0, paid: 1000, frozen: true };
    const nowMs = GRACE_END + MINUTE_MS;
    const { account } = heard(holding(GRACE_END + HOUR_MS), nowMs, (now) =>
      sharePeriod(now, disputed, { atMs: nowMs, reason: 'payment_disputed' }),
    );
    const { account: after, entries } = until(account, GRACE_END + HOUR_MS);
    expect(months(after)).toEqual([]);
    expect(lines(entries)).toEqual(['clawback returned_after_refund -8']);
  });

  test('Stripe gives up in the grace period: what is held comes back for 24 hours', () => {
    const { account } = heard(holding(END + HOUR_MS), END + MINUTE_MS, (now) =>
      stopSubscription(now, CATALOG, END + MINUTE_MS),
    );
    expect(account).toMatchObject({ planId: 'free', dailyRunLimit: 3, cycle: null });
    expect(months(account)).toEqual([[0, iso(END + MINUTE_MS)]]);
    expect(months(until(account, END + HOUR_MS).account)).toEqual([[8, iso(END + HOUR_MS + DAY_MS)]]);
  });
});

describe('Stripe gives up on a subscription (R19)', () => {
  const stopped = (nowMs: number) =>
    heard(subscribed(small, { spent: 5 }), nowMs, (now) => stopSubscription(now, CATALOG, nowMs));

  test.each([
    ['within what is paid for: it stays until its end', END - HOUR_MS, 'small', [[15, APRIL]], []],
    [
      'in the grace period: the credits end now',
      END + HOUR_MS,
      'free',
      [],
      ['adjustment awaiting_payment 0', 'expiry subscription_ended -15'],
    ],
    [
      'after it',
      END + 9 * DAY_MS,
      'free',
      [],
      ['adjustment awaiting_payment 0', 'expiry expired -15', 'expiry subscription_ended'],
    ],
  ] as const)('%s', (_, nowMs, planId, left, told) => {
    const { account, entries } = stopped(nowMs);
    expect(account.planId).toBe(planId);
    expect(months(account)).toEqual(left);
    expect(lines(entries)).toEqual(told);
  });

  test('within what is paid for, the period’s end is the end: no grace', () => {
    const { account } = stopped(END - HOUR_MS);
    expect(until(account, END).account).toMatchObject({ planId: 'free', cycle: null });
    expect(months(until(account, END).account)).toEqual([]);
  });

  test('a plan by agreement is none of its', () => {
    const agreed = { ...subscribed(small), cycle: { anchorMs: at(MARCH), step: 0, creditsPerCycle: 20 } };
    expect(stopSubscription(agreed, CATALOG, END - 1)).toEqual({ account: agreed, entries: [] });
  });
});

describe('cancelled: benefits stay to the last millisecond of the period, and it can be taken back until then (R18)', () => {
  const cancelled = setRenewal(subscribed(small, { spent: 5 }), { renews: false, nextPlanId: null });

  test('the last millisecond and the first after', () => {
    expect(until(cancelled, END - 1).account).toMatchObject({ planId: 'small', dailyRunLimit: 5 });
    expect(months(until(cancelled, END - 1).account)).toEqual([[15, APRIL]]);
    const { account, entries } = until(cancelled, END);
    expect(account).toMatchObject({ planId: 'free', dailyRunLimit: 3, cycle: null });
    expect(lines(entries)).toEqual(['expiry subscription_ended -15']);
    expect(entries.at(-1)).toMatchObject({ atMs: END, planId: 'free' });
  });

  test('taken back before, it waits for its payment as ever', () => {
    const back = setRenewal(until(cancelled, END - 1).account, { renews: true, nextPlanId: null });
    expect(lines(until(back, END).entries)).toEqual(['adjustment awaiting_payment 0']);
  });

  test('a year: its months go on to its end', () => {
    const year = setRenewal(subscribed(period('small', MARCH, '2027-03-05T08:30:00.000Z')), {
      renews: false,
      nextPlanId: null,
    });
    const over = until(year, at('2027-03-05T08:30:00.000Z'));
    expect(over.entries.filter(({ reason }) => reason === 'billing_cycle')).toHaveLength(11);
    expect(over.account).toMatchObject({ planId: 'free', cycle: null });
  });
});

describe('a downgrade takes hold at the period’s end (R18)', () => {
  const MIDNIGHT = at('2026-04-06T00:00:00.000Z');
  const big = { ...period('big', MARCH, APRIL) };
  const pending = setRenewal(subscribed(big, { spent: 5 }), { renews: true, nextPlanId: 'small' });
  const freeOf = (account: Account) =>
    account.grants.filter(({ kind }) => kind === 'free').map(({ granted }) => granted);

  test('with its run limit at once and its daily credits from midnight', () => {
    const before = until(pending, END - 1).account;
    expect(before).toMatchObject({ planId: 'big', dailyRunLimit: null });
    const { account, entries } = until(pending, END);
    expect(account).toMatchObject({ planId: 'small', dailyRunLimit: 5, cycle: { creditsPerCycle: 20 } });
    expect(entries.at(-1)).toMatchObject({ atMs: END, reason: 'awaiting_payment', planId: 'small' });
    // The old month's credits are the old plan's to the end of the grace period.
    expect(months(account)).toEqual([[45, iso(GRACE_END)]]);
    expect(freeOf(until(pending, MIDNIGHT - 1).account)).toEqual(freeOf(before));
    expect(freeOf(until(pending, MIDNIGHT).account)).toEqual([14]);
  });

  test('its first payment gives its credits, and nothing of the old plan is left', () => {
    const { account, entries } = renewed(pending, END + HOUR_MS);
    expect(months(account)).toEqual([[20, MAY]]);
    expect(lines(entries)).toEqual(['adjustment awaiting_payment 0', 'reset billing_cycle -45 +20']);
  });

  test('taken back before, nothing changes', () => {
    const back = setRenewal(pending, { renews: true, nextPlanId: null });
    expect(until(back, END).account).toMatchObject({ planId: 'big', dailyRunLimit: null });
  });

  test.each([
    ['a downgrade', { renews: true, nextPlanId: 'small' }, 'small', [14], 5],
    ['a cancellation', { renews: false, nextPlanId: null }, 'free', [10], 3],
  ] as const)(
    '%s that takes hold at midnight sharp: the day that begins is the new plan’s',
    (_, renewal, planId, daily, limit) => {
      const midnight = period('big', '2026-03-05T00:00:00.000Z', '2026-04-05T00:00:00.000Z');
      const { account } = until(setRenewal(subscribed(midnight), renewal), midnight.endMs);
      expect(account).toMatchObject({ planId, dailyRunLimit: limit });
      expect(freeOf(account)).toEqual(daily);
    },
  );
});
