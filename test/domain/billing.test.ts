import { describe, expect, test } from 'vitest';
import {
  heardOf,
  isLive,
  isOver,
  type Subscription,
  type SubscriptionStatus,
  sameAs,
} from '../../lib/domain/billing.ts';

const word = (
  id: string,
  status: SubscriptionStatus,
  asOfMs: number,
  given: Partial<Subscription> = {},
): Subscription => ({
  id,
  itemId: `${id}-item`,
  priceId: 'price_small',
  status,
  renews: true,
  createdMs: id === 'A' ? 100 : 200,
  anchorMs: 100,
  periodStartMs: 100,
  periodEndMs: 1000,
  scheduleId: null,
  asOfMs,
  ...given,
});

const ordersOf = <T>(things: readonly T[]): readonly (readonly T[])[] =>
  things.length < 2
    ? [things]
    : things.flatMap((first, at) => ordersOf(things.toSpliced(at, 1)).map((rest) => [first, ...rest]));

/** What is known in the end; what Stripe is asked about is as the last word on that subscription says. */
const knownAfter = (order: readonly Subscription[]): Subscription | null => {
  const truth = (id: string) =>
    order.filter((each) => each.id === id).reduce((last, each) => (each.asOfMs >= last.asOfMs ? each : last));
  return order.reduce<Subscription | null>((known, heard) => {
    const verdict = heardOf(known, heard);
    if (verdict === 'leave') return known;
    return verdict === 'take' ? heard : truth(heard.id);
  }, null);
};

describe('words on one subscription count by their time, in whatever order they come (R17)', () => {
  test.each([
    ['its first five', ['incomplete', 'active', 'active', 'past_due', 'canceled']],
    ['paid after it was past due', ['active', 'past_due', 'active']],
    ['paused and resumed', ['active', 'paused', 'active', 'past_due', 'unpaid']],
  ] as const)('%s', (_, statuses) => {
    const words = statuses.map((status, at) => word('A', status, 110 + at));
    for (const order of ordersOf(words)) expect(knownAfter(order)).toEqual(words.at(-1));
  });

  test('each word again, three times over, changes nothing', () => {
    const words = (['incomplete', 'active', 'past_due', 'active'] as const).map((status, at) =>
      word('A', status, 110 + at),
    );
    expect(knownAfter([...words, ...words.toReversed(), ...words])).toEqual(words.at(-1));
  });

  test.each([
    ['status', { status: 'past_due' }],
    ['renewal', { renews: false }],
    ['price', { priceId: 'price_big' }],
    ['period', { periodEndMs: 2000 }],
    ['schedule', { scheduleId: 'sub_sched_1' }],
  ] as const)('two words of one second that differ in their %s: only Stripe knows the later', (_, given) => {
    const [one, other] = [word('A', 'active', 110), word('A', 'active', 110, given)];
    expect(heardOf(one, other)).toBe('ask');
    expect(sameAs(one, other)).toBe(false);
  });

  test('two words of one second that say the same are one', () => {
    expect(heardOf(word('A', 'active', 110), word('A', 'active', 110))).toBe('leave');
  });
});

describe('of two subscriptions the live one counts, then the one made later', () => {
  const A = { live: word('A', 'active', 110), over: word('A', 'canceled', 150) };
  const B = { begun: word('B', 'incomplete', 210), live: word('B', 'active', 220), over: word('B', 'canceled', 260) };

  test.each([
    // known, heard, what is done
    ['the first word of any', null, A.live, 'take'],
    ['another beside a live one', A.live, B.live, 'leave'],
    ['an older one beside a live one', B.live, A.live, 'leave'],
    ['a new one after one that is over', A.over, B.live, 'take'],
    ['a new one that has yet to be paid, after one that is over', A.over, B.begun, 'take'],
    ['an older one that is over, after one that is over', B.over, A.over, 'leave'],
    ['an older one that is over, after a live one', B.live, A.over, 'leave'],
    // It was live when this was said. Whether it is, when the newer one is over, only Stripe knows.
    ['an older one that was live, after one that is over', B.over, A.live, 'ask'],
    ['an older one that was live, after one that was never paid', B.begun, A.live, 'ask'],
  ] as const)('%s', (_, known, heard, verdict) => {
    expect(heardOf(known, heard)).toBe(verdict);
  });

  test('one left for another is told of in any order: the later of two that are over', () => {
    for (const order of ordersOf([A.over, B.over])) expect(knownAfter(order)?.id).toBe('B');
    for (const order of ordersOf([A.over, B.begun, B.live])) expect(knownAfter(order)).toEqual(B.live);
  });

  test('a second one bought beside the live one and ended again: the live one is known, in any order of these', () => {
    for (const order of ordersOf([A.live, B.over])) expect(knownAfter(order)).toEqual(A.live);
    for (const order of ordersOf([A.live, B.begun, B.over])) expect(knownAfter(order)).toEqual(A.live);
  });
});

test.each([
  ['incomplete', false, false],
  ['incomplete_expired', false, true],
  ['trialing', true, false],
  ['active', true, false],
  ['past_due', true, false],
  ['unpaid', true, true],
  ['paused', true, false],
  ['canceled', false, true],
] as const)(
  'an account with one that is %s is sold no second: %s; Stripe has given up on it: %s',
  (status, live, over) => {
    expect(isLive(word('A', status, 110))).toBe(live);
    expect(isOver(word('A', status, 110))).toBe(over);
    expect(isLive(null)).toBe(false);
  },
);
