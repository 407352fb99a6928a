import { expect, test } from 'vitest';
import { advance } from '../../lib/domain/advance.ts';
import { endRun } from '../../lib/domain/run-record.ts';
import { accountAt, at, CATALOG, grant, holdOf, left, part } from './account-samples.ts';

const NOON = '2026-03-20T12:00:00Z';
const MIDNIGHT = '2026-03-21T00:00:00Z';
const LATER = '2026-09-01T00:00:00Z';

const [first, second] = [
  holdOf(1, '2026-03-20T12:30:00Z', [part(1, 'pack', 5)]),
  holdOf(2, '2026-03-20T13:30:00Z', [part(1, 'pack', 7)]),
];
const account = accountAt(NOON, { grants: [grant(1, 'pack', 30, LATER, 42)], holds: [first, second] });

test('a hold that lapses is given back and put on record as expired, and the others stay', () => {
  const { account: next, lapsed } = advance(account, new Map(), CATALOG, first.deadlineMs);
  expect(left(next)).toEqual({ 1: 35 });
  expect(next.holds).toEqual([second]);
  expect(lapsed).toEqual([endRun(first, { outcome: 'expired' }, first.deadlineMs)]);
});

test('stopped with something of this very instant left to do, it is not complete, and goes on from there', () => {
  const two = accountAt(NOON, { grants: [grant(1, 'free', 3, MIDNIGHT, 10), grant(2, 'pack', 30, MIDNIGHT)] });
  const stopped = advance(two, new Map(), CATALOG, at(MIDNIGHT), 1);
  expect([stopped.complete, stopped.entries.length]).toEqual([false, 1]);
  const whole = advance(two, new Map(), CATALOG, at(MIDNIGHT));
  const rest = advance(stopped.account, new Map(), CATALOG, at(MIDNIGHT), 1);
  expect([rest.complete, rest.account]).toEqual([true, whole.account]);
  expect([...stopped.entries, ...rest.entries]).toEqual(whole.entries);
});
