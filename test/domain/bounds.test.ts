import { describe, expect, test } from 'vitest';
import { advance, withBounds } from '../../lib/domain/advance.ts';
import { deadlineBound, isCurrent } from '../../lib/domain/hold-plan.ts';
import { accountAt, at, CATALOG, grant, holdOf, part } from './account-samples.ts';

const NOON = '2026-03-01T12:00:00Z';
const MIDNIGHT = '2026-03-02T00:00:00Z';
const LATER = '2026-04-01T00:00:00Z';
const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

describe('an account says until when nothing happens to it by itself', () => {
  const hold = (number: number, deadline: string) => holdOf(number, deadline, [part(1, 'free', 1)]);
  const free = grant(1, 'free', 5, MIDNIGHT, 10);
  const cycle = { anchorMs: at('2026-02-01T09:00:00Z'), step: 0, creditsPerCycle: 20 };

  test.each([
    // what it has → until the next boundary, until the next deadline
    ['nothing: midnight, for its runs', {}, MIDNIGHT, null],
    ['free credits', { grants: [free] }, MIDNIGHT, null],
    ['a later grant', { grants: [free, grant(2, 'pack', 5, LATER)] }, MIDNIGHT, null],
    [
      'a sooner grant',
      { grants: [free, grant(2, 'pack', 5, '2026-03-01T12:00:00.001Z')] },
      '2026-03-01T12:00:00.001Z',
      null,
    ],
    [
      'an empty one: credits may come back to it',
      { grants: [grant(2, 'pack', 0, '2026-03-01T18:00:00Z', 9)] },
      '2026-03-01T18:00:00Z',
      null,
    ],
    [
      'one that is over, drawn on',
      { grants: [grant(1, 'pack', 0, NOON, 9)], holds: [hold(1, '2026-03-01T12:30:00Z')] },
      MIDNIGHT,
      '2026-03-01T12:30:00Z',
    ],
    ['a cycle', { cycle: { ...cycle, anchorMs: at('2026-02-01T21:00:00Z') } }, '2026-03-01T21:00:00Z', null],
    ['a cycle that ends after midnight', { cycle: { ...cycle, anchorMs: at('2026-02-05T09:00:00Z') } }, MIDNIGHT, null],
    [
      'holds: the earliest deadline',
      { grants: [free], holds: [hold(1, '2026-03-01T12:40:00Z'), hold(2, '2026-03-01T12:20:00Z')] },
      MIDNIGHT,
      '2026-03-01T12:20:00Z',
    ],
  ])('%s', (_, given, boundary, deadline) => {
    const account = accountAt(NOON, given);
    expect(iso(account.validUntilMs)).toBe(iso(at(boundary)));
    expect(iso(account.holdsValidUntilMs)).toBe(deadline === null ? null : iso(at(deadline)));
  });

  test.each([
    // what it has → the next boundary that leaves a line
    ['nothing: idle accounts are never due', {}, null],
    ['free credits, whole: they live on unwritten', { grants: [grant(1, 'free', 10, MIDNIGHT)] }, null],
    [
      'free credits of another plan’s size, whole',
      { planId: 'bare', grants: [grant(1, 'free', 10, MIDNIGHT)] },
      MIDNIGHT,
    ],
    ['free credits, some spent', { grants: [free] }, MIDNIGHT],
    ['free credits, some held', { grants: [free], holds: [hold(1, '2026-03-01T12:30:00Z')] }, MIDNIGHT],
    ['a pack', { grants: [grant(2, 'pack', 5, LATER)] }, LATER],
    ['a pack spent to the last', { grants: [grant(2, 'pack', 0, LATER, 5)] }, null],
    [
      'a pack held to the last: its rest may come back',
      { grants: [grant(1, 'pack', 0, LATER, 1)], holds: [hold(1, '2026-03-01T12:30:00Z')] },
      LATER,
    ],
    ['what is over', { grants: [grant(1, 'pack', 0, NOON, 1)], holds: [hold(1, '2026-03-01T12:30:00Z')] }, null],
    ['a cycle', { cycle: { ...cycle, anchorMs: at('2026-02-05T09:00:00Z') } }, '2026-03-05T09:00:00Z'],
  ])('and when a sweep would find something to write: %s', (_, given, due) => {
    expect(iso(accountAt(NOON, given).dueAtMs)).toBe(due === null ? null : iso(at(due)));
  });

  test.each([
    ['before both', '2026-03-01T12:19:59.999Z', true],
    ['at the deadline', '2026-03-01T12:20:00Z', false],
    ['after it', '2026-03-01T13:00:00Z', false],
  ])('%s it is as stored: %s', (_, now, current) => {
    const account = accountAt(NOON, { grants: [free], holds: [hold(1, '2026-03-01T12:20:00Z')] });
    expect(isCurrent(account, at(now))).toBe(current);
    expect(isCurrent({ ...account, ver: 0 }, at(now))).toBe(false);
  });

  test.each([
    [at(MIDNIGHT) - 1, true],
    [at(MIDNIGHT), false],
  ])('at %i, about midnight: %s', (now, current) => {
    expect(isCurrent(accountAt(NOON, { grants: [free] }), now)).toBe(current);
  });

  test('a bound that was early is put right when it has passed, and nothing else changes', () => {
    const account = { ...accountAt(NOON, { grants: [free] }), validUntilMs: at(NOON) + 1 };
    const { account: next, entries, lapsed, complete } = advance(account, new Map(), CATALOG, at(NOON) + 1);
    expect({ entries, lapsed, complete }).toEqual({ entries: [], lapsed: [], complete: true });
    expect(next).toEqual({ ...account, validUntilMs: at(MIDNIGHT) });
  });

  test('an account brought up only in part is not taken for current', () => {
    const grants = [grant(1, 'pack', 5, '2026-03-01T13:00:00Z'), grant(2, 'pack', 5, '2026-03-01T14:00:00Z')];
    const first = advance(
      accountAt(NOON, { planId: 'bare', grants }),
      new Map(),
      CATALOG,
      at('2026-03-01T15:00:00Z'),
      1,
    );
    expect(first).toMatchObject({ complete: false, entries: [{ atMs: at('2026-03-01T13:00:00Z') }] });
    expect(first.account.validUntilMs).toBe(at('2026-03-01T14:00:00Z'));
    const second = advance(first.account, new Map(), CATALOG, at('2026-03-01T15:00:00Z'), 1);
    expect(second).toMatchObject({ complete: true, account: { grants: [] }, entries: [{ changes: [{ grantId: 2 }] }] });
    expect(second.account).toEqual(withBounds(second.account, CATALOG, at('2026-03-01T15:00:00Z')));
  });
});

/** Seconds from now, for a plan made now or earlier. */
describe('a hold moves the deadline bound so that it is never late', () => {
  const now = at(NOON);
  const seconds = (count: number | null) => (count === null ? null : now + count * 1000);
  const plan = (bound: number | null, earliest: number | null) => ({
    draws: [],
    nextOrdinal: 1,
    ver: 7,
    boundMs: seconds(bound),
    earliestDeadlineMs: seconds(earliest),
  });

  test.each([
    // bound seen, earliest deadline it can vouch for, own deadline → how, to what
    ['the first hold sets it, a minute early', null, null, 3600, 'keep', 3540],
    ['the first short hold, half its time early', null, null, 10, 'keep', 5],
    ['a bound before the own deadline stays', 600, 600, 3600, 'keep', 3540],
    ['a bound at the own deadline stays', 3600, 3600, 3600, 'keep', 3540],
    ['a bound beyond the own deadline comes down to it', 3540, 3540, 30, 'lower', 15],
    ['a bound that has passed gives way to the own', -5, null, 3600, 'raise', 3540],
    ['and to the earliest of the others', -5, 40, 3600, 'raise', 40],
    ['a bound that passes now has passed', 0, 40, 3600, 'raise', 40],
    ['one that passed since the plan was made: refused, for what lapsed with it', -5, -5, 3600, 'keep', 3540],
    ['a hold that lapses this millisecond: refused', -5, 0, 3600, 'keep', 3540],
  ] as const)('%s', (_, bound, earliest, own, how, ms) => {
    const moved = deadlineBound(plan(bound, earliest), now + own * 1000, now);
    const seen = { keep: {}, lower: { seen: seconds(bound) }, raise: { seen: 7 } }[how];
    expect(moved).toEqual({ how, ms: seconds(ms), ...seen });
  });
});
