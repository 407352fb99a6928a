import { expect, test } from 'vitest';
import { openClock } from '../../local/clock.ts';
import { openClockWalk } from '../../local/clock-walk.ts';
import { temporaryDirectory } from './temporary.ts';

const START_MS = Date.UTC(2027, 0, 31);

/** A walk past things due at these offsets; what happens is told with the clock's offset at that instant. */
const walking = (offsets: readonly number[]) => {
  const clock = openClock(temporaryDirectory(), () => START_MS);
  const due = offsets.map((offset) => START_MS + offset);
  const told: [what: string, atMs: number][] = [];
  const tell = (what: string) => told.push([what, clock.now() - START_MS]);
  const walk = openClockWalk({
    clock,
    payments: {
      nextDueMs: (afterMs) => due.find((atMs) => atMs > afterMs),
      advanceTo: async (toMs) => {
        await new Promise((resolve) => setImmediate(resolve));
        for (let next = due[0]; next !== undefined && next <= toMs; next = due[0]) {
          due.shift();
          tell(`due ${next - START_MS}`);
        }
      },
    },
    fire: async (fromMs, toMs) => {
      tell(`schedules ${fromMs - START_MS}-${toMs - START_MS}`);
    },
  });
  return { clock, due, told, walk };
};

test('the clock stands at each thing due while it happens; the schedules fire at the end', async () => {
  const { told, walk } = walking([-5, 10, 10, 20, 31]);
  expect(await walk({ toMs: START_MS + 30 }, true)).toEqual({ nowMs: START_MS + 30 });
  expect(told).toEqual([
    ['due -5', 0],
    ['due 10', 10],
    ['due 10', 10],
    ['due 20', 20],
    ['schedules 0-30', 30],
  ]);
});

test('what the schedules lead to at once is done before the walk is', async () => {
  const { due, told, clock } = walking([]);
  const walk = openClockWalk({
    clock,
    payments: {
      nextDueMs: () => undefined,
      advanceTo: async () => {
        if (due.shift() !== undefined) told.push(['delivered', clock.now() - START_MS]);
      },
    },
    fire: async (_, toMs) => {
      due.push(toMs);
    },
  });
  await walk({ advanceSeconds: 1 }, true);
  expect(told).toEqual([['delivered', 1000]]);
});

test('without schedules, what is due at Stripe happens all the same', async () => {
  const { told, walk } = walking([10]);
  await walk({ toMs: START_MS + 30 }, false);
  expect(told).toEqual([['due 10', 10]]);
});

test('two walks at once go one after the other, each from where the clock then is', async () => {
  const { told, walk, clock } = walking([10, 1500]);
  const both = await Promise.all([walk({ advanceSeconds: 1 }, true), walk({ advanceSeconds: 1 }, true)]);
  expect(both).toEqual([{ nowMs: START_MS + 1000 }, { nowMs: START_MS + 2000 }]);
  expect(told.map(([what]) => what)).toEqual(['due 10', 'schedules 0-1000', 'due 1500', 'schedules 1000-2000']);
  expect(clock.now()).toBe(START_MS + 2000);
});

test('a walk that is refused leaves the clock as real as it was', async () => {
  const { told, walk, clock } = walking([-5]);
  expect(await walk({ toMs: START_MS - 1 }, true)).toEqual({ refused: 'backwards', nowMs: START_MS });
  expect(clock.isReal()).toBe(true);
  expect(told).toEqual([]);
});

test('a walk that breaks off does not stop the next', async () => {
  const clock = openClock(temporaryDirectory(), () => START_MS);
  let breaks = true;
  const walk = openClockWalk({
    clock,
    payments: { nextDueMs: () => undefined, advanceTo: async () => undefined },
    fire: async () => {
      if (breaks) throw new Error('a schedule fails');
    },
  });
  await expect(walk({ advanceSeconds: 1 }, true)).rejects.toThrow('a schedule fails');
  breaks = false;
  expect(await walk({ advanceSeconds: 1 }, true)).toEqual({ nowMs: START_MS + 2000 });
});
