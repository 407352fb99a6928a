import { describe, expect, test } from 'vitest';
import { withBounds } from '../../lib/domain/advance.ts';
import { balanceOf } from '../../lib/domain/balance.ts';
import { drift, type Entry, replay } from '../../lib/domain/entry.ts';
import { refundRun } from '../../lib/domain/refund-run.ts';
import type { RunPart, RunRecord } from '../../lib/domain/run-record.ts';
import { DAY_MS } from '../../lib/domain/time.ts';
import { accountAt, at, CATALOG, grant, holdOf, left, part } from './account-samples.ts';

const NOW = '2026-03-10T15:00:00Z';
const TONIGHT = '2026-03-11T00:00:00Z';
const LATER = '2026-09-01T00:00:00Z';
const BY = { atMs: at(NOW), reason: 'goodwill', note: null, actor: 'support-1' };

const run = holdOf(1, '2026-03-10T14:00:00Z', []);
const settled = (...parts: readonly RunPart[]): RunRecord => ({
  runUuid: run.runUuid,
  outcome: 'settled',
  atMs: at('2026-03-10T13:30:00Z'),
  tool: run.tool,
  priceVersion: run.priceVersion,
  approval: run.approval,
  approvedAtMs: run.approvedAtMs,
  firstDeadlineMs: run.firstDeadlineMs,
  deadlineMs: run.deadlineMs,
  parts,
  cost: 1,
  absorbed: 0,
  reason: null,
  refund: null,
});
const took = (grantId: number, kind: RunPart['kind'], held: number, charged: number): RunPart => {
  return { grantId, kind, held, charged };
};

describe('a refunded run gives its charge back to the grants it came from (R27, R15)', () => {
  const free = grant(1, 'free', 2, TONIGHT, 10);
  const gift = grant(2, 'promotional', 5, LATER, 30);
  const pack = grant(3, 'pack', 40, LATER, 50);
  const spent = grant(4, 'pack', 0, LATER, 50);
  const ended = grant(5, 'promotional', 0, NOW, 9);

  test.each([
    ["today's free credits", [free], [took(1, 'free', 8, 6)], { 1: 8 }, 6],
    [
      'several grants, what each was charged',
      [free, gift],
      [took(1, 'free', 8, 8), took(2, 'promotional', 9, 4)],
      { 1: 10, 2: 9 },
      12,
    ],
    ['a grant spent to the last', [spent], [took(4, 'pack', 50, 50)], { 4: 50 }, 50],
    ['free credits of a day that is over are over too', [free], [took(77, 'free', 8, 6)], { 1: 2 }, 0],
    ['a pack that is over: 24 hours', [pack], [took(77, 'pack', 8, 6)], { 3: 40, 100: 6 }, 6],
    ['a month that is over: 24 hours', [], [took(77, 'subscription', 8, 6)], { 100: 6 }, 6],
    [
      'two that are over: 24 hours each',
      [],
      [took(77, 'pack', 8, 6), took(78, 'promotional', 3, 1)],
      { 100: 6, 101: 1 },
      7,
    ],
    ['one that ends this very millisecond: 24 hours', [ended], [took(5, 'promotional', 9, 9)], { 5: 0, 100: 9 }, 9],
    ['what was held but not charged is not given twice', [pack], [took(3, 'pack', 8, 0)], { 3: 40 }, 0],
    ['nothing was charged', [free], [took(1, 'free', 8, 0)], { 1: 2 }, 0],
  ] as const)('%s', (_, grants, parts, expected, credits) => {
    const { account, entries, refunded } = refundRun(accountAt(NOW, { grants }), settled(...parts), BY);
    expect(left(account)).toEqual(expected);
    expect(refunded).toEqual({ ...settled(...parts), refund: { ...BY, credits } });
    expect(entries).toMatchObject([
      { kind: 'refund', atMs: at(NOW), reason: 'goodwill', actor: 'support-1', runUuid: run.runUuid },
    ]);
    expect(entries.flatMap((entry) => entry.changes).reduce((sum, change) => sum + change.credits, 0)).toBe(credits);
    const fresh = account.grants.filter((each) => each.id >= 100);
    expect(fresh.every((each) => each.expiresAtMs === at(NOW) + DAY_MS)).toBe(true);
    expect(new Set([...fresh.map((each) => each.id), ...entries.map((entry) => entry.ordinal)]).size).toBe(
      fresh.length + 1,
    );
  });

  test('and the history tells of it: granted, charged, refunded (I1, I2)', () => {
    const before: Entry = {
      ordinal: 1,
      atMs: 0,
      kind: 'grant',
      reason: 'gift',
      changes: [{ grantId: 2, kind: 'promotional', credits: 30, granted: 30, expiresAtMs: at(LATER) }],
    };
    const record = settled(took(2, 'promotional', 25, 25));
    const step = refundRun(accountAt(NOW, { grants: [gift] }), record, BY);
    expect(drift(step.account, replay([before, ...step.entries], [step.refunded]))).toEqual([]);
    expect(balanceOf(withBounds(step.account, CATALOG, at(NOW)), at(NOW))).toMatchObject({
      available: 30,
      progress: { used: 0 },
    });
  });

  test('a note is kept, none is left out', () => {
    const account = accountAt(NOW, { grants: [free] });
    const record = settled(took(1, 'free', 8, 6));
    expect(refundRun(account, record, { ...BY, note: 'sorry' }).entries[0]?.note).toBe('sorry');
    expect(refundRun(account, record, BY).entries[0]).not.toHaveProperty('note');
  });

  test('a hold that still draws on a grant that is over does not make it live', () => {
    const holds = [holdOf(2, '2026-03-10T15:30:00Z', [part(5, 'promotional', 3)])];
    const { account } = refundRun(
      accountAt(NOW, { grants: [ended], holds }),
      settled(took(5, 'promotional', 6, 6)),
      BY,
    );
    expect(left(account)).toEqual({ 5: 0, 100: 6 });
  });
});

describe('a refunded run whose purchase’s own money went back gives back only what is not owed of it (R20, R27)', () => {
  const owing = (owed: number) => ({ ...grant(5, 'pack', 0, LATER, 50), back: { taken: 10, owed } });

  test.each([
    // owed, charged, → comes back, remains, taken, still owed
    [8, 8, 0, 0, 18, 0],
    [8, 20, 12, 12, 18, 0],
    [20, 8, 0, 0, 18, 12],
    [0, 8, 8, 8, 10, 0],
  ])('%i owed, %i charged: %i come back', (owed, charged, credits, remaining, taken, still) => {
    const account = accountAt(NOW, { planId: 'bare', grants: [owing(owed)] });
    const step = refundRun(account, settled(took(5, 'pack', charged, charged)), BY);
    expect(step.refunded.refund).toMatchObject({ credits });
    expect(step.account.grants).toMatchObject([{ remaining, back: { taken, owed: still } }]);
    expect(step.entries[0]?.changes.reduce((total, change) => total + change.credits, 0)).toBe(credits);
  });
});
