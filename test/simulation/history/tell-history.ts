import { sweep } from '../../../lambdas/schedulers/sweep/sweep.ts';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../../lib/domain/time.ts';
import { viewAccount } from '../../../lib/store/account-view.ts';
import { shardOf } from '../../../lib/store/shard.ts';
import { faultsOf } from '../../domain/invariants.ts';
import type { Fault } from '../faults.ts';
import { paymentsAreTrue } from '../watch/payments-true.ts';
import { perform } from './deeds.ts';
import { doors } from './doors.ts';
import type { Plan, Scene } from './plan.ts';
import { newLife } from './scheduler.ts';
import { deliver } from './stripe-deeds.ts';
import { createWorld, type Options, type World } from './world.ts';

export interface Told {
  /** What was wrong, the first of it first; empty: nothing. */
  readonly failures: readonly string[];
  readonly trace: readonly string[];
  readonly faults: Readonly<Record<Fault, number>>;
  readonly kills: number;
  readonly requests: number;
  readonly steps: number;
  /** Accounts the plain model was compared with in the end, and those it could not follow. */
  readonly compared: number;
  readonly lost: number;
}

/** No wait for what is near is longer: a year is far. */
const NEAR_MS = 40 * 24 * 60 * MINUTE_MS;

/** When a scene begins. */
export const sceneAt = (world: World, { gap }: Scene): number => {
  if ('ms' in gap) return world.now() + gap.ms;
  const all = 'near' in gap ? world.instants() : world.allEnds();
  const near = all.filter((each) => each < world.now() + NEAR_MS);
  const which = 'near' in gap ? gap.near : gap.end;
  return (near[which % Math.max(1, near.length)] ?? world.now()) + gap.offMs;
};

/** R4 to R15: every account, exact at this instant and not tidied up: the history tells it, the plain model makes the same of it. */
const lookAtAll = async (world: World): Promise<number> => {
  let compared = 0;
  for (const [accountId, { entries, records }] of world.ledgers) {
    const life = newLife('watch', 'look', world.now());
    const { table } = world.depsOf(life);
    const atMs = world.now();
    const view = await viewAccount(table, accountId, atMs);
    const estimates = new Map(
      [...records.keys(), ...view.lapsed.map(({ runUuid }) => runUuid)].map((id) => [
        id,
        world.oracle.runOf(id)?.credits ?? -1,
      ]),
    );
    const all = [...[...records.values()], ...view.lapsed];
    for (const fault of faultsOf(view.account, [...entries, ...view.entries], all, estimates))
      world.fault(`${accountId}: ${fault}`);
    if (world.failures.length === 0 && world.skewMs === 0 && world.plain.agrees(view.account, atMs)) compared++;
  }
  return compared;
};

/** Both sweeps, once, in calm weather. */
export const sweepAll = async (world: World): Promise<void> => {
  for (const dueFor of ['deadlines', 'boundaries'] as const) {
    for (const accountId of world.ledgers.keys()) {
      const { table } = world.depsOf(newLife('sweep', 'sweep', world.now()));
      const swept = await sweep(
        { table, now: world.now, hasTime: () => true, telemetry: world.telemetry },
        dueFor,
        shardOf(accountId),
      );
      if (swept.failed > 0) world.fault(`${swept.failed} accounts could not be swept in calm weather`);
    }
  }
};

const shownOf = async (world: World): Promise<string> => {
  const shown: unknown[] = [];
  for (const accountId of world.ledgers.keys()) {
    shown.push(await doors.balance(world.depsOf(newLife(accountId, 'balance', world.now())), accountId));
  }
  return JSON.stringify(shown);
};

/** Whether balances say that something of them ends between two instants. */
const endsWithin = (shown: string, fromMs: number, toMs: number): boolean =>
  [...shown.matchAll(/"(?:expiresAt|resetsAt|nextResetAt)":"([^"]*)"/g)]
    .map(([, instant = '']) => Date.parse(instant))
    .some((atMs) => fromMs <= atMs && atMs <= toMs);

/** How far a host's clock may be off, and then some. */
const CLOCKS_OFF_MS = SECOND_MS;

/** Faults are over, everybody has been answered: what is held ends within a minute of its deadline, and all is as it should be. */
export const comeToRest = async (world: World): Promise<number> => {
  const { park, now, ledgers, fault } = world;
  for (const fact of [...world.owed].reverse()) await deliver(world, fact, 'stripe-1');
  await world.idle();
  // By then nothing is on its way any more.
  await park(null, now() + 30 * SECOND_MS);
  const deadlines = [...ledgers.values()].flatMap(({ account }) => account?.holds.map((hold) => hold.deadlineMs) ?? []);
  await park(null, Math.max(now(), ...deadlines) + MINUTE_MS - SECOND_MS);
  world.stripesClock.die();
  await world.idle();
  for (const fact of world.stripe.listed(now())) await deliver(world, fact, 'reconcile');
  const compared = await lookAtAll(world);
  const askedMs = now();
  const before = await shownOf(world);
  await sweepAll(world);
  const after = await shownOf(world);
  // A balance says as of when it is; both are asked in calm weather, some milliseconds apart.
  const timeless = (text: string): string => text.replaceAll(/"asOf":"[^"]*"/g, '');
  if (timeless(before) !== timeless(after) && !endsWithin(before, askedMs - CLOCKS_OFF_MS, now() + CLOCKS_OFF_MS)) {
    fault(`I6: before the sweep ${before}, after it ${after}`);
  }
  for (const { accountId, account, records } of ledgers.values()) {
    const left = account?.holds.filter(({ deadlineMs }) => deadlineMs <= askedMs) ?? [];
    if (left.length > 0) fault(`${accountId} still holds ${left.length} runs a minute after their deadline`);
    for (const runUuid of world.oracle.heldRuns()) {
      const own = world.oracle.runOf(runUuid)?.accountId === accountId;
      if (own && !records.has(runUuid)) fault(`I5: run ${runUuid} was approved and has no outcome`);
    }
  }
  paymentsAreTrue(world);
  return compared;
};

/** Run ids of one millisecond go up within a process, histories told before included: this one has its own from here on. */
export const begin = async (world: World): Promise<void> => {
  const beforeMs = world.now() - DAY_MS;
  await world.request({ actor: 'nobody', operation: 'begin' }, (life) =>
    doors.estimate({ ...world.depsOf(life), now: () => beforeMs }, 'nobody', 'user', 1),
  );
};

/** Tells a history: the same plan, the same history, to the last byte of its trace. */
export const tellHistory = async (plan: Plan, options: Options = { trace: false }): Promise<Told> => {
  const world = createWorld(plan, options);
  let compared = 0;
  const main = async (): Promise<void> => {
    await begin(world);
    for (const scene of plan.scenes) {
      const beginsMs = sceneAt(world, scene);
      for (const planned of scene.planned) {
        void world.spawn(async () => {
          await world.park(null, beginsMs + planned.offsetMs);
          await perform(world, planned);
        });
      }
      await world.park(null, beginsMs + Math.max(1, ...scene.planned.map(({ offsetMs }) => offsetMs)) + 40);
    }
    await world.idle();
    world.calmDown();
    if (world.failures.length === 0) compared = await comeToRest(world);
    done = true;
  };
  let done = false;
  const told = main().catch((thrown) =>
    world.fault(`the simulation itself: ${thrown instanceof Error ? thrown.stack : String(thrown)}`),
  );
  await world.run(() => done || world.failures.length > 0);
  if (!done && world.failures.length === 0) world.fault('nobody goes on, or all for ever, and not all is done');
  if (done) await told;
  return {
    failures: world.failures,
    trace: world.trace,
    faults: world.counts,
    kills: world.kills(),
    requests: world.attempts(),
    steps: world.steps(),
    compared,
    lost: world.plain.lost(),
  };
};
