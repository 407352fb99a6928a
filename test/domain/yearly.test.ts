import { describe, expect, test } from 'vitest';
import { startPeriod } from '../../lib/domain/subscription.ts';
import { HOUR_MS } from '../../lib/domain/time.ts';
import { accountAt, at } from './account-samples.ts';
import { heard, iso, lines, months, period, subscribed, until } from './payment-samples.ts';

const TIME = 'T08:30:00.123Z';

/** The starts of its twelve months, and its end. */
const YEARS = [
  [
    'an ordinary day',
    [
      '2026-03-05',
      '2026-04-05',
      '2026-05-05',
      '2026-06-05',
      '2026-07-05',
      '2026-08-05',
      '2026-09-05',
      '2026-10-05',
      '2026-11-05',
      '2026-12-05',
      '2027-01-05',
      '2027-02-05',
      '2027-03-05',
    ],
  ],
  [
    'the 29th',
    [
      '2026-01-29',
      '2026-02-28',
      '2026-03-29',
      '2026-04-29',
      '2026-05-29',
      '2026-06-29',
      '2026-07-29',
      '2026-08-29',
      '2026-09-29',
      '2026-10-29',
      '2026-11-29',
      '2026-12-29',
      '2027-01-29',
    ],
  ],
  [
    'the 30th',
    [
      '2026-11-30',
      '2026-12-30',
      '2027-01-30',
      '2027-02-28',
      '2027-03-30',
      '2027-04-30',
      '2027-05-30',
      '2027-06-30',
      '2027-07-30',
      '2027-08-30',
      '2027-09-30',
      '2027-10-30',
      '2027-11-30',
    ],
  ],
  [
    'the 31st, into a leap year',
    [
      '2027-12-31',
      '2028-01-31',
      '2028-02-29',
      '2028-03-31',
      '2028-04-30',
      '2028-05-31',
      '2028-06-30',
      '2028-07-31',
      '2028-08-31',
      '2028-09-30',
      '2028-10-31',
      '2028-11-30',
      '2028-12-31',
    ],
  ],
  [
    'a leap day',
    [
      '2028-02-29',
      '2028-03-29',
      '2028-04-29',
      '2028-05-29',
      '2028-06-29',
      '2028-07-29',
      '2028-08-29',
      '2028-09-29',
      '2028-10-29',
      '2028-11-29',
      '2028-12-29',
      '2029-01-29',
      '2029-02-28',
    ],
  ],
] as const;

const yearOf = (days: readonly string[], planId: 'small' | 'big' = 'small') =>
  period(planId, `${days[0]}${TIME}`, `${days[12]}${TIME}`);

describe('a yearly plan is granted month by month, never the whole year at once (R13)', () => {
  test.each(YEARS)('bought on %s', (_, days) => {
    let account = subscribed(yearOf(days), { spent: 5 });
    for (const day of days.slice(1, 12)) {
      const endsAtMs = at(`${day}${TIME}`);
      expect(months(account).at(-1)?.[1]).toBe(iso(endsAtMs));
      const before = until(account, endsAtMs - 1);
      expect(lines(before.entries)).toEqual([]);
      const after = until(before.account, endsAtMs);
      expect(lines(after.entries)).toEqual([`reset billing_cycle ${account.cycle?.step === 0 ? -15 : -20} +20`]);
      account = after.account;
    }
    expect(months(account)).toEqual([[20, `${days[12]}${TIME}`]]);
    const over = until(account, at(`${days[12]}${TIME}`));
    expect(lines(over.entries)).toEqual(['adjustment awaiting_payment 0']);
  });

  test.each(YEARS)('heard of in whichever of its months, on %s: that month begins, no other', (_, days) => {
    for (const [month, day] of days.slice(0, 12).entries()) {
      const [startMs, nextMs] = [at(`${day}${TIME}`), at(`${days[month + 1]}${TIME}`)];
      for (const nowMs of [startMs, startMs + 1, startMs + 200 * HOUR_MS, nextMs - 1]) {
        const begun = heard(accountAt(iso(nowMs)), nowMs, (now) => startPeriod(now, yearOf(days), nowMs));
        expect(lines(begun.entries)).toEqual(['grant subscription_started +20']);
        expect(months(begun.account)).toEqual([[20, iso(nextMs)]]);
      }
    }
  });

  test('from a leap day to the next: Feb 28 in years that have none, Feb 29 in the one that has', () => {
    let account = accountAt(`2028-02-29${TIME}`);
    const ends = ['2029-02-28', '2030-02-28', '2031-02-28', '2032-02-29'].map((day) => `${day}${TIME}`);
    let start = `2028-02-29${TIME}`;
    for (const end of ends) {
      const begun = heard(account, at(start), (now) =>
        startPeriod(now, period('small', start, end, `2028-02-29${TIME}`), at(start)),
      );
      const { account: last, entries } = until(begun.account, at(end) - 1);
      expect(entries.filter(({ reason }) => reason === 'billing_cycle')).toHaveLength(11);
      expect(months(last)).toEqual([[20, end]]);
      account = last;
      start = end;
    }
  });
});
