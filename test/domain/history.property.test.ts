import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../lib/domain/time.ts';
import { type History, history } from './history-commands.ts';
import { ThreeTellings } from './three-tellings.ts';
import { expectSame, stateOf, unordered } from './what-is-told.ts';

const tell = ({ startMs, happens }: History, afterEach: (tellings: ThreeTellings) => void): ThreeTellings => {
  const tellings = new ThreeTellings(startMs);
  for (const step of happens) {
    tellings.happen(step);
    afterEach(tellings);
  }
  return tellings;
};

/** Histories that once failed, and that chance brings up seldom. */
const ONCE_FAILED: readonly [History][] = [
  [
    {
      startMs: Date.parse('2026-03-01T12:00:00.000Z'),
      happens: [
        { what: 'subscribe', planId: 'small', months: 12, lateMs: 0 },
        { what: 'plan', planId: 'free' },
        { what: 'renewalComes', renewal: null, off: 2 * HOUR_MS },
        { what: 'upgrade', toYear: false },
        { what: 'moneyBack', of: 0, payment: 0, percent: 1 },
      ],
    },
  ],
];

/** A failure prints seed and path, and the shortest history that fails. */
const forAll = (numRuns: number, maxLength: number, holds: (told: History) => void): void =>
  fc.assert(fc.property(history(maxLength), holds), { numRuns, examples: [...ONCE_FAILED] });

describe('any history', () => {
  test('is told alike by the core and by the plain model, and keeps I1 to I5, after every step', () => {
    forAll(1200, 30, (told) => void tell(told, (tellings) => tellings.check()));
  });

  test('comes to the same however late it is written, and line by line as all at once (I6)', () => {
    forAll(1200, 40, (told) => {
      const { lazy, eager, plain } = tell(told, () => undefined);
      const [late, early] = [stateOf(lazy), stateOf(eager)];
      expectSame({ ...late, entries: unordered(late.entries) }, { ...early, entries: unordered(early.entries) });
      lazy.nowMs = plain.now + 40 * DAY_MS;
      const allAtOnce = stateOf(lazy);
      lazy.touch(1);
      expectSame(stateOf(lazy), allAtOnce);
    });
  });
});
