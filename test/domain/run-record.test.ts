import { expect, test } from 'vitest';
import { chargedBy, type Ending, endRun, heldBy } from '../../lib/domain/run-record.ts';
import { at, holdOf, part } from './account-samples.ts';

const hold = holdOf(1, '2026-03-10T14:30:00Z', [part(1, 'free', 5), part(2, 'pack', 7)]);
const settled = (cost: number): Ending => ({ outcome: 'settled', cost });

test.each([
  // ending, charged of each part, cost, absorbed, reason
  ['settled for nothing', settled(0), [0, 0], 0, 0, null],
  ['settled within the first part', settled(4), [4, 0], 4, 0, null],
  ['settled with the first part just spent', settled(5), [5, 0], 5, 0, null],
  ['settled with some of the second', settled(9), [5, 4], 9, 0, null],
  ['settled for all that is held', settled(12), [5, 7], 12, 0, null],
  ['settled for more: the rest is absorbed (R9)', settled(13), [5, 7], 13, 1, null],
  ['failed: charged nothing (R10)', { outcome: 'failed', reason: 'it broke' }, [0, 0], null, 0, 'it broke'],
  ['lapsed: charged nothing (R11)', { outcome: 'expired' }, [0, 0], null, 0, null],
] as const)('%s', (_, ending, charged, cost, absorbed, reason) => {
  const record = endRun(hold, ending, at('2026-03-10T14:00:00Z'));
  expect(record.parts.map((each) => each.charged)).toEqual(charged);
  expect(record).toMatchObject({ outcome: ending.outcome, cost, absorbed, reason, refund: null });
  expect(heldBy(record)).toBe(12);
  expect(chargedBy(record)).toBe(charged[0] + charged[1]);
});
