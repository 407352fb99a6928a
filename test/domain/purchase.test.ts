import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type DisputeState,
  isLastWord,
  newPayment,
  type Purchase,
  shareOf,
  withCharge,
  withDispute,
  withRefund,
} from '../../lib/domain/purchase.ts';

/** Told of one payment, in the currency's smallest unit; `at` in seconds. */
type Fact =
  | { readonly refund: string; readonly amount: number; readonly failedAt: number | null }
  | { readonly refunded: number; readonly at: number }
  | { readonly dispute: string; readonly amount: number; readonly state: DisputeState; readonly at: number };

const bought = (amounts: Readonly<Record<string, number>>): Purchase => ({
  key: 'pack:o1',
  accountId: 'ann',
  grantId: 1,
  credits: 100,
  payments: Object.fromEntries(Object.entries(amounts).map(([id, amount]) => [id, newPayment(amount)])),
});

const heard = (purchase: Purchase, fact: Fact, of = 'pi'): Purchase => {
  if ('refund' in fact)
    return withRefund(purchase, of, fact.refund, { amount: fact.amount, failedAtMs: fact.failedAt });
  if ('refunded' in fact) return withCharge(purchase, of, fact.refunded, fact.at);
  const { dispute, amount, state, at } = fact;
  return withDispute(purchase, of, dispute, { amount, state, asOfMs: at });
};

const shareAfter = (facts: readonly Fact[], amount = 1000) =>
  shareOf(facts.reduce((purchase, fact) => heard(purchase, fact), bought({ pi: amount })));

/** Every order of a few things. */
const ordersOf = <T>(things: readonly T[]): readonly (readonly T[])[] =>
  things.length < 2
    ? [things]
    : things.flatMap((first, at) => ordersOf(things.toSpliced(at, 1)).map((rest) => [first, ...rest]));

const refund = (id: string, amount: number, failedAt: number | null = null): Fact => ({ refund: id, amount, failedAt });
const charge = (refunded: number, at: number): Fact => ({ refunded, at });
const dispute = (state: DisputeState, at: number, amount = 1000, id = 'd1'): Fact => ({
  dispute: id,
  amount,
  state,
  at,
});

describe('the share of a purchase’s money that went back, in whatever order it is heard (R20)', () => {
  test.each<readonly [string, readonly Fact[], out: number, frozen: boolean]>([
    ['nothing', [], 0, false],
    ['a refund, told of by itself and by its charge', [refund('r1', 200), charge(200, 5)], 200, false],
    [
      'two refunds, and the charge’s total after each',
      [refund('r1', 200), refund('r2', 300), charge(200, 5), charge(500, 7)],
      500,
      false,
    ],
    ['a refund only the charge has told of', [refund('r1', 200), charge(500, 7)], 500, false],
    ['two totals of one second', [charge(200, 5), charge(500, 5)], 500, false],
    ['one that failed', [refund('r1', 200), refund('r1', 200, 9)], 0, false],
    ['one that failed, the total of before it', [refund('r1', 200, 9), charge(200, 5)], 0, false],
    ['one that failed, the total of after it', [refund('r1', 200, 9), charge(0, 11)], 0, false],
    ['one that failed, both totals', [refund('r1', 200, 9), charge(200, 5), charge(0, 11)], 0, false],
    // In the second in which it failed a total may still count it: nobody loses credits by that.
    ['one that failed, a total of the same second, from before', [refund('r1', 200, 5), charge(200, 5)], 0, false],
    ['one that failed, a total of the same second, from after', [refund('r1', 200, 5), charge(0, 5)], 0, false],
    [
      'two, of which one failed, told of twice',
      [refund('r1', 200, 9), refund('r1', 200, 12), refund('r2', 300), charge(300, 11)],
      300,
      false,
    ],
    [
      'made again after it failed',
      [refund('r1', 1000, 9), refund('r2', 1000), charge(1000, 5), charge(1000, 12)],
      1000,
      false,
    ],
    ['disputed', [dispute('open', 3)], 0, true],
    ['disputed and won', [dispute('open', 3), dispute('won', 9)], 0, false],
    ['disputed and lost', [dispute('open', 3), dispute('lost', 9)], 1000, false],
    ['closed in the second in which it was opened', [dispute('open', 3), dispute('won', 3)], 0, false],
    ['lost and appealed', [dispute('open', 3), dispute('lost', 9), dispute('open', 12)], 0, true],
    [
      'refunded in part, all disputed and lost: never more than was paid',
      [refund('r1', 300), dispute('open', 3), dispute('lost', 9)],
      1000,
      false,
    ],
    [
      'refunded in part, the rest disputed and lost',
      [refund('r1', 300), dispute('lost', 9, 700), charge(300, 4)],
      1000,
      false,
    ],
    ['refunded in part and won', [refund('r1', 300), dispute('won', 9), dispute('open', 3)], 300, false],
    ['more refunded than paid', [refund('r1', 800), refund('r2', 800)], 1000, false],
  ])('%s', (_, facts, out, frozen) => {
    for (const order of ordersOf(facts)) expect(shareAfter(order)).toEqual({ out, paid: 1000, frozen });
  });

  test('an upgraded period has two payments: each loses its own, together they are the share', () => {
    const both = bought({ pi: 1000, up: 1500 });
    expect(shareOf(heard(both, refund('r1', 2000), 'pi'))).toEqual({ out: 1000, paid: 2500, frozen: false });
    expect(shareOf(heard(heard(both, refund('r1', 500), 'pi'), refund('r2', 500), 'up')).out).toBe(1000);
    expect(shareOf(heard(both, dispute('open', 1), 'up')).frozen).toBe(true);
  });

  test('what paid nothing of it is no word on it', () => {
    expect(() => heard(bought({ pi: 1000 }), refund('r1', 1), 'other')).toThrow('not paid by other');
  });
});

describe('the last word on a dispute', () => {
  const known = [dispute('open', 3), dispute('lost', 9, 400), dispute('open', 5, 300, 'd2')].reduce(
    (purchase, fact) => heard(purchase, fact),
    bought({ pi: 1000, up: 1500 }),
  );

  test.each([
    { it: 'the same, whenever it is said', of: 'pi', id: 'd1', state: 'lost', amount: 400, last: true },
    { it: 'another state', of: 'pi', id: 'd1', state: 'won', amount: 400, last: false },
    { it: 'the state of before', of: 'pi', id: 'd1', state: 'open', amount: 400, last: false },
    { it: 'another amount', of: 'pi', id: 'd1', state: 'lost', amount: 401, last: false },
    { it: 'one still open', of: 'pi', id: 'd2', state: 'open', amount: 300, last: true },
    { it: 'another dispute', of: 'pi', id: 'd3', state: 'lost', amount: 400, last: false },
    { it: 'another payment', of: 'up', id: 'd1', state: 'lost', amount: 400, last: false },
    { it: 'a payment not known', of: 'none', id: 'd1', state: 'lost', amount: 400, last: false },
  ] as const)('$it: $last', ({ of, id, state, amount, last }) => {
    expect(isLastWord(known, of, id, { state, amount })).toBe(last);
  });
});

const seconds = fc.nat(4);

describe('any facts', () => {
  const AMOUNTS = { r1: 200, r2: 300, r3: 900 } as const;
  const words = fc.oneof(
    fc.record({ refund: fc.constantFrom('r1', 'r2', 'r3'), failedAt: fc.option(seconds) }),
    fc.record({ refunded: fc.constantFrom(0, 200, 300, 500), at: seconds }),
    fc.record({ dispute: fc.constantFrom('d1', 'd2'), open: fc.boolean(), at: seconds }),
  );
  const VERDICTS = { d1: 'won', d2: 'lost' } as const;
  const fact = words.map((word): Fact => {
    if ('refund' in word) {
      const id = word.refund === 'r1' ? 'r1' : word.refund === 'r2' ? 'r2' : 'r3';
      return refund(id, AMOUNTS[id], word.failedAt);
    }
    if ('refunded' in word) return word;
    const id = word.dispute === 'd1' ? 'd1' : 'd2';
    return dispute(word.open ? 'open' : VERDICTS[id], word.at, 400, id);
  });

  test('come to one share in all orders of up to five', () => {
    fc.assert(
      fc.property(fc.array(fact, { maxLength: 5 }), (facts) => {
        const expected = shareAfter(facts);
        expect(expected.out).toBeGreaterThanOrEqual(0);
        expect(expected.out).toBeLessThanOrEqual(1000);
        for (const order of ordersOf(facts)) expect(shareAfter(order)).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });
});

/** What becomes of a payment: refunds made and failing, each told of at least once, totals told of at any time between. */
interface World {
  readonly refunds: readonly { readonly amount: number; readonly madeAt: number; readonly failsAfter: number | null }[];
  readonly totals: readonly number[];
  readonly lateWords: readonly number[];
  readonly order: readonly number[];
}

const world: fc.Arbitrary<World> = fc.record({
  refunds: fc.array(
    fc.record({ amount: fc.integer({ min: 1, max: 300 }), madeAt: fc.nat(5), failsAfter: fc.option(fc.nat(3)) }),
    { maxLength: 3 },
  ),
  totals: fc.array(fc.nat(9), { maxLength: 4 }),
  lateWords: fc.array(fc.nat(4), { maxLength: 3 }),
  order: fc.array(fc.nat(), { minLength: 12, maxLength: 12 }),
});

describe('whatever is told of refunds, once all of them are known', () => {
  test('the share is what went and has not come back', () => {
    fc.assert(
      fc.property(world, ({ refunds, totals, lateWords, order }) => {
        const failedAt = refunds.map(({ madeAt, failsAfter }) => (failsAfter === null ? null : madeAt + failsAfter));
        const totalAt = (second: number, isLate: boolean) =>
          refunds.reduce((total, { amount, madeAt }, at) => {
            const back = failedAt[at] ?? Number.POSITIVE_INFINITY;
            return total + (madeAt <= second && (isLate ? back > second : back >= second) ? amount : 0);
          }, 0);
        const facts: Fact[] = [
          ...refunds.map(({ amount }, at) => refund(`r${at}`, amount, failedAt[at])),
          ...refunds.map(({ amount }, at) => refund(`r${at}`, amount)),
          // A failure may be told of again, later: by an event, or by a reconciliation of days after.
          ...lateWords.flatMap((later, at) => {
            const [was, of] = [failedAt[at], refunds[at]];
            return was == null || of === undefined ? [] : [refund(`r${at}`, of.amount, was + later)];
          }),
          ...totals.flatMap((second) => [
            charge(totalAt(second, false), second),
            charge(totalAt(second, true), second),
          ]),
        ];
        const shuffled = facts
          .map((each, at) => ({ each, by: order[at % order.length] ?? 0 }))
          .sort((a, b) => a.by - b.by)
          .map(({ each }) => each);
        const out = refunds.reduce((total, { amount }, at) => total + (failedAt[at] === null ? amount : 0), 0);
        expect(shareAfter(shuffled, 10_000).out).toBe(out);
      }),
      { numRuns: 500 },
    );
  });
});
