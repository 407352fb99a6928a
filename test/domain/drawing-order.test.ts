import { describe, expect, test } from 'vitest';
import type { Grant } from '../../lib/domain/account.ts';
import { availableCredits, drawFrom } from '../../lib/domain/draw.ts';
import { endRun } from '../../lib/domain/run-record.ts';
import { accountAt, at, grant, holdOf, part } from './account-samples.ts';

const NOW = '2026-03-01T12:00:00Z';
const SOON = '2026-03-02T00:00:00Z';
const LATE = '2026-04-01T00:00:00Z';

/** `2:10` is ten of grant 2; `!` where it must have just so much, because a later one is drawn on too. */
const drawn = (grants: readonly Grant[], credits: number): string | null =>
  drawFrom(accountAt(NOW, { grants }), credits, at(NOW))
    ?.map((draw) => `${draw.grantId}:${draw.credits}${draw.exact ? '!' : ''}`)
    .join(' ') ?? null;

describe('a hold draws on the soonest-expiring grant first (R5)', () => {
  const free = grant(9, 'free', 10, SOON);
  const month = grant(8, 'subscription', 20, SOON);
  const gift = grant(7, 'promotional', 30, SOON);
  const pack = grant(6, 'pack', 40, SOON);
  const olderGift = grant(5, 'promotional', 5, SOON);
  const soonPack = grant(4, 'pack', 50, '2026-03-01T23:59:59.999Z');
  const lateFree = grant(3, 'free', 10, LATE);
  const latePack = grant(2, 'pack', 60, LATE);
  const spent = grant(1, 'promotional', 0, SOON, 5);
  const over = grant(20, 'pack', 99, NOW);

  test.each([
    ['one grant, some of it', [free], 4, '9:4'],
    ['one grant, all of it', [free], 10, '9:10'],
    ['over its edge into the next', [free, latePack], 11, '9:10! 2:1'],
    ['just to its edge: the next is left alone', [free, latePack], 10, '9:10'],
    ['sooner before older', [latePack, free], 5, '9:5'],
    ['a millisecond sooner, of whatever kind', [free, soonPack], 60, '4:50! 9:10'],
    ['one instant: free, subscription, promotional, pack', [pack, gift, month, free], 100, '9:10! 8:20! 7:30! 6:40'],
    ['one instant and one kind: the older', [gift, olderGift], 10, '5:5! 7:5'],
    ['a later one of a kind that goes first', [latePack, lateFree, pack], 60, '6:40! 3:10! 2:10'],
    ['an empty one on the way is no matter', [spent, latePack], 5, '2:5'],
    ['an empty one behind is no matter', [free, grant(30, 'pack', 0, LATE, 1)], 10, '9:10'],
    ['one that is over is not there', [over, latePack], 5, '2:5'],
    ['one credit too many', [free, month], 31, null],
    ['nothing at all', [], 1, null],
    ['only what is over', [over], 1, null],
  ] as const)('%s', (_, grants, credits, expected) => {
    expect(drawn(grants, credits)).toBe(expected);
  });

  test('an empty one on the way that a hold draws on must still be empty: credits may come back to it', () => {
    const holds = [holdOf(1, SOON, [part(1, 'promotional', 5)])];
    const account = accountAt(NOW, { grants: [olderGift, spent, pack], holds });
    expect(drawFrom(account, 7, at(NOW))).toEqual([
      { grantId: 1, kind: 'promotional', credits: 0, exact: true },
      { grantId: 5, kind: 'promotional', credits: 5, exact: true },
      { grantId: 6, kind: 'pack', credits: 2, exact: false },
    ]);
  });

  test('and what is available is what a hold could take', () => {
    const account = accountAt(NOW, { grants: [free, month, spent, over] });
    expect(availableCredits(account, at(NOW))).toBe(30);
  });
});

describe('a settle charges in the order of drawing, and gives the rest back (R9)', () => {
  const hold = holdOf(1, SOON, [part(1, 'free', 10), part(2, 'promotional', 5), part(3, 'pack', 20)]);
  test.each([
    // cost, charged from each, absorbed
    [0, [0, 0, 0], 0],
    [1, [1, 0, 0], 0],
    [10, [10, 0, 0], 0],
    [11, [10, 1, 0], 0],
    [15, [10, 5, 0], 0],
    [34, [10, 5, 19], 0],
    [35, [10, 5, 20], 0],
    [36, [10, 5, 20], 1],
    [1000, [10, 5, 20], 965],
  ])('a cost of %i: %j charged, %i absorbed', (cost, charged, absorbed) => {
    const record = endRun(hold, { outcome: 'settled', cost }, at(NOW));
    expect(record.parts.map((each) => each.charged)).toEqual(charged);
    expect(record).toMatchObject({ outcome: 'settled', cost, absorbed, atMs: at(NOW), refund: null });
  });

  test.each([
    [{ outcome: 'failed', reason: 'out of memory' }, 'out of memory'],
    [{ outcome: 'expired' }, null],
  ] as const)('%j charges nothing', (ending, reason) => {
    const record = endRun(hold, ending, at(NOW));
    expect(record.parts.map((each) => each.charged)).toEqual([0, 0, 0]);
    expect(record).toMatchObject({ outcome: ending.outcome, cost: null, absorbed: 0, reason });
  });
});
