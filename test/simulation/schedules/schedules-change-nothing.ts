import { sweep } from '../../../lambdas/schedulers/sweep/sweep.ts';
import { advance } from '../../../lib/domain/advance.ts';
import { balanceOf } from '../../../lib/domain/balance.ts';
import { HOUR_MS } from '../../../lib/domain/time.ts';
import { shardOf } from '../../../lib/store/shard.ts';
import { chanceOf } from '../history/chance.ts';
import { perform } from '../history/deeds.ts';
import { ACCOUNTS, type Plan, type Planned } from '../history/plan.ts';
import { planOf } from '../history/plan-of.ts';
import { newLife } from '../history/scheduler.ts';
import { begin, comeToRest, sceneAt } from '../history/tell-history.ts';
import { createWorld, type World } from '../history/world.ts';

/** How schedules behave: how often in a wait they come, how late their clock is, how many at once, and whether they are killed half-way. */
const BEHAVIOURS = {
  off: null,
  'on time': { times: 3, lateMs: 0, atOnce: 1, killed: false },
  late: { times: 2, lateMs: 5 * HOUR_MS, atOnce: 1, killed: false },
  'doubled and at once': { times: 2, lateMs: 0, atOnce: 3, killed: false },
  'killed half-way': { times: 2, lateMs: 0, atOnce: 2, killed: true },
} as const;
export type Behaviour = keyof typeof BEHAVIOURS;
const NAMES = [
  'off',
  'on time',
  'late',
  'doubled and at once',
  'killed half-way',
] as const satisfies readonly Behaviour[];

/** What a deadline is aimed at is what the table has, which schedules do change. */
const withoutAim = (planned: Planned): Planned => {
  if (planned.deed.what !== 'run') return planned;
  const { aim: _, ...deed } = planned.deed;
  return { ...planned, deed };
};

const calm = (plan: Plan): Plan => ({
  ...plan,
  weather: { rates: {}, killed: 0, latencyMs: 0, stalled: 0, stallMs: 0, skewMs: 0, stripeFails: 0 },
  scenes: plan.scenes.map((scene) => ({
    ...scene,
    planned: scene.planned.filter(({ deed }) => deed.what !== 'sweep').map(withoutAim),
  })),
});

const schedulesCome = async (world: World, behaviour: Behaviour): Promise<void> => {
  const how = BEHAVIOURS[behaviour];
  if (how === null) return;
  const nowMs = world.now() - how.lateMs;
  const one = async (accountId: string, dueFor: 'deadlines' | 'boundaries'): Promise<void> => {
    const life = newLife('schedule', 'schedule', world.now());
    const { table } = world.depsOf(life);
    const swept = sweep(
      { table, now: () => nowMs, hasTime: () => true, telemetry: world.telemetry },
      dueFor,
      shardOf(accountId),
    );
    await Promise.race([swept, life.died]);
  };
  const all = Array.from({ length: how.atOnce }, () =>
    ACCOUNTS.flatMap((accountId) => [one(accountId, 'deadlines'), one(accountId, 'boundaries')]),
  );
  await Promise.all(all.flat());
};

interface Outcome {
  readonly failures: readonly string[];
  /** When its scenes began: the inputs of the others are those of the first. */
  readonly beganAtMs: readonly number[];
  readonly restMs: number;
  /** Balances and lines as of an instant since: rest comes later where an account holds on to a run that has ended. */
  readonly stateAt: (atMs: number) => { readonly balances: string; readonly lines: string };
}

/** As JSON, whatever the order of an object's fields. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );

const tell = async (plan: Plan, behaviour: Behaviour, given: readonly number[]): Promise<Outcome> => {
  const beganAtMs: number[] = [];
  const chance = chanceOf(plan.seed, 9);
  const killed = BEHAVIOURS[behaviour]?.killed === true;
  const kills = (life: { readonly operation: string }) => killed && life.operation === 'schedule' && chance() < 0.3;
  const world = createWorld(plan, { trace: false, inTurn: true, kills });
  let done = false;
  const main = async (): Promise<void> => {
    await begin(world);
    for (const [at, scene] of plan.scenes.entries()) {
      const beginsMs = given[at] ?? Math.max(world.now(), sceneAt(world, scene));
      beganAtMs.push(beginsMs);
      const beganMs = world.now();
      const { times } = BEHAVIOURS[behaviour] ?? { times: 0 };
      for (let time = 1; time <= times; time++) {
        await world.park(null, beganMs + Math.floor(((beginsMs - beganMs) * time) / times));
        await world.inTurn(() => schedulesCome(world, behaviour));
      }
      for (const planned of scene.planned) {
        void world.spawn(async () => {
          await world.park(null, beginsMs + planned.offsetMs);
          await perform(world, planned);
        });
      }
      await world.park(null, beginsMs + 100);
    }
    await world.idle();
    world.calmDown();
    await comeToRest(world);
    done = true;
  };
  const told = main().catch((thrown) => world.fault(thrown instanceof Error ? (thrown.stack ?? '') : String(thrown)));
  await world.run(() => done || world.failures.length > 0);
  if (!done && world.failures.length === 0) world.fault('nobody goes on, or all for ever, and not all is done');
  if (done) await told;
  const ledgers = [...world.ledgers.values()].sort((a, b) => (a.accountId < b.accountId ? -1 : 1));
  const restMs = world.now();
  const stateAt = (atMs: number) => {
    const exact = ledgers.map(({ account, entries, records }) => {
      if (account === null) return { balance: null, lines: [] };
      const now = advance(account, records, world.catalog, atMs);
      // What was due by the rest must be written by then.
      const since = atMs === restMs ? { entries: [], lapsed: [] } : now;
      const lines = [...entries, ...since.entries].map(({ ordinal: _, ...line }) => canonical(line));
      const runs = [...records.values(), ...since.lapsed].map(canonical);
      return { balance: balanceOf(now.account, atMs), lines: [lines.sort(), runs.sort()] };
    });
    const balances = canonical(exact.map(({ balance }) => balance));
    return { balances, lines: canonical(exact.map(({ lines }) => lines)) };
  };
  return { failures: world.failures, beganAtMs, restMs, stateAt };
};

export interface SchedulesTold {
  readonly histories: number;
  readonly failures: readonly { readonly seed: number; readonly failure: string }[];
}

/** I6: the same trace of inputs, with the schedules off, on time, late, doubled and killed half-way: the same balances and the same lines. */
export const schedulesChangeNothing = async (seeds: {
  readonly from: number;
  readonly to: number;
  readonly every: number;
}): Promise<SchedulesTold> => {
  const failures: SchedulesTold['failures'][number][] = [];
  let histories = 0;
  for (let seed = seeds.from; seed < seeds.to && failures.length === 0; seed += seeds.every) {
    const plan = calm(planOf(seed));
    let off: Outcome | null = null;
    for (const behaviour of NAMES) {
      const told = await tell(plan, behaviour, off?.beganAtMs ?? []);
      off ??= told;
      histories++;
      const atMs = Math.max(told.restMs, off.restMs);
      const [is, was] = [told.stateAt(atMs), off.stateAt(atMs)];
      const wrong = told.failures[0] ?? (is.balances !== was.balances ? `${is.balances}, not ${was.balances}` : null);
      const failure = wrong ?? (is.lines !== was.lines ? `lines ${is.lines}, not ${was.lines}` : null);
      if (failure !== null) failures.push({ seed, failure: `I6, schedules ${behaviour}: ${failure}` });
    }
  }
  return { histories, failures };
};
