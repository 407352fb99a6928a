import { describe, expect, test } from 'vitest';
import { giveBack } from '../../lib/domain/give-back.ts';
import { givenAndGone } from '../../lib/domain/given-and-gone.ts';
import { refundRun } from '../../lib/domain/refund-run.ts';
import { endRun } from '../../lib/domain/run-record.ts';
import { dueBack, takeBack } from '../../lib/domain/take-back.ts';
import { accountAt, at, grant, holdOf, part } from './account-samples.ts';

const NOW = '2026-03-10T15:00:00Z';
const LATER = '2026-09-01T00:00:00Z';
const LINE = { atMs: at(NOW), reason: 'payment_refunded', payment: 'pi' };

describe('a line names a grant only where its credits change', () => {
  test('money back for credits that are all spent: a shortfall, and no change', () => {
    const account = accountAt(NOW, { grants: [grant(1, 'pack', 0, LATER, 50)] });
    expect(takeBack(account, 1, 50, LINE).entries).toEqual([
      { ordinal: 100, ...LINE, kind: 'clawback', changes: [], shortfall: 50 },
    ]);
  });

  test('a shortfall that is forgiven: nothing comes back', () => {
    const owing = { ...grant(1, 'pack', 0, LATER, 50), back: { taken: 0, owed: 50 } };
    const { account, entries } = takeBack(accountAt(NOW, { grants: [owing] }), 1, 0, LINE);
    expect(entries).toEqual([{ ordinal: 100, ...LINE, kind: 'clawback', changes: [] }]);
    expect(account.grants).toEqual([grant(1, 'pack', 0, LATER, 50)]);
  });

  test('a run refunded whose own purchase was refunded before: what it was charged stays gone', () => {
    const owing = { ...grant(1, 'pack', 0, LATER, 50), back: { taken: 42, owed: 8 } };
    const run = endRun(
      holdOf(1, '2026-03-10T14:30:00Z', [part(1, 'pack', 8)]),
      { outcome: 'settled', cost: 8 },
      at('2026-03-10T14:00:00Z'),
    );
    const by = { atMs: at(NOW), reason: 'goodwill', note: null, actor: 'support-1' };
    const { account, entries, refunded } = refundRun(accountAt(NOW, { grants: [owing] }), run, by);
    expect(entries.map(({ changes }) => changes)).toEqual([[]]);
    expect(refunded.refund?.credits).toBe(0);
    expect(account.grants[0]).toMatchObject({ remaining: 0, back: { taken: 50, owed: 0 } });
  });

  test('a period without credits, heard of when it is over: no line at all', () => {
    const account = accountAt(NOW);
    const none = { kind: 'subscription', granted: 0, expiresAtMs: at(NOW) } as const;
    expect(givenAndGone(account, none, LINE)).toEqual({ account, entries: [] });
  });
});

test('a purchase whose money comes back whole after all is as it was before any went', () => {
  const bought = grant(1, 'pack', 30, LATER, 50);
  const gone = takeBack(accountAt(NOW, { grants: [bought] }), 1, 25, LINE).account;
  expect(gone.grants).toEqual([{ ...bought, remaining: 5, back: { taken: 25, owed: 0 } }]);
  expect(takeBack(gone, 1, 0, LINE).account.grants).toStrictEqual([bought]);
});

test.each([
  // out, paid, due of 100 credits
  [0, 1000, 0],
  [999, 1000, 99],
  [1000, 1000, 100],
  [1500, 1000, 100],
])('of money %i of %i went back: %i credits are due, never more than were granted', (out, paid, due) => {
  expect(dueBack(100, { out, paid, frozen: false })).toBe(due);
});

test('credits of a grant that is gone while a hold draws on it are a fault, not lost in silence', () => {
  const unused = [{ grantId: 7, credits: 3 }];
  expect(() => giveBack(accountAt(NOW), unused, 'run-1', at(NOW))).toThrow(
    'grant 7 of run-1 is gone while a hold draws on it',
  );
});
