import { describe, expect, test } from 'vitest';
import type { Account } from '../../lib/domain/account.ts';
import { creditsOf, drift, type Entry, replay } from '../../lib/domain/entry.ts';
import { endRun } from '../../lib/domain/run-record.ts';
import { accountAt, at, grant, holdOf, part } from './account-samples.ts';

const NOW = '2026-03-20T12:00:00Z';
const [SOON, LATER] = ['2026-09-01T00:00:00Z', '2026-12-01T00:00:00Z'];

const line = (ordinal: number, kind: Entry['kind'], changes: Entry['changes']): Entry => ({
  ordinal,
  atMs: at(NOW) + ordinal,
  kind,
  changes,
  reason: 'x',
});
const given = line(1, 'grant', [{ grantId: 1, kind: 'pack', credits: 50, granted: 50, expiresAtMs: at(SOON) }]);
const moved = line(2, 'adjustment', [{ grantId: 1, kind: 'pack', credits: 0, expiresAtMs: at(LATER) }]);
const taken = line(3, 'clawback', [{ grantId: 1, kind: 'pack', credits: -8 }]);
const hold = holdOf(1, SOON, [part(1, 'pack', 9)]);
const settled = endRun(hold, { outcome: 'settled', cost: 4 }, at(NOW));

describe('a history adds up to its grants (I2)', () => {
  test('size, credits less what was charged, and the end as last told', () => {
    expect(replay([given, moved, taken], [settled])).toEqual(
      new Map([[1, { kind: 'pack', granted: 50, credits: 38, expiresAtMs: at(LATER) }]]),
    );
  });

  test('a charge of a grant that no line tells of is not made up', () => {
    expect(replay([], [settled])).toEqual(new Map());
  });

  test('a line is worth the sum of its changes', () => {
    expect([given, moved, taken].map(creditsOf)).toEqual([50, 0, -8]);
  });
});

describe('where an account and its history differ, it is said in words', () => {
  const told = replay([given], []);
  const pack = (remaining: number, granted = 50) => grant(1, 'pack', remaining, SOON, granted);
  const holding = (...credits: readonly number[]) =>
    credits.map((each, at) => holdOf(at + 1, SOON, [part(1, 'pack', each)]));

  test.each<[string, Partial<Account>, readonly string[]]>([
    ['nowhere', { grants: [pack(50)] }, []],
    ['nowhere, with two runs held', { grants: [pack(38)], holds: holding(9, 3) }, []],
    ['a credit too few', { grants: [pack(49)] }, ['grant 1: the account has 49, its history tells 50']],
    [
      'a credit too many, held',
      { grants: [pack(38)], holds: holding(9, 4) },
      ['grant 1: the account has 51, its history tells 50'],
    ],
    ['another size', { grants: [pack(50, 60)] }, ['grant 1: granted 60, its history tells 50']],
    ['gone', {}, ['grant 1: the account has 0, its history tells 50']],
    ['gone, and held', { holds: holding(50) }, ['grant 1: held but gone']],
    ['below nothing', { grants: [pack(-1)], holds: holding(51) }, ['grant 1: -1 remaining']],
    [
      'a run that holds nothing',
      { grants: [pack(50)], holds: [holdOf(1, SOON, [])] },
      [`run ${hold.runUuid}: holds nothing`],
    ],
    [
      'a grant out of nowhere',
      { grants: [pack(50), grant(2, 'pack', 7, SOON)] },
      ['grant 2: the account has 7, its history tells 0', 'grant 2: granted 7, its history tells 0'],
    ],
    [
      'a hold out of nowhere',
      { grants: [pack(50)], holds: [holdOf(1, SOON, [part(9, 'pack', 2)])] },
      ['grant 9: the account has 2, its history tells 0', 'grant 9: held but gone'],
    ],
  ])('%s', (_, state, faults) => {
    expect(drift(accountAt(NOW, state), told)).toEqual(faults);
  });
});
