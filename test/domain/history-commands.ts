import * as fc from 'fast-check';
import { type HoldsThrough, holdsThrough, type Pays, pays } from './payment-commands.ts';

/** One thing that happens in a random history. `run` picks one of those so far; `off` is how far from the instant itself. */
export type Happens =
  | { readonly what: 'wait'; readonly ms: number }
  | { readonly what: 'waitFor'; readonly event: 'midnight' | 'deadline' | 'expiry' | 'cycle'; readonly off: number }
  | { readonly what: 'quote'; readonly credits: number }
  | { readonly what: 'approve'; readonly run: number; readonly holdSeconds: number; readonly byOwner: boolean }
  | { readonly what: 'hold'; readonly credits: number; readonly holdSeconds: number }
  | {
      /** An estimate given a little before something happens and approved a little after it. */
      readonly what: 'holdAcross';
      readonly event: 'midnight' | 'deadline' | 'expiry' | 'cycle';
      readonly credits: number;
      readonly beforeMs: number;
      readonly afterMs: number;
      /** Something in between: the account is touched, or another hold is placed. */
      readonly between: 'nothing' | 'touch' | 'hold';
      readonly holdSeconds: number;
    }
  | { readonly what: 'settle'; readonly run: number; readonly percent: number; readonly crash: boolean }
  | { readonly what: 'fail'; readonly run: number; readonly crash: boolean }
  | { readonly what: 'extend'; readonly run: number; readonly seconds: number }
  | { readonly what: 'grant'; readonly kind: 'promotional' | 'pack'; readonly credits: number; readonly lasts: number }
  | { readonly what: 'grantTo'; readonly event: 'midnight' | 'expiry' | 'cycle'; readonly credits: number }
  | { readonly what: 'plan'; readonly planId: 'free' | 'small' | 'big' | 'bare' }
  | { readonly what: 'refund'; readonly run: number }
  | { readonly what: 'rule'; readonly upTo: number | null }
  | { readonly what: 'touch' }
  | Pays
  | HoldsThrough;

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const just = <const T>(value: T) => fc.constant(value);
const oneOf = <const T>(...values: readonly T[]) => fc.constantFrom(...values);
const run = fc.nat(5);
const holdSeconds = oneOf(1, 2, 60, 600, 3600, 3600, 86_400);
const lasting = oneOf(1, SECOND, MINUTE, HOUR, DAY - 1, DAY, DAY + 1, 3 * DAY);

const happens: fc.Arbitrary<Happens> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ what: just('wait'), ms: oneOf(0, 1, SECOND, MINUTE, HOUR, DAY, 35 * DAY) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      what: just('waitFor'),
      event: oneOf('midnight', 'deadline', 'expiry', 'cycle'),
      off: oneOf(-1, 0, 1),
    }),
  },
  { weight: 2, arbitrary: fc.record({ what: just('quote'), credits: fc.integer({ min: 1, max: 20 }) }) },
  { weight: 3, arbitrary: fc.record({ what: just('approve'), run, holdSeconds, byOwner: fc.boolean() }) },
  { weight: 6, arbitrary: fc.record({ what: just('hold'), credits: fc.integer({ min: 1, max: 24 }), holdSeconds }) },
  {
    weight: 4,
    arbitrary: fc.record({
      what: just('holdAcross'),
      event: oneOf('midnight', 'deadline', 'deadline', 'expiry', 'cycle'),
      credits: fc.integer({ min: 1, max: 20 }),
      beforeMs: oneOf(1, 500, MINUTE, 10 * MINUTE),
      afterMs: oneOf(-1, 0, 1, 500, MINUTE),
      between: oneOf('nothing', 'touch', 'hold'),
      holdSeconds,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ what: just('settle'), run, percent: oneOf(0, 30, 70, 100, 150), crash: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.record({ what: just('fail'), run, crash: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ what: just('extend'), run, seconds: oneOf(1, 60, 3600, 7200, 86_400) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      what: just('grant'),
      kind: oneOf('promotional', 'pack'),
      credits: fc.integer({ min: 1, max: 12 }),
      lasts: lasting,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: just('grantTo'),
      event: oneOf('midnight', 'expiry', 'cycle'),
      credits: fc.integer({ min: 1, max: 12 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ what: just('plan'), planId: oneOf('free', 'small', 'big', 'bare') }) },
  { weight: 2, arbitrary: fc.record({ what: just('refund'), run }) },
  { weight: 1, arbitrary: fc.record({ what: just('rule'), upTo: oneOf(null, 5, 20) }) },
  { weight: 1, arbitrary: fc.record({ what: just('touch') }) },
  ...pays,
  { weight: 4, arbitrary: holdsThrough },
);

/** Instants from which a month, a leap day or a year is not far. */
const STARTS = [
  '2026-03-01T12:00:00.000Z',
  '2026-01-30T23:59:59.999Z',
  '2026-01-31T00:00:00.000Z',
  '2027-12-31T23:59:00.000Z',
  '2028-02-28T23:00:00.000Z',
  '2028-02-29T10:00:00.000Z',
].map(Date.parse);

export interface History {
  readonly startMs: number;
  readonly happens: readonly Happens[];
}

export const history = (maxLength: number): fc.Arbitrary<History> =>
  fc.record({ startMs: oneOf(...STARTS), happens: fc.array(happens, { minLength: 1, maxLength }) });
