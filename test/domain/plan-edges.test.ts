import { describe, expect, test } from 'vitest';
import type { Account, Cycle } from '../../lib/domain/account.ts';
import { changeDailyCredits, changePlan, resize } from '../../lib/domain/change-plan.ts';
import { accountAt, at, grant, left, PLANS } from './account-samples.ts';

const NOW = '2026-03-10T15:00:00Z';
const TONIGHT = '2026-03-11T00:00:00Z';
const LATER = '2026-09-01T00:00:00Z';
const MONTH_END = '2026-04-01T00:00:00Z';
const LINE = { reason: 'agreed', actor: 'support-1' };

const running: Cycle = { anchorMs: at('2026-03-01T00:00:00Z'), step: 0, creditsPerCycle: 20 };

test('a grant that has its size already has no change in the line', () => {
  const account = accountAt(NOW, { grants: [grant(1, 'pack', 3, LATER, 10)] });
  expect(resize(account, grant(1, 'pack', 3, LATER, 10), 10)).toEqual({ account, changes: [] });
});

describe('today’s free credits grow with the plan', () => {
  test.each([
    ['a pack is older', [grant(1, 'pack', 9, LATER), grant(2, 'free', 4, TONIGHT, 10)], { 1: 9, 2: 8 }],
    [
      'a hold still draws on yesterday’s',
      [grant(1, 'free', 0, '2026-03-10T00:00:00Z', 10), grant(2, 'free', 4, TONIGHT, 10)],
      { 1: 0, 2: 8 },
    ],
    ['there are none today', [grant(1, 'pack', 9, LATER)], { 1: 9, 100: 14 }],
  ] as const)('where %s', (_, grants, expected) => {
    expect(left(changeDailyCredits(accountAt(NOW, { grants }), PLANS.small, at(NOW)).account)).toEqual(expected);
  });
});

describe('a plan with more credits a month', () => {
  const moved = (given: Partial<Account>) =>
    changePlan(accountAt(NOW, { planId: 'small', cycle: running, ...given }), PLANS.big, LINE, at(NOW));
  const free = grant(1, 'free', 14, TONIGHT);

  test.each([
    [
      'makes this month’s grant larger, and no pack that ends with it',
      [free, grant(2, 'pack', 9, MONTH_END), grant(3, 'subscription', 5, MONTH_END, 20)],
      { 1: 14, 2: 9, 3: 35 },
    ],
    [
      'makes this month’s grant larger, and none of a month before that came back for a day',
      [free, grant(2, 'subscription', 3, '2026-03-11T09:00:00Z', 20), grant(3, 'subscription', 5, MONTH_END, 20)],
      { 1: 14, 2: 3, 3: 35 },
    ],
    ['begins a month where there is no grant of this one', [free], { 1: 14, 100: 50 }],
  ] as const)('%s', (_, grants, expected) => {
    expect(left(moved({ grants }).account)).toEqual(expected);
  });

  test('begins its month now, where there is no grant of this one', () => {
    expect(moved({ grants: [free] }).account.cycle).toEqual({ anchorMs: at(NOW), step: 0, creditsPerCycle: 50 });
  });
});

describe('of a period half of whose money went back', () => {
  const share = { out: 500, paid: 1000, frozen: false };
  const period = (graceUntilMs: number | null): Cycle => ({
    ...running,
    paid: { untilMs: at(MONTH_END), renews: true, nextPlanId: null, graceUntilMs, share },
  });
  const shrunk = { ...grant(2, 'subscription', 10, MONTH_END, 20), back: { taken: 10, owed: 0 } };
  const moved = (to: keyof typeof PLANS, grants: Account['grants'], graceUntilMs: number | null = null) =>
    changePlan(accountAt(NOW, { planId: 'small', cycle: period(graceUntilMs), grants }), PLANS[to], LINE, at(NOW));
  const kinds = (step: ReturnType<typeof moved>) => step.entries.map(({ kind }) => kind);

  test('a larger plan’s month is half as large too', () => {
    const step = moved('big', [shrunk]);
    expect(step.account.grants.find(({ id }) => id === 2)).toMatchObject({ granted: 50, remaining: 25 });
    expect(kinds(step)).toEqual(['clawback', 'adjustment', 'clawback']);
  });

  test('a plan without credits leaves what is left of the month as it is, in one line', () => {
    const step = moved('bare', [shrunk]);
    expect(step.account.grants.find(({ id }) => id === 2)).toEqual(shrunk);
    expect(kinds(step)).toEqual(['adjustment']);
  });

  test('while the next period waits for its payment, a plan by agreement is whole, in one line', () => {
    const step = moved('big', [{ ...shrunk, expiresAtMs: at('2026-03-10T17:00:00Z') }], at('2026-03-10T17:00:00Z'));
    expect(kinds(step)).toEqual(['adjustment']);
    expect(step.account.grants.find(({ id }) => id > 100)).toMatchObject({ kind: 'subscription', remaining: 50 });
  });
});
