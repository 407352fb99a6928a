import * as fc from 'fast-check';
import { v7 as uuidV7 } from 'uuid';
import { describe, expect, test } from 'vitest';
import { advance } from '../../lib/domain/advance.ts';
import {
  estimateExpiresAtMs,
  isRunUuid,
  tombstoneEndsAtMs,
  tombstoneOf,
  uuidTimeMs,
  uuidTimePrefix,
} from '../../lib/domain/run-id.ts';
import { MINUTE_MS } from '../../lib/domain/time.ts';
import { accountAt, at, CATALOG, grant, holdOf, part } from './account-samples.ts';

/** The example of RFC 9562, appendix A.6: 2022-02-22T19:22:22.000Z. */
const RFC = '017f22e2-79b0-7cc3-98c4-dc0c0c07398f';

describe("a run's id", () => {
  test.each([
    [RFC, true],
    ['017f22e2-79b0-7cc3-b8c4-dc0c0c07398f', true],
    ['017F22E2-79B0-7CC3-98C4-DC0C0C07398F', false],
    ['017f22e2-79b0-4cc3-98c4-dc0c0c07398f', false],
    ['017f22e2-79b0-7cc3-c8c4-dc0c0c07398f', false],
    ['017f22e279b07cc398c4dc0c0c07398f', false],
    ['017f22e2-79b0-7cc3-98c4-dc0c0c07398f\n', false],
    [' 017f22e2-79b0-7cc3-98c4-dc0c0c07398f', false],
    ['', false],
    ['__proto__', false],
  ])('%j: %s', (text, valid) => {
    expect(isRunUuid(text)).toBe(valid);
  });

  test('tells the instant of its estimate, and so does its tombstone', () => {
    expect(uuidTimeMs(RFC)).toBe(at('2022-02-22T19:22:22Z'));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 47 }), (msecs) => {
        const uuid = uuidV7({ msecs });
        expect(isRunUuid(uuid)).toBe(true);
        expect(uuidTimeMs(uuid)).toBe(msecs);
        expect(uuidTimeMs(tombstoneOf(uuid))).toBe(msecs);
        expect(uuid.startsWith(uuidTimePrefix(msecs))).toBe(true);
      }),
    );
  });

  test('sorts with the prefix of its millisecond: after that of the one before, before that of the next', () => {
    const ms = uuidTimeMs(RFC);
    expect(uuidTimePrefix(ms - 1) < RFC && uuidTimePrefix(ms) < RFC && RFC < uuidTimePrefix(ms + 1)).toBe(true);
  });

  test('leaves a tombstone of its first 12 bytes: another run of the same millisecond has another', () => {
    expect(tombstoneOf(RFC)).toBe('017f22e2-79b0-7cc3-98c4-dc0c');
    const marks = Array.from({ length: 1000 }, () => tombstoneOf(uuidV7({ msecs: 1_772_366_400_000 })));
    expect(new Set(marks).size).toBe(1000);
  });
});

describe('a tombstone', () => {
  const held = (deadline: string) =>
    accountAt('2026-03-01T12:00:00Z', {
      grants: [grant(1, 'free', 5, '2026-03-02T00:00:00Z', 10)],
      holds: [{ ...holdOf(1, '2026-03-01T13:00:00Z', [part(1, 'free', 5)]), deadlineMs: at(deadline) }],
    });
  const over = (deadline: string, nowMs: number) => advance(held(deadline), new Map(), CATALOG, nowMs).account;
  const given = at('2026-03-01T12:00:00Z');

  test('remembers an ended run while its estimate can be approved, and a minute more for an approval under way', () => {
    const [run = ''] = held('2026-03-01T12:01:00Z').holds.map((hold) => hold.runUuid);
    expect(estimateExpiresAtMs(run)).toBe(given + 15 * MINUTE_MS);
    expect(tombstoneEndsAtMs(tombstoneOf(run))).toBe(given + 16 * MINUTE_MS);
    expect(over('2026-03-01T12:01:00Z', given + 16 * MINUTE_MS - 1).tombstones).toEqual([tombstoneOf(run)]);
    expect(over('2026-03-01T12:01:00Z', given + 16 * MINUTE_MS).tombstones).toEqual([]);
  });

  test('is not left by a run that outlived its estimate', () => {
    expect(over('2026-03-01T12:30:00Z', given + 30 * MINUTE_MS)).toMatchObject({ holds: [], tombstones: [] });
  });

  test('is cleared by a later write that happens anyway', () => {
    const before = over('2026-03-01T12:01:00Z', given + 2 * MINUTE_MS);
    expect(before.tombstones).toHaveLength(1);
    expect(advance(before, new Map(), CATALOG, at('2026-03-02T00:00:00Z')).account.tombstones).toEqual([]);
  });
});
