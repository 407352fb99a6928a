import { describe, expect, test } from 'vitest';
import type { Account } from '../../lib/domain/account.ts';
import { drift, type Entry, replay } from '../../lib/domain/entry.ts';
import { newPayment, type Purchase, shareOf, withCharge, withDispute, withRefund } from '../../lib/domain/purchase.ts';
import { dueBack, noteShortfall, takeBack } from '../../lib/domain/take-back.ts';
import { accountAt, at, grant, holdOf, part } from './account-samples.ts';
import { ended, lines, until } from './payment-samples.ts';

const NOW = '2026-03-20T12:00:00.000Z';
const PACK_END = '2026-09-05T08:30:00.000Z';
const LATER = '2026-09-05T12:00:00.000Z';

/** What happens to a pack of 100 credits that cost 1,000, one a second. */
type Happens =
  | readonly ['spend' | 'hold', credits: number]
  | readonly ['settle', credits: number]
  | readonly ['fail']
  | readonly ['end']
  | readonly ['refund' | 'refund fails' | 'disputed' | 'won' | 'lost', id: string, amount: number]
  | readonly ['charge says', refunded: number];

interface Played {
  readonly account: Account;
  readonly purchase: Purchase;
  readonly entries: readonly Entry[];
}

const STATES = { disputed: 'open', won: 'won', lost: 'lost' } as const;

const noted = (purchase: Purchase, happens: Happens, atMs: number): Purchase => {
  switch (happens[0]) {
    case 'refund':
    case 'refund fails': {
      const failedAtMs = happens[0] === 'refund' ? null : atMs;
      return withRefund(purchase, 'pi', happens[1], { amount: happens[2], failedAtMs });
    }
    case 'disputed':
    case 'won':
    case 'lost':
      return withDispute(purchase, 'pi', happens[1], { amount: happens[2], state: STATES[happens[0]], asOfMs: atMs });
    case 'charge says':
      return withCharge(purchase, 'pi', happens[1], atMs);
    default:
      return purchase;
  }
};

const drawn = (account: Account, credits: number): Account => ({
  ...account,
  grants: account.grants.map((each) => ({ ...each, remaining: each.remaining - credits })),
});

const step = ({ account: before, purchase, entries: told }: Played, happens: Happens, nowMs: number): Played => {
  const { account, entries } = until(before, nowMs);
  const going = [...told, ...entries];
  switch (happens[0]) {
    case 'spend':
      return { account: drawn(account, happens[1]), purchase, entries: going };
    case 'hold': {
      const hold = holdOf(1, LATER, [part(1, 'pack', happens[1])]);
      return { account: { ...drawn(account, happens[1]), holds: [hold] }, purchase, entries: going };
    }
    case 'fail':
    case 'settle': {
      const ending =
        happens[0] === 'fail'
          ? ({ outcome: 'failed', reason: 'x' } as const)
          : ({ outcome: 'settled', cost: happens[1] } as const);
      const over = ended(account, ending, nowMs);
      return { account: over.account, purchase, entries: [...going, ...over.entries] };
    }
    case 'end':
      return { account, purchase, entries: going };
    default: {
      const next = noted(purchase, happens, nowMs);
      const line = { atMs: nowMs, reason: 'x', payment: 'pi' };
      const back = takeBack(account, 1, dueBack(next.credits, shareOf(next)), line);
      return { account: back.account, purchase: next, entries: [...going, ...back.entries] };
    }
  }
};

const play = (...all: readonly Happens[]): Played => {
  const bought = accountAt(NOW, { planId: 'bare', grants: [grant(1, 'pack', 100, PACK_END)] });
  const payments = { pi: newPayment(1000) };
  const purchase: Purchase = { key: 'pack:o1', accountId: 'ann', grantId: 1, credits: 100, payments };
  let atMs = at(NOW);
  let played: Played = { account: bought, purchase, entries: [] };
  for (const happens of all) {
    atMs = happens[0] === 'end' ? at(PACK_END) : atMs + 1000;
    played = step(played, happens, atMs);
  }
  return played;
};

const HELD_30 = ['hold', 30] as const;
const DISPUTED = ['disputed', 'd1', 1000] as const;
const WON = ['won', 'd1', 1000] as const;
const LOST = ['lost', 'd1', 1000] as const;
const REFUNDED = ['refund', 'r1', 1000] as const;
const HALF = ['refund', 'r1', 500] as const;
const FAIL = ['fail'] as const;

describe('money that goes back takes its credits along, never below zero, never twice (R20)', () => {
  test.each<readonly [string, readonly Happens[], left: number, short: number]>([
    // a pack of 100 for 1,000: what happens, what is left, what could not be taken
    ['a part of the money', [['refund', 'r1', 250]], 75, 0],
    [
      'two parts',
      [
        ['refund', 'r1', 250],
        ['refund', 'r2', 250],
      ],
      50,
      0,
    ],
    [
      'the same part told of three times',
      [
        ['refund', 'r1', 250],
        ['refund', 'r1', 250],
        ['refund', 'r1', 250],
      ],
      75,
      0,
    ],
    [
      'a part told of by the refund and by its charge',
      [
        ['refund', 'r1', 250],
        ['charge says', 250],
      ],
      75,
      0,
    ],
    [
      'thirds, rounded down in the account’s favour',
      [
        ['refund', 'r1', 333],
        ['refund', 'r2', 333],
        ['refund', 'r3', 333],
      ],
      1,
      0,
    ],
    [
      'thirds and the last of it: all',
      [
        ['refund', 'r1', 333],
        ['refund', 'r2', 333],
        ['refund', 'r3', 333],
        ['refund', 'r4', 1],
      ],
      0,
      0,
    ],
    ['the whole', [REFUNDED], 0, 0],
    ['more than the whole is the whole', [REFUNDED, ['refund', 'r2', 500]], 0, 0],
    ['the whole, 40 spent: they are the shortfall', [['spend', 40], REFUNDED], 0, 40],
    ['a half, 40 spent: the unspent pay for it', [['spend', 40], HALF], 10, 0],
    ['a half, 70 spent', [['spend', 70], HALF], 0, 20],
    ['a refund that fails has never been', [HALF, ['refund fails', 'r1', 500]], 100, 0],
    ['one that fails before it is heard of', [['refund fails', 'r1', 500], HALF], 100, 0],
    ['of two refunds one fails', [HALF, ['refund', 'r2', 250], ['refund fails', 'r1', 500]], 75, 0],
    ['a shortfall whose refund fails is forgiven', [['spend', 70], HALF, ['refund fails', 'r1', 500]], 30, 0],
    ['disputed: nothing can be spent', [DISPUTED], 0, 0],
    ['disputed and won: credits clawed back for good', [DISPUTED, WON], 100, 0],
    ['disputed and won, 30 spent before', [['spend', 30], DISPUTED, WON], 70, 0],
    ['disputed and lost', [DISPUTED, LOST], 0, 0],
    ['disputed and lost, 30 spent before', [['spend', 30], DISPUTED, LOST], 0, 30],
    ['lost and won on appeal', [DISPUTED, LOST, DISPUTED, WON], 100, 0],
    ['a part of the money disputed: all is frozen', [['disputed', 'd1', 250]], 0, 0],
    [
      'a part of it lost',
      [
        ['disputed', 'd1', 250],
        ['lost', 'd1', 250],
      ],
      75,
      0,
    ],
    ['refunded in part, then disputed', [HALF, ['disputed', 'd1', 500]], 0, 0],
    ['refunded in part, disputed and won', [HALF, ['disputed', 'd1', 500], ['won', 'd1', 500]], 50, 0],
    ['clawed twice: refunded in part, the whole disputed and lost', [['spend', 20], HALF, DISPUTED, LOST], 0, 20],
    ['disputed, then refunded, then won', [DISPUTED, HALF, WON], 50, 0],
    ['disputed, refunded in full, lost', [DISPUTED, REFUNDED, LOST], 0, 0],
    ['won, then refunded: clawed too little', [DISPUTED, WON, HALF], 50, 0],
    ['won, then refunded in full', [DISPUTED, WON, REFUNDED], 0, 0],
    [
      'two disputes, one won: still frozen',
      [
        ['disputed', 'd1', 500],
        ['disputed', 'd2', 500],
        ['won', 'd1', 500],
      ],
      0,
      0,
    ],
    [
      'two disputes, one won, one lost',
      [
        ['disputed', 'd1', 500],
        ['disputed', 'd2', 500],
        ['won', 'd1', 500],
        ['lost', 'd2', 500],
      ],
      50,
      0,
    ],
    // Held credits are taken as soon as they are given back.
    ['the whole, 30 held', [HELD_30, REFUNDED], 0, 30],
    ['the whole, 30 held and given back', [HELD_30, REFUNDED, FAIL], 0, 0],
    ['the whole, 30 held and 10 of them spent', [HELD_30, REFUNDED, ['settle', 10]], 0, 10],
    ['a half, all held', [['hold', 100], HALF], 0, 50],
    ['a half, all held and given back', [['hold', 100], HALF, FAIL], 50, 0],
    ['a half, all held and 80 spent', [['hold', 100], HALF, ['settle', 80]], 0, 30],
    ['a half that fails while all is held', [['hold', 100], HALF, ['refund fails', 'r1', 500], FAIL], 100, 0],
    ['disputed with 30 held, won before they come back', [HELD_30, DISPUTED, WON], 70, 0],
    ['… and after they have', [HELD_30, DISPUTED, WON, FAIL], 100, 0],
    ['disputed with 30 held, given back, won', [HELD_30, DISPUTED, FAIL, WON], 100, 0],
    ['disputed with 30 held, 10 of them spent, won', [HELD_30, DISPUTED, ['settle', 10], WON], 90, 0],
    // Credits whose time is over: nothing to take, nothing to restore.
    ['ended, 30 held, refunded, given back', [HELD_30, ['end'], REFUNDED, FAIL], 0, 0],
    [
      'ended, 30 held, a tenth refunded, given back: the rest lives on',
      [HELD_30, ['end'], ['refund', 'r1', 100], FAIL],
      20,
      0,
    ],
    ['disputed, ended with 30 held, won, given back: they live on', [HELD_30, DISPUTED, ['end'], WON, FAIL], 30, 0],
    [
      'disputed, ended with 30 held, given back, won: their time was over',
      [HELD_30, DISPUTED, ['end'], FAIL, WON],
      0,
      0,
    ],
    ['disputed, ended, won: its time was over', [DISPUTED, ['end'], WON], 0, 0],
  ])('%s', (_, all, left, short) => {
    const { account, entries } = play(...all);
    expect(account.grants.reduce((total, { remaining }) => total + remaining, 0)).toBe(left);
    expect(account.grants.reduce((total, { back }) => total + (back?.owed ?? 0), 0)).toBe(short);
    expect(account.grants.every(({ remaining, back }) => remaining >= 0 && (back?.taken ?? 0) >= 0)).toBe(true);
    // While any is owed, nothing remains.
    expect(account.grants.every(({ remaining, back }) => remaining === 0 || (back?.owed ?? 0) === 0)).toBe(true);
    // I2: what its lines tell is what there is.
    const spent = all.reduce(
      (total, [what, credits]) => total + (what === 'spend' || what === 'settle' ? Number(credits) : 0),
      0,
    );
    const began = { grantId: 1, kind: 'pack', credits: 100 - spent, granted: 100 } as const;
    const first: Entry = { ordinal: 0, atMs: 0, kind: 'grant', reason: 'x', changes: [began] };
    expect(drift(account, replay([first, ...entries], []))).toEqual([]);
  });

  test('the line says what was taken, what could not be, and by what payment', () => {
    expect(lines(play(['spend', 70], HALF).entries)).toEqual(['clawback x -30 short of 20']);
    expect(lines(play(['spend', 70], HALF, ['refund fails', 'r1', 500]).entries).at(-1)).toBe('clawback x +30');
    expect(play(HALF).entries).toMatchObject([{ payment: 'pi' }]);
    expect(lines(play(HELD_30, REFUNDED, FAIL).entries).at(-1)).toBe('clawback returned_after_refund -30');
  });

  test('what changes nothing leaves no line', () => {
    expect(play(DISPUTED, LOST).entries).toHaveLength(1);
    expect(play(HALF, ['charge says', 500], HALF).entries).toHaveLength(1);
  });

  test('no other grant is touched, and one that is gone is none of its business', () => {
    const account = accountAt(NOW, { planId: 'bare', grants: [grant(2, 'pack', 60, PACK_END)] });
    expect(takeBack(account, 1, 100, { atMs: at(NOW), reason: 'x' })).toEqual({ account, entries: [] });
    const { entries } = noteShortfall(account, 100, { atMs: at(NOW), reason: 'x' });
    expect(lines(entries)).toEqual(['clawback x short of 100']);
  });
});
