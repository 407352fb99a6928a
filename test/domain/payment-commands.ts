import * as fc from 'fast-check';

interface Renewal {
  readonly renews: boolean;
  readonly nextPlanId: 'small' | 'bare' | null;
}

/** One thing that payments do in a random history. `of` picks one of the purchases so far. */
export type Pays =
  | { readonly what: 'buyPack'; readonly credits: number; readonly lasts: number }
  | { readonly what: 'subscribe'; readonly planId: 'small' | 'big'; readonly months: 1 | 12; readonly lateMs: number }
  /** So long after the period's end, the new one's own end a little off our count. */
  | { readonly what: 'renew'; readonly afterMs: number; readonly months: 1 | 12; readonly skewMs: number }
  | { readonly what: 'upgrade'; readonly toYear: boolean }
  | ({ readonly what: 'renewal' } & Renewal)
  /** Said, and then its time comes: to the period's end, or a little off it. */
  | { readonly what: 'renewalComes'; readonly renewal: Renewal | null; readonly off: number }
  | { readonly what: 'stop' }
  | { readonly what: 'moneyBack'; readonly of: number; readonly payment: number; readonly percent: number }
  | { readonly what: 'moneyBackFails'; readonly of: number; readonly refund: number }
  | { readonly what: 'dispute'; readonly of: number; readonly payment: number; readonly percent: number }
  | { readonly what: 'disputeEnds'; readonly of: number; readonly dispute: number; readonly won: boolean };

const SECOND = 1000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Money that goes while everything is held: before, while or after it comes back. */
export interface HoldsThrough {
  readonly what: 'holdsThrough';
  readonly first: Pays;
  readonly second: Pays;
  readonly percent: number;
  readonly endsBefore: 'first' | 'second' | 'neither';
}

const just = <const T>(value: T) => fc.constant(value);
const oneOf = <const T>(...values: readonly T[]) => fc.constantFrom(...values);
const of = fc.nat(3);
const payment = fc.nat(1);
const percent = oneOf(1, 10, 33, 50, 67, 100);
const months = oneOf(1, 1, 12);

const renewal: fc.Arbitrary<Renewal> = fc.record({
  renews: oneOf(true, true, false),
  nextPlanId: oneOf(null, 'small', 'bare'),
});
const moneyBack = fc.record({ what: just('moneyBack'), of, payment, percent });
const dispute = fc.record({ what: just('dispute'), of, payment, percent });
const disputeEnds = fc.record({ what: just('disputeEnds'), of, dispute: fc.nat(1), won: fc.boolean() });

export const pays: readonly fc.WeightedArbitrary<Pays>[] = [
  {
    weight: 2,
    arbitrary: fc.record({
      what: just('buyPack'),
      credits: fc.integer({ min: 1, max: 12 }),
      lasts: oneOf(-DAY, 0, 1, HOUR, DAY, 3 * DAY, 180 * DAY),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      what: just('subscribe'),
      planId: oneOf('small', 'big'),
      months,
      lateMs: oneOf(0, 0, SECOND, HOUR, 2 * DAY, 40 * DAY),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      what: just('renew'),
      afterMs: oneOf(-SECOND, 0, 1, HOUR, 3 * HOUR - 1, 3 * HOUR, 5 * HOUR, 9 * DAY, 45 * DAY),
      months,
      skewMs: oneOf(0, 0, -1, SECOND, -90 * SECOND, HOUR, -5 * HOUR),
    }),
  },
  { weight: 3, arbitrary: fc.record({ what: just('upgrade'), toYear: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: renewal.map((each) => ({ what: 'renewal', ...each })),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      what: just('renewalComes'),
      renewal: fc.option<Renewal>(renewal),
      off: oneOf(-1, 0, 1, 2 * HOUR, 15 * HOUR),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: just('stop') }) },
  { weight: 4, arbitrary: moneyBack },
  { weight: 1, arbitrary: fc.record({ what: just('moneyBackFails'), of, refund: fc.nat(2) }) },
  { weight: 2, arbitrary: dispute },
  { weight: 3, arbitrary: disputeEnds },
];

export const holdsThrough: fc.Arbitrary<HoldsThrough> = fc.record({
  what: just('holdsThrough'),
  first: fc.oneof(moneyBack, dispute),
  second: fc.oneof(moneyBack, disputeEnds),
  percent: oneOf(0, 0, 30, 100),
  endsBefore: oneOf('first', 'second', 'neither'),
});
