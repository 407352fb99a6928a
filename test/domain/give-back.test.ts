import { describe, expect, test } from 'vitest';
import type { GrantKind } from '../../lib/domain/account.ts';
import { advance } from '../../lib/domain/advance.ts';
import { balanceOf } from '../../lib/domain/balance.ts';
import { type Ending, endRun, type RunRecord } from '../../lib/domain/run-record.ts';
import { DAY_MS } from '../../lib/domain/time.ts';
import { accountAt, at, CATALOG, grant, holdOf, left, part } from './account-samples.ts';

const EVENING = '2026-03-01T23:30:00Z';
const BEFORE = '2026-03-01T23:59:59.999Z';
const MIDNIGHT = '2026-03-02T00:00:00Z';
const AFTER = '2026-03-02T00:00:00.001Z';
const LONG_AFTER = '2026-03-02T00:29:00Z';

/** One grant that ends at midnight, ten credits of it held; on a plan that brings no others. */
const heldOver = (kind: GrantKind, deadline: string) =>
  accountAt(EVENING, {
    planId: 'bare',
    grants: [grant(1, kind, 0, MIDNIGHT, 10)],
    holds: [holdOf(1, deadline, [part(1, kind, 10)])],
  });

const endAt = (kind: GrantKind, instant: string, ending: Ending) => {
  const lapses = ending.outcome === 'expired';
  const before = heldOver(kind, lapses ? instant : '2026-03-02T00:30:00Z');
  const records = lapses ? [] : before.holds.map((hold) => endRun(hold, ending, at(instant)));
  const endings = new Map(records.map((record): [string, RunRecord] => [record.runUuid, record]));
  return advance(before, endings, CATALOG, at(instant));
};

describe.each([
  ['settled for 4 of 10', { outcome: 'settled', cost: 4 }, 6],
  ['failed', { outcome: 'failed', reason: 'x' }, 10],
  ['lapsed', { outcome: 'expired' }, 10],
] as const)('what a run held gives back when %s (R15)', (_, ending, back) => {
  test.each([
    ['free', BEFORE, 'returns'],
    ['free', MIDNIGHT, 'lapses'],
    ['free', AFTER, 'lapses'],
    ['free', LONG_AFTER, 'lapses'],
    ['subscription', BEFORE, 'returns'],
    ['subscription', MIDNIGHT, 'lives 24 hours more'],
    ['subscription', AFTER, 'lives 24 hours more'],
    ['subscription', LONG_AFTER, 'lives 24 hours more'],
    ['promotional', BEFORE, 'returns'],
    ['promotional', MIDNIGHT, 'lives 24 hours more'],
    ['promotional', AFTER, 'lives 24 hours more'],
    ['promotional', LONG_AFTER, 'lives 24 hours more'],
    ['pack', BEFORE, 'returns'],
    ['pack', MIDNIGHT, 'lives 24 hours more'],
    ['pack', AFTER, 'lives 24 hours more'],
    ['pack', LONG_AFTER, 'lives 24 hours more'],
  ] as const)('%s credits that end at midnight, at %s: %s', (kind, instant, expected) => {
    const { account, entries, lapsed } = endAt(kind, instant, ending);
    const atMs = at(instant);
    const about = { atMs, reason: 'returned_after_expiry', runUuid: expect.any(String) };
    switch (expected) {
      case 'returns':
        expect(account.grants).toEqual([grant(1, kind, back, MIDNIGHT, 10)]);
        expect(entries).toEqual([]);
        break;
      case 'lapses':
        expect(account.grants).toEqual([]);
        expect(entries).toMatchObject([{ ...about, kind: 'expiry', changes: [{ grantId: 1, kind, credits: -back }] }]);
        break;
      case 'lives 24 hours more': {
        const expiresAtMs = atMs + DAY_MS;
        expect(account.grants).toMatchObject([{ id: 1, kind, granted: 10, remaining: back, expiresAtMs }]);
        expect(entries).toMatchObject([{ ...about, kind: 'adjustment', changes: [{ credits: 0, expiresAtMs }] }]);
        const until = (ms: number) => left(advance(account, new Map(), CATALOG, ms).account);
        expect(until(expiresAtMs - 1)).toEqual({ 1: back });
        expect(until(expiresAtMs)).toEqual({});
      }
    }
    expect(account.holds).toEqual([]);
    expect(lapsed.map((record) => record.atMs)).toEqual(ending.outcome === 'expired' ? [atMs] : []);
  });
});

describe('a run that drew on many grants, all over before it ends, leaves a line of each kind at most', () => {
  test('what is owed goes first (R20), free credits lapse, the others live for 24 hours more', () => {
    const owing = { ...grant(4, 'pack', 0, MIDNIGHT, 10), back: { taken: 2, owed: 8 } };
    const before = accountAt(EVENING, {
      planId: 'bare',
      grants: [
        grant(1, 'free', 0, MIDNIGHT, 10),
        grant(2, 'pack', 0, MIDNIGHT, 10),
        grant(3, 'promotional', 0, MIDNIGHT, 10),
        owing,
        { ...grant(5, 'pack', 0, MIDNIGHT, 10), back: { taken: 0, owed: 10 } },
      ],
      holds: [
        holdOf(1, LONG_AFTER, [
          part(1, 'free', 10),
          part(2, 'pack', 10),
          part(3, 'promotional', 7),
          part(4, 'pack', 9),
          part(5, 'pack', 6),
        ]),
      ],
    });
    const { account, entries } = advance(before, new Map(), CATALOG, at(LONG_AFTER));
    const expiresAtMs = at(LONG_AFTER) + DAY_MS;
    const [{ ordinal: first = 0 } = {}] = entries;
    const about = { atMs: at(LONG_AFTER), runUuid: expect.any(String) };
    expect(entries).toEqual([
      {
        ...about,
        ordinal: first,
        kind: 'clawback',
        reason: 'returned_after_refund',
        changes: [
          { grantId: 4, kind: 'pack', credits: -8 },
          { grantId: 5, kind: 'pack', credits: -6 },
        ],
      },
      {
        ...about,
        ordinal: first + 1,
        kind: 'expiry',
        reason: 'returned_after_expiry',
        changes: [{ grantId: 1, kind: 'free', credits: -10 }],
      },
      {
        ...about,
        ordinal: first + 2,
        kind: 'adjustment',
        reason: 'returned_after_expiry',
        changes: [
          { grantId: 2, kind: 'pack', credits: 0, expiresAtMs },
          { grantId: 3, kind: 'promotional', credits: 0, expiresAtMs },
          { grantId: 4, kind: 'pack', credits: 0, expiresAtMs },
        ],
      },
    ]);
    expect(account.grants.map(({ id, remaining, expiresAtMs: ends, back }) => ({ id, remaining, ends, back }))).toEqual(
      [
        { id: 2, remaining: 10, ends: expiresAtMs, back: undefined },
        { id: 3, remaining: 7, ends: expiresAtMs, back: undefined },
        { id: 4, remaining: 1, ends: expiresAtMs, back: { taken: 10, owed: 0 } },
      ],
    );
  });
});

describe('a run that holds when a boundary passes', () => {
  test('keeps what it drew: it is neither available nor expired, and is shown apart', () => {
    const { account, entries } = advance(heldOver('pack', '2026-03-02T00:30:00Z'), new Map(), CATALOG, at(AFTER));
    expect(balanceOf(account, at(AFTER))).toMatchObject({
      available: 0,
      held: 10,
      grants: [{ id: 1, remaining: 0, held: 10 }],
      progress: { used: 0, total: 0 },
    });
    expect(entries).toEqual([]);
  });

  test('and is charged in full leaves nothing behind', () => {
    const { account, entries } = endAt('pack', AFTER, { outcome: 'settled', cost: 10 });
    expect(account).toMatchObject({ grants: [], holds: [] });
    expect(entries).toEqual([]);
  });

  test('gives each part back as its own grant does: free ones lapse, the pack is whole again', () => {
    const held = accountAt(EVENING, {
      planId: 'bare',
      grants: [grant(1, 'free', 0, MIDNIGHT, 10), grant(2, 'pack', 40, '2026-09-01T00:00:00Z', 50)],
      holds: [holdOf(1, AFTER, [part(1, 'free', 10), part(2, 'pack', 10)])],
    });
    const { account, entries } = advance(held, new Map(), CATALOG, at(AFTER));
    expect(left(account)).toEqual({ 2: 50 });
    expect(entries).toMatchObject([{ changes: [{ grantId: 1, credits: -10 }] }]);
  });

  test('a failed run never costs anyone paid credits: a month that ended under it comes back beside the new one', () => {
    const held = accountAt('2026-03-31T12:00:00Z', {
      planId: 'bare',
      cycle: { anchorMs: at('2026-03-01T12:30:00Z'), step: 0, creditsPerCycle: 20 },
      grants: [grant(1, 'subscription', 5, '2026-04-01T12:30:00Z', 20)],
      holds: [{ ...holdOf(1, '2026-04-01T12:40:00Z', [part(1, 'subscription', 8)]) }],
    });
    const { account } = advance(held, new Map(), CATALOG, at('2026-04-01T12:40:00Z'));
    expect(left(account)).toEqual({ 1: 8, 100: 20 });
    expect(account.grants[0]?.expiresAtMs).toBe(at('2026-04-02T12:40:00Z'));
  });
});
