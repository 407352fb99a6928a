import { describe, expect, test } from 'vitest';
import { balanceOf } from '../../lib/domain/balance.ts';
import { isPast, passPeriod, setRenewal, startPeriod } from '../../lib/domain/subscription.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../lib/domain/time.ts';
import { accountAt, at, grant } from './account-samples.ts';
import { heard, iso, lines, months, period, subscribed, until } from './payment-samples.ts';

const MARCH = '2026-03-05T08:30:00.000Z';
const APRIL = '2026-04-05T08:30:00.000Z';
const MAY = '2026-05-05T08:30:00.000Z';
const JUNE = '2026-06-05T08:30:00.000Z';

describe('a first period that is paid begins at once (R13, R16)', () => {
  test.each([
    ['as it is paid', 0],
    ['a second later', SECOND_MS],
    ['days later: its end is the one paid for', 100 * HOUR_MS],
    ['by a clock that is a little behind', -3 * SECOND_MS],
  ])('heard of %s', (_, lateMs) => {
    const nowMs = at(MARCH) + lateMs;
    const { account, entries } = heard(
      accountAt(iso(nowMs), { grants: [grant(1, 'free', 4, '2026-04-01T00:00:00Z', 10)] }),
      nowMs,
      (now) => startPeriod(now, period('small', MARCH, APRIL), nowMs),
    );
    expect(months(account)).toEqual([[20, APRIL]]);
    expect(account).toMatchObject({ planId: 'small', dailyRunLimit: 5 });
    // The larger daily allowance is there at once, less what is spent of it (R12).
    expect(account.grants[0]).toMatchObject({ kind: 'free', remaining: 8, granted: 14 });
    expect(entries).toMatchObject([
      { kind: 'grant', reason: 'subscription_started', planId: 'small', payment: 'in_1', atMs: nowMs },
    ]);
  });

  test('a hold of the credits of before stays, and bought credits are not touched (R14, R15)', () => {
    const packs = [grant(1, 'pack', 7, MAY, 50), grant(2, 'promotional', 3, MAY)];
    const { account } = heard(accountAt(MARCH, { planId: 'bare', grants: packs }), at(MARCH), (now) =>
      startPeriod(now, period('big', MARCH, APRIL), at(MARCH)),
    );
    expect(account.grants.slice(0, 2)).toEqual(packs);
  });

  test('in place of another one: what is left of that ends, and the line says so', () => {
    const { account, entries } = heard(subscribed(period('big', MARCH, APRIL)), at(MARCH), (now) =>
      startPeriod(now, period('small', MARCH, MAY), at(MARCH)),
    );
    expect(lines(entries)).toEqual(['reset subscription_started -50 +20']);
    expect(account.planId).toBe('small');
  });

  test('a plan without credits of the month has a period all the same', () => {
    const { account, entries } = heard(accountAt(MARCH), at(MARCH), (now) =>
      startPeriod(now, period('bare', MARCH, APRIL), at(MARCH)),
    );
    expect(months(account)).toEqual([]);
    expect(account).toMatchObject({ planId: 'bare', cycle: { paid: { untilMs: at(APRIL) } } });
    expect(entries).toHaveLength(1);
  });
});

describe('a renewal: what is left ends, the new month begins, whenever its payment is heard of (R13)', () => {
  const GRACE_END = at(APRIL) + 3 * HOUR_MS;
  const renewed = ['reset billing_cycle -15 +20'];
  const waited = ['adjustment awaiting_payment 0', ...renewed];
  const gone = ['adjustment awaiting_payment 0', 'expiry expired -15', 'reset billing_cycle +20'];

  test.each([
    ['a second before the end, by our clock', at(APRIL) - SECOND_MS, renewed],
    ['at its end', at(APRIL), waited],
    ['in the grace period', at(APRIL) + HOUR_MS, waited],
    ["in the grace period's last millisecond", GRACE_END - 1, waited],
    ["at the grace period's end", GRACE_END, gone],
    ['days after it', at(APRIL) + 100 * HOUR_MS, gone],
    ["in the new period's last second", at(MAY) - SECOND_MS, gone],
  ])('%s', (_, nowMs, expected) => {
    const { account, entries } = heard(subscribed(period('small', MARCH, APRIL), { spent: 5 }), nowMs, (now) =>
      startPeriod(now, period('small', APRIL, MAY, MARCH), nowMs),
    );
    expect(lines(entries)).toEqual(expected);
    expect(months(account)).toEqual([[20, MAY]]);
    expect(account.cycle).toMatchObject({ step: 1, paid: { untilMs: at(MAY), graceUntilMs: null, renews: true } });
    expect(balanceOf(account, nowMs).nextResetAtMs).toBeLessThanOrEqual(at(MAY));
  });

  test('three renewals late, in whatever order they are heard of, are one month of credits now', () => {
    const nowMs = at(MAY) + HOUR_MS;
    const start = subscribed(period('small', MARCH, APRIL));
    const inOrder = heard(start, nowMs, (now) => startPeriod(now, period('small', APRIL, MAY, MARCH), nowMs));
    const both = heard(inOrder.account, nowMs, (now) => startPeriod(now, period('small', MAY, JUNE, MARCH), nowMs));
    const turned = heard(start, nowMs, (now) => startPeriod(now, period('small', MAY, JUNE, MARCH), nowMs));
    expect(isPast(turned.account, period('small', APRIL, MAY, MARCH))).toBe(true);
    for (const { account } of [both, turned]) expect(months(account)).toEqual([[20, JUNE]]);
  });
});

describe('a period that is over when its payment is heard of', () => {
  const spring = period('small', MARCH, APRIL);

  test.each([
    // heard of, left, plan, lines
    [
      'in what would be its grace period: usable until that ends',
      at(APRIL) + HOUR_MS,
      true,
      [[20, '2026-04-05T11:30:00.000Z']],
      'small',
    ],
    ['after it: gone, and the next payment is awaited', at(APRIL) + 3 * HOUR_MS, true, [], 'small'],
    ['months after it', at('2026-09-01T00:00:00Z'), true, [], 'small'],
    ['cancelled meanwhile: over, and the plan is free', at(APRIL), false, [], 'free'],
  ] as const)('%s', (_, nowMs, renews, left, planId) => {
    const { account, entries } = heard(accountAt(iso(nowMs)), nowMs, (now) => {
      const step = startPeriod(now, spring, nowMs);
      return { ...step, account: setRenewal(step.account, { renews, nextPlanId: null }) };
    });
    expect(months(account)).toEqual(left);
    expect(account.planId).toBe(planId);
    const credits = entries.flatMap(({ changes }) => changes.filter(({ kind }) => kind === 'subscription'));
    expect(credits.reduce((total, change) => total + change.credits, 0)).toBe(left[0]?.[0] ?? 0);
    const next = heard(account, nowMs, (now) =>
      startPeriod(now, period('small', iso(nowMs), '2027-01-01T00:00:00.000Z'), nowMs),
    );
    expect(next.account.planId).toBe('small');
    expect(months(next.account)[0]?.[0]).toBe(20);
  });

  test('older than the running one: given and gone in two lines, nothing else moves', () => {
    const running = subscribed(period('small', APRIL, MAY, MARCH), { spent: 5 });
    const nowMs = at(APRIL) + HOUR_MS;
    expect(isPast(running, spring)).toBe(true);
    const { account, entries } = heard(running, nowMs, (now) => passPeriod(now, spring, nowMs));
    expect(lines(entries)).toEqual(['grant period_paid +20', 'expiry heard_of_too_late -20']);
    expect(entries.map(({ payment }) => payment)).toEqual(['in_1', 'in_1']);
    expect({ ...account, nextOrdinal: 0 }).toEqual({ ...until(running, nowMs).account, nextOrdinal: 0 });
    expect(new Set(entries.map(({ ordinal }) => ordinal)).size).toBe(2);
  });

  const year = period('small', MARCH, '2027-03-05T08:30:00.000Z');
  test.each([
    ['the month before', period('small', APRIL, MAY, MARCH), spring, true],
    ['the same month again', spring, spring, false],
    ['the next month', spring, period('small', APRIL, MAY, MARCH), false],
    ['the year before', period('small', '2027-03-05T08:30:00.000Z', '2028-03-05T08:30:00.000Z', MARCH), year, true],
    [
      'a month that a year overtook in its middle',
      period('small', '2026-03-20T10:00:00.000Z', '2027-03-20T10:00:00.000Z'),
      spring,
      true,
    ],
    [
      'the month before, its end some hours off our month',
      period('small', APRIL, MAY, MARCH),
      { ...spring, endMs: at(APRIL) + 5 * HOUR_MS },
      true,
    ],
    // Its subscription was ended in the middle of the year, and another bought: that one is paid for, and must be there.
    [
      'a month of another subscription, bought while a stopped year runs',
      year,
      period('small', '2026-03-20T10:00:00.000Z', '2026-04-20T10:00:00.000Z'),
      false,
    ],
  ])('%s is past: %s', (_, running, other, past) => {
    expect(isPast(subscribed(running), other)).toBe(past);
  });

  test('no period is past where none is running, or one by agreement', () => {
    const agreed = accountAt(MARCH, { cycle: { anchorMs: at(MARCH), step: 0, creditsPerCycle: 20 } });
    for (const account of [accountAt(MARCH), agreed]) expect(isPast(account, spring)).toBe(false);
  });
});

describe("Stripe's own period end is what counts: no reset too many, none lost", () => {
  const HOURS = [-6 * HOUR_MS, -HOUR_MS, -90 * SECOND_MS, -1, 0, 1, 90 * SECOND_MS, MINUTE_MS * 59, 6 * HOUR_MS];

  test.each(HOURS)('three months, each renewed on time, their ends %i ms off our count', (offMs) => {
    const ends = [APRIL, MAY, JUNE].map((end) => at(end) + offMs);
    let account = accountAt(MARCH);
    let startMs = at(MARCH);
    for (const endMs of ends) {
      const next = { ...period('small', MARCH, APRIL), startMs, endMs };
      const begun = heard(account, startMs, (now) => startPeriod(now, next, startMs));
      expect(months(begun.account)).toEqual([[20, iso(endMs)]]);
      const last = until(begun.account, endMs - 1);
      expect(lines(last.entries)).toEqual([]);
      expect(months(last.account)).toEqual([[20, iso(endMs)]]);
      account = last.account;
      startMs = endMs;
    }
  });

  test.each(HOURS)('two years granted month by month, their ends %i ms off', (offMs) => {
    const ends = ['2027-03-05T08:30:00.000Z', '2028-03-05T08:30:00.000Z'].map((end) => at(end) + offMs);
    let account = accountAt(MARCH);
    let startMs = at(MARCH);
    for (const endMs of ends) {
      const next = { ...period('small', MARCH, APRIL), startMs, endMs };
      const begun = heard(account, startMs, (now) => startPeriod(now, next, startMs));
      const last = until(begun.account, endMs - 1);
      expect(lines(last.entries)).toEqual(Array(11).fill('reset billing_cycle -20 +20'));
      expect(months(last.account)).toEqual([[20, iso(endMs)]]);
      account = last.account;
      startMs = endMs;
    }
  });
});
