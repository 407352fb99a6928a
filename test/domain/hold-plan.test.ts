import { describe, expect, test } from 'vitest';
import { holdFrom, MAX_HOLDS, planHold, ruleApproves } from '../../lib/domain/hold-plan.ts';
import { setPreferencesOf } from '../../lib/domain/preferences.ts';
import { accountAt, at, grant, holdOf, part } from './account-samples.ts';

const NOON = '2026-03-01T12:00:00Z';
const MIDNIGHT = '2026-03-02T00:00:00Z';
const OWNER = { how: 'explicit' } as const;
const RULE = { how: 'standing_rule', ruleVersion: 4 } as const;
const free = grant(1, 'free', 10, MIDNIGHT);

describe('a hold is planned, or refused with the reason', () => {
  const rule = (autoApproveUpTo: number | null) => ({ autoApproveUpTo, version: 4 });
  const runs = (used: number) => ({ day: 20513, used });
  const limited = { refused: 'daily_run_limit_reached', limit: 3, resetsAtMs: at(MIDNIGHT) };
  const short = (needed: number, available: number) => ({ refused: 'insufficient_credits', needed, available });

  test.each([
    // the account, credits asked for, who says yes → refused, or planned
    ['enough', { grants: [free] }, 10, OWNER, null],
    ['one credit short: all or nothing (R5)', { grants: [free] }, 11, OWNER, short(11, 10)],
    ['nothing there', {}, 1, OWNER, short(1, 0)],
    ['only what is over', { grants: [grant(1, 'pack', 50, NOON)] }, 1, OWNER, short(1, 0)],
    ['the last run of the day (R8)', { grants: [free], runs: runs(2) }, 1, OWNER, null],
    ['one run more than the day allows', { grants: [free], runs: runs(3) }, 1, OWNER, limited],
    ['the limit was lowered below what has run', { grants: [free], runs: runs(9) }, 1, OWNER, limited],
    ['neither run nor credits: the limit is named', { runs: runs(3) }, 1, OWNER, limited],
    ['a plan without a limit', { grants: [free], runs: runs(900), dailyRunLimit: null }, 1, OWNER, null],
    ['a plan with a limit of none', { grants: [free], dailyRunLimit: 0 }, 1, OWNER, { ...limited, limit: 0 }],
    ['just what the standing rule approves (R4)', { grants: [free], rule: rule(5) }, 5, RULE, null],
    ['a credit more than it approves', { grants: [free], rule: rule(5) }, 6, RULE, { refused: 'approval_required' }],
    ['no rule', { grants: [free], rule: rule(null) }, 1, RULE, { refused: 'approval_required' }],
    ['a rule that approves nothing', { grants: [free], rule: rule(0) }, 1, RULE, { refused: 'approval_required' }],
    ['the owner needs no rule', { grants: [free], rule: rule(null) }, 10, OWNER, null],
  ] as const)('%s', (_, given, credits, approval, refusal) => {
    const plan = planHold(accountAt(NOON, given), { credits, approval }, at(NOON));
    if (refusal === null)
      expect(plan).toMatchObject({ draws: [{ grantId: 1, credits, exact: false }], nextOrdinal: 100 });
    else expect(plan).toEqual(refusal);
  });

  test('as many holds as an account holds at a time leave no room; want of credits and the day’s limit are named first', () => {
    const grants = [grant(1, 'free', MAX_HOLDS, MIDNIGHT)];
    const planned = (holds: number, credits: number, dailyRunLimit: number | null) => {
      const held = Array.from({ length: holds }, (_, each) => holdOf(each, MIDNIGHT, [part(1, 'free', 1)]));
      const account = accountAt(NOON, { grants, holds: held, dailyRunLimit });
      return planHold(account, { credits, approval: OWNER }, at(NOON));
    };
    expect(planned(MAX_HOLDS - 1, 1, null)).toMatchObject({ draws: [{ grantId: 1, credits: 1 }] });
    expect(planned(MAX_HOLDS, 1, null)).toEqual({ refused: 'unavailable', retryAfterSeconds: 60 });
    expect(planned(MAX_HOLDS, MAX_HOLDS + 1, null)).toMatchObject({ refused: 'insufficient_credits' });
    expect(planned(MAX_HOLDS, 1, 3)).toMatchObject({ refused: 'daily_run_limit_reached' });
  });

  test('a plan vouches for the deadlines it saw, and for those placed before its bound passes', () => {
    const holds = [holdOf(1, '2026-03-01T12:40:00Z', [part(1, 'free', 1)]), holdOf(2, '2026-03-01T12:20:00Z', [])];
    const seen = (holdsValidUntilMs: number | null) =>
      planHold(
        { ...accountAt(NOON, { grants: [free], holds }), dailyRunLimit: null, holdsValidUntilMs },
        { credits: 1, approval: OWNER },
        at(NOON),
      );
    expect(seen(at(NOON) + 5)).toMatchObject({ boundMs: at(NOON) + 5, earliestDeadlineMs: at(NOON) + 5 });
    expect(seen(at(NOON))).toMatchObject({ boundMs: at(NOON), earliestDeadlineMs: at('2026-03-01T12:20:00Z') });
    const none = planHold(accountAt(NOON, { grants: [free] }), { credits: 1, approval: OWNER }, at(NOON));
    expect(none).toMatchObject({ boundMs: null, earliestDeadlineMs: null });
  });

  test('the hold it makes names only the grants it takes from', () => {
    const draws = [
      { grantId: 3, kind: 'pack', credits: 0, exact: true },
      { grantId: 1, kind: 'free', credits: 4, exact: false },
    ] as const;
    const { parts: _, ...terms } = holdOf(1, '2026-03-01T13:00:00Z', []);
    const hold = holdFrom({ draws, nextOrdinal: 1, ver: 1, boundMs: null, earliestDeadlineMs: null }, terms);
    expect(hold).toEqual({ ...terms, parts: [part(1, 'free', 4)] });
  });
});

describe('the standing rule (R4)', () => {
  const account = accountAt(NOON, { rule: { autoApproveUpTo: 5, version: 4 }, lowBalanceAt: 7 });

  test.each([
    ['left out: nothing changes', {}, { autoApproveUpTo: 5, version: 4 }, 7],
    [
      'set to what it is: no new version',
      { autoApproveUpTo: 5, lowBalanceAt: 7 },
      { autoApproveUpTo: 5, version: 4 },
      7,
    ],
    ['raised: a new version', { autoApproveUpTo: 6 }, { autoApproveUpTo: 6, version: 5 }, 7],
    ['cleared: a new version', { autoApproveUpTo: null }, { autoApproveUpTo: null, version: 5 }, 7],
    ['zero is not none', { autoApproveUpTo: 0 }, { autoApproveUpTo: 0, version: 5 }, 7],
    ['the notice alone: the rule keeps its version', { lowBalanceAt: 3 }, { autoApproveUpTo: 5, version: 4 }, 3],
    ['the notice cleared', { lowBalanceAt: null }, { autoApproveUpTo: 5, version: 4 }, null],
  ])('%s', (_, change, rule, lowBalanceAt) => {
    const next = setPreferencesOf(account, change);
    expect(next).toEqual({ ...account, rule, lowBalanceAt });
    const same = rule.version === 4 && lowBalanceAt === 7;
    expect(next === account).toBe(same);
  });

  test.each([
    [4, true],
    [5, true],
    [6, false],
  ])('says to %i credits: %s', (credits, approves) => {
    expect(ruleApproves(account, credits)).toBe(approves);
  });
});
