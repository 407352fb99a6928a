import { describe, expect, test } from 'vitest';
import type { Account, Cycle, PaidPeriod } from '../../lib/domain/account.ts';
import { crossCycle, crossMidnight, endGrants, stepEndsAtMs, takeBackRunning } from '../../lib/domain/boundary.ts';
import { accountAt, at, CATALOG, grant, holdOf, left, PLANS, part } from './account-samples.ts';

const NOW = '2026-03-10T15:00:00Z';
const TONIGHT = '2026-03-11T00:00:00Z';
const LATER = '2026-09-01T00:00:00Z';
const MONTH_END = '2026-04-01T00:00:00Z';

const paid = (until: string, more: Partial<PaidPeriod> = {}): PaidPeriod => {
  return { untilMs: at(until), renews: true, nextPlanId: null, graceUntilMs: null, share: null, ...more };
};
const cycle = (creditsPerCycle: number, period: PaidPeriod | null): Cycle => {
  const months = { anchorMs: at('2026-03-01T00:00:00Z'), step: 0, creditsPerCycle };
  return period === null ? months : { ...months, paid: period };
};

describe('a grant that is ended', () => {
  const holds = [holdOf(1, LATER, [part(1, 'pack', 5)])];

  test('stays, empty, where a hold draws on it, and its line says that it is over now', () => {
    const drawn = grant(1, 'pack', 0, LATER, 5);
    const { account, changes } = endGrants(accountAt(NOW, { grants: [drawn], holds }), [drawn], at(NOW));
    expect(account.grants).toEqual([{ ...drawn, expiresAtMs: at(NOW) }]);
    expect(changes).toEqual([{ grantId: 1, kind: 'pack', credits: 0, expiresAtMs: at(NOW) }]);
  });

  test('goes, where a hold draws on another one only', () => {
    const [drawn, other] = [grant(1, 'pack', 0, LATER, 5), grant(2, 'pack', 7, LATER)];
    const { account, changes } = endGrants(accountAt(NOW, { grants: [drawn, other], holds }), [other], at(NOW));
    expect(account.grants).toEqual([drawn]);
    expect(changes).toEqual([{ grantId: 2, kind: 'pack', credits: -7 }]);
  });
});

test('at midnight, yesterday’s free credits that a hold still draws on are not counted with today’s', () => {
  const yesterday = grant(1, 'free', 0, '2026-03-10T00:00:00Z', 10);
  const holds = [holdOf(1, LATER, [part(1, 'free', 4)])];
  const account = accountAt(NOW, { grants: [yesterday, grant(2, 'free', 10, TONIGHT)], holds });
  const crossed = crossMidnight(account, PLANS.free, at(TONIGHT));
  expect(crossed.entries).toEqual([]);
  expect(crossed.account.grants).toEqual([yesterday, grant(2, 'free', 10, '2026-03-12T00:00:00Z')]);
});

test('at midnight the free credits are the allowance, however many grants of them there were (R12)', () => {
  const account = accountAt(NOW, { grants: [grant(1, 'free', 10, TONIGHT), grant(2, 'free', 4, TONIGHT)] });
  const crossed = crossMidnight(account, PLANS.free, at(TONIGHT));
  expect(left(crossed.account)).toEqual({ 100: 10 });
  expect(crossed.entries.map(({ changes }) => changes.map(({ credits }) => credits))).toEqual([[-10, -4, 10]]);
});

test.each([
  // paid until, end of the first month
  ['2026-04-01T00:00:00Z', '2026-04-01T00:00:00Z'],
  ['2026-04-01T23:59:59.999Z', '2026-04-01T23:59:59.999Z'],
  ['2026-04-02T00:00:00Z', '2026-04-01T00:00:00Z'],
  ['2026-05-01T00:00:00Z', '2026-04-01T00:00:00Z'],
])('a month of what is paid until %s ends at %s: within a day, what was paid for counts', (until, ends) => {
  expect(stepEndsAtMs(cycle(20, paid(until)))).toBe(at(ends));
});

describe('a cycle’s end', () => {
  const crossed = (given: Partial<Account>, ends = MONTH_END) =>
    crossCycle(accountAt(NOW, { planId: 'small', dailyRunLimit: 5, ...given }), CATALOG, at(ends));

  test('is nothing to an account without a cycle', () => {
    const account = accountAt(NOW);
    expect(crossCycle(account, CATALOG, at(MONTH_END))).toEqual({ account, entries: [] });
  });

  test('begins the next month of a paid plan without credits too: it is still paid for', () => {
    const { account, entries } = crossed({ planId: 'bare', cycle: cycle(0, paid('2027-03-01T00:00:00Z')) });
    expect(account.cycle).toMatchObject({ step: 1, paid: { untilMs: at('2027-03-01T00:00:00Z') } });
    expect(entries).toEqual([]);
  });

  test('ends an agreement without credits', () => {
    expect(crossed({ planId: 'bare', cycle: cycle(0, null) }).account.cycle).toBeNull();
  });

  test('leaves the running limit and the plan to those who wait for their payment, and says only what has changed', () => {
    const running = grant(1, 'subscription', 8, MONTH_END, 20);
    const { account, entries } = crossed({
      cycle: cycle(20, paid(MONTH_END)),
      dailyRunLimit: 77,
      grants: [running],
    });
    const expiresAtMs = at('2026-04-01T03:00:00Z');
    expect(account).toMatchObject({ dailyRunLimit: 77, planId: 'small', grants: [{ ...running, expiresAtMs }] });
    expect(entries).toEqual([
      {
        ordinal: 100,
        atMs: at(MONTH_END),
        kind: 'adjustment',
        changes: [{ grantId: 1, kind: 'subscription', credits: 0, expiresAtMs }],
        reason: 'awaiting_payment',
      },
    ]);
  });

  test.each([
    // next plan, lines
    [null, []],
    ['bare', []],
    ['small', [{ kind: 'adjustment', reason: 'awaiting_payment', planId: 'small', changes: [] }]],
  ])('without credits to keep, the next plan being %s, says no more than that', (nextPlanId, lines) => {
    const { account, entries } = crossed({ planId: 'bare', cycle: cycle(0, paid(MONTH_END, { nextPlanId })) });
    expect(account.cycle?.paid?.graceUntilMs).toBe(at('2026-04-01T03:00:00Z'));
    expect(entries).toEqual(lines.map((line) => ({ ordinal: 100, atMs: at(MONTH_END), ...line })));
    expect(account.nextOrdinal).toBe(100 + lines.length);
  });
});

test('money that goes back of a period without credits takes none, and says nothing', () => {
  const account = accountAt(NOW, { cycle: cycle(0, paid(MONTH_END)) });
  const line = { atMs: at(NOW), reason: 'payment_refunded' };
  const share = { out: 1000, paid: 1000, frozen: false };
  expect(takeBackRunning(account, share, line)).toEqual({ account, entries: [] });
});
