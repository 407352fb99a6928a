import { describe, expect, test } from 'vitest';
import { isApproval } from '../../lib/domain/account.ts';
import { type PreferencesChange, setPreferencesOf } from '../../lib/domain/preferences.ts';
import { accountAt } from './account-samples.ts';

const NOW = '2026-03-20T12:00:00Z';
const account = accountAt(NOW, { rule: { autoApproveUpTo: 20, version: 3 }, lowBalanceAt: 5 });

describe('preferences: what is left out stays, null clears, a changed rule is a new version (R4)', () => {
  test.each<[string, PreferencesChange, upTo: number | null, version: number, lowAt: number | null]>([
    ['another rule', { autoApproveUpTo: 30 }, 30, 4, 5],
    ['no rule', { autoApproveUpTo: null }, null, 4, 5],
    ['a rule of no credits', { autoApproveUpTo: 0 }, 0, 4, 5],
    ['another notice', { lowBalanceAt: 9 }, 20, 3, 9],
    ['no notice', { lowBalanceAt: null }, 20, 3, null],
    ['the same rule, another notice', { autoApproveUpTo: 20, lowBalanceAt: 9 }, 20, 3, 9],
    ['both', { autoApproveUpTo: 1, lowBalanceAt: null }, 1, 4, null],
    ['another rule, the same notice', { autoApproveUpTo: 1, lowBalanceAt: 5 }, 1, 4, 5],
  ])('%s', (_, change, autoApproveUpTo, version, lowBalanceAt) => {
    expect(setPreferencesOf(account, change)).toEqual({ ...account, rule: { autoApproveUpTo, version }, lowBalanceAt });
  });

  test.each([{}, { autoApproveUpTo: 20 }, { lowBalanceAt: 5 }, { autoApproveUpTo: 20, lowBalanceAt: 5 }])(
    '%j changes nothing: it is the very same account',
    (change) => {
      expect(setPreferencesOf(account, change)).toBe(account);
    },
  );
});

test.each([
  [{ how: 'explicit' }, true],
  [{ how: 'standing_rule', ruleVersion: 0 }, true],
  [{ how: 'standing_rule', ruleVersion: 1.5 }, false],
  [{ how: 'standing_rule', ruleVersion: '1' }, false],
  [{ how: 'standing_rule' }, false],
  [{ how: 'guessed', ruleVersion: 1 }, false],
  [{ ruleVersion: 1 }, false],
  [null, false],
  [undefined, false],
  ['explicit', false],
  [Object.assign(() => undefined, { how: 'explicit' }), false],
])('%j is an approval: %s', (value, is) => {
  expect(isApproval(value)).toBe(is);
});
