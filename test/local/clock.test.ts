import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openClock } from '../../local/clock.ts';
import { StartupProblem } from '../../local/startup-problem.ts';
import { temporaryDirectory } from './temporary.ts';

const START_MS = Date.UTC(2027, 0, 31, 23, 59, 59, 999);

/** A clock whose real time the test moves. */
const clockAt = (startMs = START_MS) => {
  const real = { nowMs: startMs };
  const dataDir = temporaryDirectory();
  return { real, dataDir, clock: openClock(dataDir, () => real.nowMs) };
};

describe('the clock', () => {
  test('runs with real time until it is first moved, then stands still', () => {
    const { real, clock } = clockAt();
    real.nowMs += 5;
    expect(clock.now()).toBe(START_MS + 5);
    expect(clock.move({ toMs: START_MS + 10 })).toEqual({ nowMs: START_MS + 10 });
    real.nowMs += 60_000;
    expect(clock.now()).toBe(START_MS + 10);
  });

  test.each([
    { it: 'by a millisecond', seconds: 0.001, laterMs: 1 },
    { it: 'by a fraction that binary numbers cannot write', seconds: 0.299, laterMs: 299 },
    { it: 'by a year', seconds: 365 * 86_400, laterMs: 365 * 86_400_000 },
    { it: 'by nothing, which makes it stand', seconds: 0, laterMs: 0 },
  ])('advances $it', ({ seconds, laterMs }) => {
    const { real, clock } = clockAt();
    expect(clock.move({ advanceSeconds: seconds })).toEqual({ nowMs: START_MS + laterMs });
    real.nowMs += 1_000;
    expect(clock.now()).toBe(START_MS + laterMs);
  });

  test.each([
    { it: 'one millisecond back', move: { toMs: START_MS - 1 }, refused: 'backwards' },
    { it: 'back by seconds', move: { advanceSeconds: -0.001 }, refused: 'backwards' },
    { it: 'past the year 9999', move: { toMs: Date.UTC(10_000, 0) }, refused: 'too_far' },
    { it: 'for ever', move: { advanceSeconds: Number.MAX_VALUE }, refused: 'too_far' },
    { it: 'to no number', move: { toMs: Number.NaN }, refused: 'too_far' },
  ])('refuses to go $it, and nothing changes', ({ move, refused }) => {
    const { clock, dataDir } = clockAt();
    clock.move({ advanceSeconds: 0 });
    expect(clock.move(move)).toEqual({ refused, nowMs: START_MS });
    expect(clock.now()).toBe(START_MS);
    expect(openClock(dataDir, () => 0).now()).toBe(START_MS);
  });

  test('set out on a way stands still at its beginning, and knows the end', () => {
    const { real, clock } = clockAt();
    expect(clock.depart({ toMs: START_MS - 1 })).toEqual({ refused: 'backwards', nowMs: START_MS });
    expect(clock.isReal()).toBe(true);
    expect(clock.depart({ advanceSeconds: 60 })).toEqual({ fromMs: START_MS, toMs: START_MS + 60_000 });
    real.nowMs += 5;
    expect(clock.now()).toBe(START_MS);
  });

  test('stands after a restart where it stood', () => {
    const { clock, dataDir } = clockAt();
    clock.move({ toMs: START_MS + 1 });
    expect(openClock(dataDir, () => 0).now()).toBe(START_MS + 1);
  });

  test('says which file to delete when what it kept cannot be read', () => {
    const dataDir = temporaryDirectory();
    writeFileSync(join(dataDir, 'clock.json'), '{"nowMs":');
    expect(() => openClock(dataDir)).toThrow(StartupProblem);
    expect(() => openClock(dataDir)).toThrow(/clock\.json .* Delete it/);
  });
});
