import { chargedBy } from '../../../lib/domain/run-record.ts';
import { HOUR_MS } from '../../../lib/domain/time.ts';
import { perform } from '../history/deeds.ts';
import type { Deed, Plan } from '../history/plan.ts';
import type { Life } from '../history/scheduler.ts';
import { begin, comeToRest } from '../history/tell-history.ts';
import { createWorld, type World } from '../history/world.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';

const STARTS_MS = Date.UTC(2026, 2, 1, 12);

const CALM: Plan = {
  seed: 1,
  startMs: STARTS_MS,
  weather: { rates: {}, killed: 0, latencyMs: 3, stalled: 0, stallMs: 0, skewMs: 0, stripeFails: 0 },
  scenes: [],
};

/** What came of it, whenever it was: every grant, run and line. */
const digest = ({ ledgers }: World): string =>
  JSON.stringify(
    [...ledgers.values()].map(({ accountId, account, records, entries }) => ({
      accountId,
      planId: account?.planId,
      used: account?.runs.used,
      grants: account?.grants.map(({ kind, granted, remaining, back }) => [kind, granted, remaining, back]),
      runs: [...records.values()].map((record) => [
        record.outcome,
        chargedBy(record),
        record.absorbed,
        record.refund?.credits,
      ]),
      lines: entries
        .map(({ kind, reason, changes, shortfall }) =>
          [kind, reason, shortfall, changes.map(({ credits }) => credits)].join(),
        )
        .sort(),
    })),
  );

interface Outcome {
  readonly failures: readonly string[];
  readonly digest: string;
  /** Requests the operation sent where it was not killed. */
  readonly sent: number;
  readonly killed: boolean;
}

const withTries = (deed: Deed, tries: number): Deed =>
  deed.what === 'run' ? { ...deed, endings: deed.endings.map((ending) => ({ ...ending, tries })) } : deed;

/** Tells a scenario, its operation killed once so many of its requests have had their effect; `null`: not at all. */
const tell = async (scenario: Scenario, place: number | null, tries: number): Promise<Outcome> => {
  let armed = false;
  const target: { life: Life | null } = { life: null };
  let killed = false;
  const kills = (life: Life, moment: 'sent' | 'done'): boolean => {
    if (!armed || life.operation !== scenario.operation) return false;
    target.life ??= life;
    const here = place === 0 ? moment === 'sent' && life.sent === 1 : moment === 'done' && life.sent === place;
    if (killed || life !== target.life || !here) return false;
    killed = true;
    return true;
  };
  const world = createWorld(CALM, { trace: false, kills });
  let done = false;
  const main = async (): Promise<void> => {
    await begin(world);
    const all = [...scenario.before, [scenario.afterMs, withTries(scenario.deed, tries)] as const];
    for (const [at, [afterMs, deed]] of all.entries()) {
      armed = at === all.length - 1;
      await world.park(null, world.now() + afterMs);
      await perform(world, { id: at, offsetMs: 0, deed });
      // Agents that settle a day later are for the end of it; what comes before has ended within seconds.
      if (!armed) await world.park(null, world.now() + 30_000);
    }
    await world.idle();
    await world.park(null, world.now() + HOUR_MS);
    world.calmDown();
    await comeToRest(world);
    done = true;
  };
  const told = main().catch((thrown) => world.fault(thrown instanceof Error ? (thrown.stack ?? '') : String(thrown)));
  await world.run(() => done || world.failures.length > 0);
  if (!done && world.failures.length === 0) world.fault('nobody goes on, and not all is done');
  if (done) await told;
  return { failures: world.failures, digest: digest(world), sent: target.life?.sent ?? 0, killed };
};

export interface CrashPoints {
  /** Each scenario, with the number of its places. */
  readonly scenarios: readonly {
    readonly name: string;
    readonly operation: string;
    readonly places: number;
    readonly visited: number;
  }[];
  readonly failures: readonly string[];
}

/**
 * Kills every operation at every place between two of its effects, the first before any and the last before its answer: once with a sender
 * that tries again, which must come to what it would have come to anyway; once with an agent that never does.
 */
export const crashPoints = async (scenarios: readonly Scenario[] = SCENARIOS): Promise<CrashPoints> => {
  const failures: string[] = [];
  const found: CrashPoints['scenarios'][number][] = [];
  for (const scenario of scenarios) {
    const { name, operation } = scenario;
    const whole = await tell(scenario, null, 100);
    failures.push(...whole.failures.map((failure) => `${name}: ${failure}`));
    if (whole.sent === 0) failures.push(`${name}: ${operation} is never done`);
    let visited = 0;
    for (let place = 0; place <= whole.sent; place++) {
      const again = await tell(scenario, place, 100);
      if (again.killed) visited++;
      failures.push(...again.failures.map((failure) => `${name}, killed after ${place}: ${failure}`));
      if (again.digest !== whole.digest)
        failures.push(`${name}, killed after ${place}: comes to ${again.digest}, not ${whole.digest}`);
      const never = await tell(scenario, place, 1);
      failures.push(...never.failures.map((failure) => `${name}, killed after ${place} for good: ${failure}`));
    }
    found.push({ name, operation, places: whole.sent + 1, visited });
  }
  return { scenarios: found, failures };
};
