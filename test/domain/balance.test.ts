import { describe, expect, test } from 'vitest';
import { balanceOf } from '../../lib/domain/balance.ts';
import { drift, replay } from '../../lib/domain/entry.ts';
import { openAccount } from '../../lib/domain/open-account.ts';
import { accountAt, at, grant, holdOf, PLANS, part } from './account-samples.ts';

const NOON = '2026-03-01T12:00:00Z';
const MIDNIGHT = '2026-03-02T00:00:00Z';
const LATER = '2026-04-01T00:00:00Z';

describe('the balance an owner sees (R22)', () => {
  const parts = [part(1, 'free', 4), part(2, 'pack', 6), part(3, 'promotional', 2)];
  const account = accountAt(NOON, {
    grants: [
      grant(1, 'free', 3, MIDNIGHT, 10),
      grant(2, 'pack', 40, LATER, 50),
      grant(3, 'promotional', 0, NOON, 9),
      grant(4, 'promotional', 8, '2026-03-01T11:59:59Z', 8),
      grant(5, 'subscription', 0, '2026-03-20T00:00:00Z', 20),
    ],
    holds: [holdOf(1, '2026-03-01T12:30:00Z', parts)],
  });
  const shown = balanceOf(account, at(NOON));

  test('tells held from spent: what is only held does not look charged', () => {
    expect(shown).toMatchObject({ available: 43, held: 12 });
    // Of 10 + 50 + 20: 3 of the free ones, 4 of the pack and all of the month's are spent.
    expect(shown.progress).toEqual({ used: 27, total: 80 });
  });

  test('leaves what went with its money out of what was used, and of the whole (R20)', () => {
    const back = { taken: 15, owed: 5 };
    const pack = { ...grant(2, 'pack', 20, LATER, 50), back };
    // Of 50 credits 15 are gone with the money, 20 are left, 15 were spent.
    expect(balanceOf(accountAt(NOON, { grants: [pack] }), at(NOON)).progress).toEqual({ used: 15, total: 35 });
  });

  test('lists grants in drawing order, one that is over only while a run holds of it', () => {
    expect(shown.grants.map(({ id, remaining, held }) => [id, remaining, held])).toEqual([
      [3, 0, 2],
      [1, 3, 4],
      [5, 0, 0],
      [2, 40, 6],
    ]);
  });

  test('gives instants, not hours of a day: when runs and credits reset', () => {
    expect(shown.runsToday).toEqual({ used: 1, limit: 3, resetsAtMs: at(MIDNIGHT) });
    expect(shown.nextResetAtMs).toBe(at(MIDNIGHT));
    const cycle = { anchorMs: at('2026-02-01T18:00:00Z'), step: 0, creditsPerCycle: 20 };
    expect(balanceOf({ ...account, cycle }, at(NOON)).nextResetAtMs).toBe(at('2026-03-01T18:00:00Z'));
  });
});

describe('an account nobody has written', () => {
  test.each([
    ['2026-03-01T12:00:00Z', MIDNIGHT],
    ['2026-03-01T00:00:00Z', MIDNIGHT],
    ['2026-03-01T23:59:59.999Z', MIDNIGHT],
  ])('opened at %s has its free credits until %s', (now, ends) => {
    const { account, entries } = openAccount('ann', PLANS.free, at(now));
    expect(account).toMatchObject({ ver: 0, planId: 'free', dailyRunLimit: 3, validUntilMs: at(ends) });
    expect(account.grants).toEqual([grant(account.grants[0]?.id ?? 0, 'free', 10, ends)]);
    expect(drift(account, replay(entries, []))).toEqual([]);
    expect(balanceOf(account, at(now))).toMatchObject({ available: 10, held: 0, progress: { used: 0, total: 10 } });
  });

  test('on a plan without daily credits has none', () => {
    const { account, entries } = openAccount('ann', PLANS.bare, at(NOON));
    expect(account.grants).toEqual([]);
    expect(drift(account, replay(entries, []))).toEqual([]);
  });
});

describe('drift finds what an account and its history do not agree on (I2)', () => {
  const { account, entries } = openAccount('ann', PLANS.free, at(NOON));
  const [free] = account.grants;
  const id = free?.id ?? 0;
  const hold = holdOf(1, '2026-03-01T12:30:00Z', [part(id, 'free', 4)]);
  const having = (remaining: number, granted = 10) => [{ ...grant(id, 'free', remaining, MIDNIGHT, granted) }];

  test.each([
    ['as told', { grants: having(10) }, []],
    ['a credit too many', { grants: having(11) }, [/the account has 11, its history tells 10/]],
    ['a credit too few', { grants: having(9) }, [/the account has 9, its history tells 10/]],
    ['held and remaining together', { grants: having(6), holds: [hold] }, []],
    ['held twice over', { grants: having(10), holds: [hold] }, [/the account has 14/]],
    ['another size', { grants: having(10, 12) }, [/granted 12, its history tells 10/]],
    ['a grant gone', { grants: [] }, [/the account has 0, its history tells 10/]],
    ['a grant gone while held', { grants: [], holds: [hold] }, [/the account has 4/, /held but gone/]],
    [
      'a grant from nowhere',
      { grants: [...having(10), grant(9, 'pack', 5, LATER)] },
      [/grant 9: the account has 5/, /granted 5/],
    ],
    ['a debt', { grants: having(-1) }, [/the account has -1/, /-1 remaining/]],
    ['a hold of nothing', { grants: having(10), holds: [{ ...hold, parts: [] }] }, [/holds nothing/]],
  ])('%s', (_, given, faults) => {
    const found = drift({ ...account, holds: [], ...given }, replay(entries, []));
    expect(found).toHaveLength(faults.length);
    for (const [at, fault] of faults.entries()) expect(found[at]).toMatch(fault);
  });
});
