import { describe, expect, test } from 'vitest';
import { tellSeeds } from './command/tell-seeds.ts';
import { crashPoints } from './crash/crash-points.ts';
import { planOf } from './history/plan-of.ts';
import { tellHistory } from './history/tell-history.ts';
import { schedulesChangeNothing } from './schedules/schedules-change-nothing.ts';

test('the same seed gives the same history, byte for byte, and another seed another one', async () => {
  const traceOf = async (seed: number) => (await tellHistory(planOf(seed), { trace: true })).trace.join('\n');
  const seeds = [1, 2, 3, 10, 42, 2 ** 40 + 7];
  const first: string[] = [];
  for (const seed of seeds) first.push(await traceOf(seed));
  for (const [at, seed] of seeds.entries()) expect(await traceOf(seed)).toBe(first[at]);
  expect(new Set(first).size).toBe(seeds.length);
});

test('hostile histories keep every invariant after every write, and come to what the plain model says', {
  timeout: 300_000,
}, async () => {
  const tally = await tellSeeds({ from: 1, to: 1501, every: 1 });
  expect(tally.failing).toEqual([]);
  // Not a comparison of nothing.
  expect(tally.kills).toBeGreaterThan(1000);
  expect(tally.compared).toBeGreaterThan(1000);
  expect(Math.min(...Object.values(tally.faults))).toBeGreaterThan(0);
});

test('killed at any place between two effects, every operation comes to the same end', {
  timeout: 300_000,
}, async () => {
  const { scenarios, failures } = await crashPoints();
  expect(failures).toEqual([]);
  expect(scenarios.filter(({ places, visited }) => visited !== places)).toEqual([]);
});

describe('the same trace of inputs', () => {
  test('gives the same balances and lines with schedules off, on time, late, doubled and killed half-way (I6)', {
    timeout: 300_000,
  }, async () => {
    expect(await schedulesChangeNothing({ from: 1, to: 31, every: 1 })).toEqual({ histories: 150, failures: [] });
  });
});
