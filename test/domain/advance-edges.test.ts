import { expect, test } from 'vitest';
import { advance } from '../../lib/domain/advance.ts';
import { type Ending, endRun } from '../../lib/domain/run-record.ts';
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

test.each<readonly [string, Ending, number]>([
  ['settled', { outcome: 'settled', cost: 3 }, 2],
  ['settled for nothing', { outcome: 'settled', cost: 0 }, 2],
  ['failed', { outcome: 'failed', reason: 'it broke' }, 1],
  ['lapsed', { outcome: 'expired' }, 1],
])('of two runs approved today, one of which has %s, so many count towards the day’s limit (R8)', (_, ending, used) => {
  const record = endRun(first, ending, at('2026-03-20T12:10:00Z'));
  const { account: next } = advance(account, new Map([[first.runUuid, record]]), CATALOG, record.atMs);
  expect(next.holds).toEqual([second]);
  expect(next.runs.used).toBe(used);
});

test('a run that lapsed is a line too: of three, two writes take the first two', () => {
  const promotion = grant(2, 'promotional', 4, '2026-03-20T13:00:00Z');
  const three = accountAt(NOON, { grants: [...account.grants, promotion], holds: [first, second] });
  const { entries, lapsed, complete, account: next } = advance(three, new Map(), CATALOG, second.deadlineMs, 2);
  expect(lapsed.map(({ runUuid }) => runUuid)).toEqual([first.runUuid]);
  expect(entries.map(({ kind }) => kind)).toEqual(['expiry']);
  expect([complete, next.holds]).toEqual([false, [second]]);
});

test('where nothing is due it is the very same account: there is nothing to write', () => {
  expect(advance(account, new Map(), CATALOG, first.deadlineMs - 1).account).toBe(account);
  const none = accountAt(NOON, { grants: account.grants });
  expect(advance(none, new Map(), CATALOG, at(MIDNIGHT) - 1).account).toBe(none);
});

test('a bound that was early is exact from then on, though nothing was due', () => {
  const early = { ...account, holdsValidUntilMs: at('2026-03-20T12:10:00Z') };
  expect(advance(early, new Map(), CATALOG, early.holdsValidUntilMs).account).toEqual(account);
});
