import { describe, expect, test } from 'vitest';
import type { Account } from '../../lib/domain/account.ts';
import { advance, withBounds } from '../../lib/domain/advance.ts';
import { balanceOf } from '../../lib/domain/balance.ts';
import { changePlan } from '../../lib/domain/change-plan.ts';
import { drift, type Entry, replay } from '../../lib/domain/entry.ts';
import { accountAt, at, CATALOG, grant, holdOf, PLANS, part } from './account-samples.ts';

const NOW = '2026-03-10T15:00:00Z';
const TONIGHT = '2026-03-11T00:00:00Z';
const ANCHOR = '2026-03-05T08:30:00Z';
const CYCLE_END = '2026-04-05T08:30:00Z';
const LINE = { reason: 'asked for', actor: 'support-1' };

const moved = (account: Account, ...plans: readonly (keyof typeof PLANS)[]) => {
  const entries: Entry[] = [];
  let current = account;
  for (const plan of plans) {
    const step = changePlan(current, PLANS[plan], LINE, at(NOW));
    current = step.account;
    entries.push(...step.entries);
  }
  return { account: withBounds(current, CATALOG, at(NOW)), entries };
};

/** On a plan with credits of the month, of which some are spent and some held. */
const subscribed = (planId: 'small' | 'big', month: { spent: number; held: number }): Account => {
  const size = PLANS[planId].creditsPerCycle;
  const hold = holdOf(1, '2026-03-10T15:30:00Z', [part(2, 'subscription', month.held)]);
  return accountAt(NOW, {
    planId,
    cycle: { anchorMs: at(ANCHOR), step: 0, creditsPerCycle: size },
    grants: [grant(2, 'subscription', size - month.spent - month.held, CYCLE_END, size)],
    holds: month.held === 0 ? [] : [hold],
  });
};

describe("the month's credits on another plan are its allowance less what this cycle has spent or holds (R18)", () => {
  test.each([
    // from (allowance: small 20, big 50), spent, held, → to, left, size
    ['small', 0, 0, ['big'], 50, 50],
    ['small', 5, 0, ['big'], 45, 50],
    ['small', 20, 0, ['big'], 30, 50],
    ['small', 5, 10, ['big'], 35, 50],
    ['big', 0, 0, ['small'], 20, 20],
    ['big', 5, 0, ['small'], 15, 20],
    ['big', 20, 0, ['small'], 0, 20],
    ['big', 5, 10, ['small'], 5, 20],
    // More than the new allowance is spent or held: nothing is left, and nobody owes anything.
    ['big', 35, 0, ['small'], 0, 35],
    ['big', 5, 25, ['small'], 0, 30],
    // To and fro gives nothing away.
    ['small', 5, 0, ['big', 'small'], 15, 20],
    ['big', 35, 0, ['small', 'big'], 15, 50],
    ['big', 35, 0, ['small', 'big', 'small', 'big'], 15, 50],
    ['big', 5, 25, ['small', 'big'], 20, 50],
    // Given up and taken again within the month, it is not granted twice.
    ['big', 35, 0, ['free', 'big'], 15, 50],
    ['big', 35, 5, ['bare', 'small', 'free', 'big'], 10, 50],
  ] as const)('%s, %i spent, %i held → %j: %i left of %i', (from, spent, held, to, remaining, granted) => {
    const { account, entries } = moved(subscribed(from, { spent, held }), ...to);
    const running = account.grants.find((each) => each.kind === 'subscription');
    expect(running).toMatchObject({ id: 2, remaining, granted, expiresAtMs: at(CYCLE_END) });
    expect(account.cycle).toMatchObject({
      anchorMs: at(ANCHOR),
      creditsPerCycle: PLANS[to[to.length - 1] ?? 'free'].creditsPerCycle,
    });
    expect(balanceOf(account, at(NOW)).progress).toMatchObject({ used: spent });
    expect(drift(account, replay([began(from, spent), ...entries], []))).toEqual([]);
  });
});

/** How the month began, less what was spent of it since. */
const began = (planId: 'small' | 'big', spent: number): Entry => {
  const granted = PLANS[planId].creditsPerCycle;
  const change = { grantId: 2, kind: 'subscription', credits: granted - spent, granted } as const;
  return { ordinal: 0, atMs: 0, kind: 'grant', reason: 'payment', changes: [change] };
};

describe('a change of plan takes effect at once (R26)', () => {
  const free = (remaining: number, granted: number) => grant(1, 'free', remaining, TONIGHT, granted);

  test.each([
    // today's free credits: left of granted, → plan (daily: free 10, small 14, big 6, bare 0), left of granted
    ['more a day: the difference comes today', free(10, 10), 'small', [14, 14]],
    ['more a day, some of it spent', free(3, 10), 'small', [7, 14]],
    ['fewer a day: nothing is taken back', free(10, 10), 'big', [10, 10]],
    ['none a day: those of today stay', free(10, 10), 'bare', [10, 10]],
    ['back to more: they are not given twice', free(14, 14), 'small', [14, 14]],
  ] as const)('%s', (_, today, planId, [remaining, granted]) => {
    const { account } = moved(accountAt(NOW, { planId: 'other', grants: [today] }), planId);
    expect(account.grants[0]).toEqual(grant(1, 'free', remaining, TONIGHT, granted));
    expect(account).toMatchObject({ planId, dailyRunLimit: PLANS[planId].dailyRunLimit });
  });

  test('an account without free credits today gets them until midnight', () => {
    const { account } = moved(accountAt(NOW, { planId: 'bare' }), 'free');
    expect(account.grants).toMatchObject([{ kind: 'free', granted: 10, remaining: 10, expiresAtMs: at(TONIGHT) }]);
  });

  test('a plan with credits of the month begins its cycle now', () => {
    const { account, entries } = moved(accountAt(NOW), 'small');
    expect(account.cycle).toEqual({ anchorMs: at(NOW), step: 0, creditsPerCycle: 20 });
    expect(account.grants.find((each) => each.kind === 'subscription')).toMatchObject({
      remaining: 20,
      expiresAtMs: at('2026-04-10T15:00:00Z'),
    });
    expect(account.validUntilMs).toBe(at(TONIGHT));
    expect(entries).toMatchObject([{ kind: 'adjustment', planId: 'small', reason: 'asked for', actor: 'support-1' }]);
  });

  test('on a plan without them what is left of the month lives until its end, and no other month follows', () => {
    const { account } = moved(subscribed('big', { spent: 5, held: 0 }), 'free');
    const monthly = (of: Account) => of.grants.filter((each) => each.kind === 'subscription');
    expect(monthly(account)).toEqual([grant(2, 'subscription', 45, CYCLE_END, 50)]);
    const until = (nowMs: number) => advance(account, new Map(), CATALOG, nowMs).account;
    expect(monthly(until(at(CYCLE_END) - 1))).toHaveLength(1);
    expect(monthly(until(at(CYCLE_END)))).toEqual([]);
    expect(until(at(CYCLE_END)).cycle).toBeNull();
  });

  test('the next cycle gives what the new plan gives', () => {
    const { account } = moved(subscribed('big', { spent: 35, held: 0 }), 'small');
    const { account: next } = advance(account, new Map(), CATALOG, at(CYCLE_END));
    expect(next.grants.filter((each) => each.kind === 'subscription')).toMatchObject([{ granted: 20, remaining: 20 }]);
  });

  test('bought and promotional credits are never touched, nor runs, holds and rules (R14)', () => {
    const others = [grant(3, 'pack', 500, CYCLE_END), grant(4, 'promotional', 30, CYCLE_END)];
    const before = accountAt(NOW, {
      grants: others,
      runs: { day: 20522, used: 2 },
      rule: { autoApproveUpTo: 5, version: 3 },
    });
    const { account } = moved(before, 'small', 'bare', 'big', 'free');
    expect(account.grants.slice(0, 2)).toEqual(others);
    expect(account).toMatchObject({ runs: before.runs, rule: before.rule, holds: before.holds });
  });

  test('an account with nothing to change of its credits still has a line of it', () => {
    const { account, entries } = moved(accountAt(NOW), 'bare');
    expect(account.planId).toBe('bare');
    expect(entries).toMatchObject([{ changes: [], planId: 'bare' }]);
  });
});
