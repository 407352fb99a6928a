import { describe, expect, test } from 'vitest';
import type { Hold } from '../../lib/domain/account.ts';
import { extendedDeadlineMs } from '../../lib/domain/extend-hold.ts';
import { HOUR_MS, MINUTE_MS } from '../../lib/domain/time.ts';
import { holdOf } from './account-samples.ts';

/** Approved at 00:00 for an hour; minutes are counted from there. */
const hold = holdOf(1, '2026-03-01T01:00:00Z', []);
const minutes = (count: number) => hold.approvedAtMs + count * MINUTE_MS;
const extendedTo = (minute: number): Hold => ({ ...hold, deadlineMs: minutes(minute) });
const DAY = 24 * 60;

describe('an extension moves the deadline out (R7)', () => {
  test.each([
    // deadline, asked at, for so long → deadline (all in minutes from the approval)
    ['so long after the first deadline', 60, 10, 30, 90],
    ['again: nothing more', 90, 11, 30, 90],
    ['less: nothing is taken away', 90, 12, 10, 90],
    ['a heartbeat: so long from now', 90, 89, 60, 149],
    ['longer than so far', 149, 100, 180, 280],
    ['to the 24 hours exactly', 60, 10, DAY - 60, DAY],
    ['a heartbeat to the 24 hours exactly', DAY - 1, DAY - 30, 30, DAY],
    ['in the last millisecond before the deadline', 60, 60 - 1 / MINUTE_MS, 30, 90],
  ])('%s: deadline %i, at %d for %i → %i', (_, deadline, now, asked, expected) => {
    expect(extendedDeadlineMs(extendedTo(deadline), asked * 60, minutes(now))).toBe(minutes(expected));
  });

  test.each([
    ['beyond 24 hours from the first deadline on', 60, 10, DAY - 59, (DAY - 60) * 60],
    ['beyond 24 hours from now on', DAY - 1, DAY - 30, 31, 30 * 60],
    ['by a second', 60, 10, DAY - 60 + 1 / 60, (DAY - 60) * 60],
    ['when it lasts 24 hours already', DAY, DAY - 1, 2, 60],
  ])('%s it is refused, and says how many seconds can be had', (_, deadline, now, asked, most) => {
    expect(extendedDeadlineMs(extendedTo(deadline), Math.round(asked * 60), minutes(now))).toMatchObject({
      refused: 'validation_failed',
      faults: [{ path: 'seconds', message: expect.stringContaining(`at most ${most} now`) }],
    });
    expect(extendedDeadlineMs(extendedTo(deadline), most, minutes(now))).not.toHaveProperty('refused');
  });

  test('what can be had is never below nothing: a hold approved for 24 hours', () => {
    const whole = { ...hold, firstDeadlineMs: minutes(DAY), deadlineMs: minutes(DAY) };
    expect(extendedDeadlineMs(whole, 1, minutes(5))).toMatchObject({
      faults: [{ message: expect.stringContaining('at most 0 now') }],
    });
  });

  test.each([0, 1, HOUR_MS])('a hold %i ms past its deadline has lapsed', (late) => {
    expect(extendedDeadlineMs(hold, 60, hold.deadlineMs + late)).toEqual({ refused: 'hold_expired' });
  });
});
