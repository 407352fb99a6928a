import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addMonthsMs, DAY_MS, dayOf, nextMidnightMs } from '../../lib/domain/time.ts';
import { at } from './account-samples.ts';
import { monthsLater } from './plain-calendar.ts';

describe('months after an anchor', () => {
  test.each([
    ['2026-03-15T10:20:30.456Z', 0, '2026-03-15T10:20:30.456Z'],
    ['2026-03-15T10:20:30.456Z', 1, '2026-04-15T10:20:30.456Z'],
    ['2026-03-15T10:20:30.456Z', 6, '2026-09-15T10:20:30.456Z'],
    ['2026-01-31T10:20:30.456Z', 1, '2026-02-28T10:20:30.456Z'],
    ['2026-01-31T10:20:30.456Z', 2, '2026-03-31T10:20:30.456Z'],
    ['2026-01-31T10:20:30.456Z', 3, '2026-04-30T10:20:30.456Z'],
    ['2026-08-31T00:00:00.000Z', 6, '2027-02-28T00:00:00.000Z'],
    ['2027-08-31T00:00:00.000Z', 6, '2028-02-29T00:00:00.000Z'],
    ['2028-02-29T12:00:00.000Z', 12, '2029-02-28T12:00:00.000Z'],
    ['2028-02-29T12:00:00.000Z', 48, '2032-02-29T12:00:00.000Z'],
    ['2026-12-31T23:59:59.999Z', 1, '2027-01-31T23:59:59.999Z'],
    ['2026-12-31T23:59:59.999Z', 2, '2027-02-28T23:59:59.999Z'],
    ['2026-10-31T00:00:00.000Z', 13, '2027-11-30T00:00:00.000Z'],
    ['2096-02-29T06:00:00.000Z', 48, '2100-02-28T06:00:00.000Z'],
  ])('%s and %i: %s', (anchor, months, expected) => {
    expect(new Date(addMonthsMs(at(anchor), months)).toISOString()).toBe(expected);
  });

  test('are those of a calendar walked by hand', () => {
    const anchors = fc.integer({ min: at('2020-01-01T00:00:00Z'), max: at('2099-12-31T23:59:59.999Z') });
    fc.assert(
      fc.property(anchors, fc.nat(60), (anchor, months) => {
        expect(addMonthsMs(anchor, months)).toBe(monthsLater(anchor, months));
        expect(addMonthsMs(anchor, months + 1)).toBeGreaterThan(addMonthsMs(anchor, months));
      }),
    );
  });
});

describe('which midnight: that of UTC, whatever the zone of whoever asks', () => {
  test.each([
    ['2026-03-01T00:00:00.000Z', '2026-03-02T00:00:00.000Z'],
    ['2026-03-01T23:59:59.999Z', '2026-03-02T00:00:00.000Z'],
    ['2026-03-01T19:00:00-06:00', '2026-03-03T00:00:00.000Z'],
    ['2026-12-31T12:00:00.000Z', '2027-01-01T00:00:00.000Z'],
    ['2026-03-29T01:30:00+01:00', '2026-03-30T00:00:00.000Z'],
  ])('after %s comes %s', (instant, midnight) => {
    expect(new Date(nextMidnightMs(at(instant))).toISOString()).toBe(midnight);
    expect(dayOf(nextMidnightMs(at(instant)) - 1)).toBe(dayOf(at(instant)));
    expect(nextMidnightMs(at(instant)) % DAY_MS).toBe(0);
  });
});
