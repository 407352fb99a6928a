import fc from 'fast-check';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { sweep } from '../../lambdas/schedulers/sweep/sweep.ts';
import { balanceOf } from '../../lib/domain/balance.ts';
import { isRefusal } from '../../lib/domain/refusal.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../lib/domain/time.ts';
import { touchAccount } from '../../lib/store/change-account.ts';
import { shardOf } from '../../lib/store/shard.ts';
import type { Table } from '../../lib/store/table.ts';
import { stoppingAfter } from '../faulty-client.ts';
import { telemetry } from '../silent-telemetry.ts';
import { World } from '../world.ts';

const ACCOUNT = 'ann';

type Deed =
  | { readonly what: 'hold'; readonly credits: number; readonly seconds: number }
  | { readonly what: 'settle' | 'fail' | 'extend'; readonly run: number; readonly credits: number }
  | { readonly what: 'grant'; readonly credits: number; readonly lives: number }
  | { readonly what: 'plan'; readonly planId: string };
interface Step {
  readonly waitMs: number;
  readonly deed: Deed;
}

const waitMs = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: HOUR_MS }) },
  { weight: 2, arbitrary: fc.integer({ min: HOUR_MS, max: 30 * HOUR_MS }) },
  { weight: 1, arbitrary: fc.constantFrom(MINUTE_MS, HOUR_MS, 12 * HOUR_MS, DAY_MS, 3 * DAY_MS, 31 * DAY_MS) },
);
const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('hold' as const),
      credits: fc.integer({ min: 1, max: 60 }),
      seconds: fc.constantFrom(60, 3600, 86_400),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constantFrom('settle' as const, 'fail' as const, 'extend' as const),
      run: fc.nat(3),
      credits: fc.integer({ min: 0, max: 70 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('grant' as const),
      credits: fc.integer({ min: 1, max: 50 }),
      lives: fc.constantFrom(HOUR_MS, DAY_MS, 5 * DAY_MS),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant('plan' as const), planId: fc.constantFrom('free', 'starter', 'pro') }),
  },
);
const history: fc.Arbitrary<Step[]> = fc.array(fc.record({ waitMs, deed }), { minLength: 3, maxLength: 14 });

type Sweeps = (world: World) => Promise<unknown>;

const once = (table: Table, nowMs: number): Promise<unknown> =>
  Promise.all(
    (['deadlines', 'boundaries'] as const).map((dueFor) =>
      sweep({ table, now: () => nowMs, hasTime: () => true, telemetry }, dueFor, shardOf(ACCOUNT)),
    ),
  );

/** How the schedules behave, and how often they are looked at between two deeds. */
const BEHAVIOURS: Readonly<Record<string, { readonly everyMs: number; readonly run: Sweeps }>> = {
  'on time': { everyMs: 6 * HOUR_MS, run: ({ deps, nowMs }) => once(deps.table, nowMs) },
  late: { everyMs: 40 * HOUR_MS, run: ({ deps, nowMs }) => once(deps.table, nowMs - 5 * HOUR_MS) },
  'doubled and at once': {
    everyMs: 24 * HOUR_MS,
    run: ({ deps, nowMs }) => Promise.all([1, 2, 3].map(() => once(deps.table, nowMs))),
  },
  'killed half-way': {
    everyMs: 18 * HOUR_MS,
    run: (world) => once(world.through(stoppingAfter('TransactWriteItemsCommand')).table, world.nowMs),
  },
};

const act = async (world: World, todo: Deed, runs: string[]): Promise<void> => {
  switch (todo.what) {
    case 'hold': {
      const answer = await world.approve(ACCOUNT, await world.quote(ACCOUNT, todo.credits), todo.seconds);
      if (!isRefusal(answer)) runs.push(answer.runId);
      return;
    }
    case 'settle':
    case 'fail':
    case 'extend': {
      const run = runs.at(-1 - todo.run);
      if (run === undefined) return;
      if (todo.what === 'settle') await world.settle(run, todo.credits);
      if (todo.what === 'fail') await world.fail(run);
      if (todo.what === 'extend') await world.extend(run, 60 * (1 + todo.credits));
      return;
    }
    case 'grant':
      await world.grant(ACCOUNT, todo.credits, new Date(world.nowMs + todo.lives).toISOString());
      return;
    case 'plan':
      await world.plan(ACCOUNT, todo.planId);
  }
};

const walk = async (steps: readonly Step[], everyMs: number, sweeps: Sweeps | null) => {
  const world = await World.open();
  const runs: string[] = [];
  for (const { waitMs: wait, deed: todo } of steps) {
    const untilMs = world.nowMs + wait;
    while (sweeps !== null && world.nowMs + everyMs < untilMs) {
      world.nowMs += everyMs;
      await sweeps(world);
    }
    world.nowMs = untilMs;
    await act(world, todo, runs);
  }
  world.nowMs += 2 * DAY_MS;
  await touchAccount(world.deps.table, ACCOUNT, world.nowMs);
  const { entries, records } = await world.history(ACCOUNT);
  const faults = await world.faults(ACCOUNT);
  const numbered = new Map(runs.map((runId, at) => [runId.slice(0, 36), at]));
  const named = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value, (key, inner) => (key === 'runUuid' ? numbered.get(String(inner)) : inner)));
  return {
    balance: balanceOf(await world.account(ACCOUNT), world.nowMs),
    entries: named(entries),
    records: named(records),
    faults,
  };
};

// A sweep that is killed says so for each account; that is not news here.
beforeEach(() => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
});

describe('the same trace gives the same balances and history whatever the schedules do (I6)', () => {
  test.each(Object.entries(BEHAVIOURS))('%s, as off', { timeout: 120_000 }, async (_, { everyMs, run }) => {
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        const [off, other] = await Promise.all([walk(steps, everyMs, null), walk(steps, everyMs, run)]);
        expect(other).toEqual(off);
        expect(off.faults).toEqual([]);
      }),
      { numRuns: 15 },
    );
  });
});
