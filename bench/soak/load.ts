import { setTimeout as sleep } from 'node:timers/promises';
import type { Actor } from '../../test/e2e/actor.ts';
import { createRandom } from '../../test/simulation/random.ts';
import { look, rule, support } from './other-jobs.ts';
import { buyPack, moneyBack, plan, redeliver } from './payment-jobs.ts';
import { late, run } from './run-jobs.ts';
import type { Scene, Shift } from './scene.ts';
import type { Settings } from './settings.ts';

type Job = (shift: Shift) => Promise<void>;

/** Of a thousand jobs. */
const JOBS: readonly (readonly [share: number, job: Job])[] = [
  [600, run],
  [50, late],
  [190, look],
  [40, rule],
  [40, support],
  [35, buyPack],
  [15, moneyBack],
  [28, plan],
  [2, redeliver],
];

/** One of a list, each as likely as its share of a thousand. */
const byShare = <T>(list: readonly (readonly [share: number, what: T])[], otherwise: T, chance: number): T => {
  let rest = chance * 1000;
  for (const [share, what] of list) {
    rest -= share;
    if (rest < 0) return what;
  }
  return otherwise;
};

const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;
const BETWEEN_MOVES_MS = 5_000;

/** How far the clock goes: minutes, over deadlines, over midnights, and now and then over renewals. */
const MOVES: readonly (readonly [share: number, seconds: readonly [least: number, most: number]])[] = [
  [300, [10, 2000]],
  [350, [HOUR_S, 12 * HOUR_S]],
  [250, [DAY_S, 2 * DAY_S]],
  [100, [8 * DAY_S, 31 * DAY_S]],
];
/** Of the moves; the others leave all to whoever looks (I6). */
const WITH_SCHEDULES = 0.3;

const moveSeconds = (chance: () => number): number => {
  const [least, most] = byShare(MOVES, [1, HOUR_S], chance());
  return Math.floor(least + chance() * (most - least));
};

export interface Walked {
  moves: number;
  midnights: number;
  slowestMs: number;
}

/** Runs the load until it is told to end, and comes back when the last job is done. A job that throws is a breach. */
export const runLoad = async (
  scene: Scene,
  agents: readonly Actor[],
  { seed, pauseMs }: Settings,
  ended: () => boolean,
): Promise<Walked> => {
  const { api, owners, tally } = scene;
  const agentAtWork = async (agent: Actor, at: number): Promise<void> => {
    const chance = createRandom(seed * 1000 + at);
    const shift: Shift = {
      ...scene,
      agent,
      owner: owners[at % owners.length] ?? owners[0],
      chance,
      between: (first, last) => first + Math.floor(chance() * (last - first + 1)),
      pause: (mostMs) => sleep(chance() * mostMs),
    };
    while (!ended()) {
      await byShare(
        JOBS,
        run,
        chance(),
      )(shift).catch((fault: unknown) => tally.breach(`a job ended with ${String(fault)}`));
      await shift.pause(pauseMs);
    }
  };

  const walked = { moves: 0, midnights: 0, slowestMs: 0 };
  const clockAtWork = async (): Promise<void> => {
    const chance = createRandom(seed);
    const move = async (): Promise<void> => {
      const [beforeMs, begunMs] = [await api.system.clock.now(), performance.now()];
      const body = { advanceSeconds: moveSeconds(chance), runSchedules: chance() < WITH_SCHEDULES };
      const { status, text } = await api.system.request('PUT', '/local/clock', { body });
      if (status !== 200) tally.breach(`the clock does not move: ${status} ${text}`);
      const afterMs = await api.system.clock.now();
      walked.moves++;
      walked.midnights += Math.floor(afterMs / 1000 / DAY_S) - Math.floor(beforeMs / 1000 / DAY_S);
      walked.slowestMs = Math.max(walked.slowestMs, performance.now() - begunMs);
    };
    while (!ended()) {
      await move().catch((fault: unknown) => tally.breach(`a move of the clock ended with ${String(fault)}`));
      for (let waited = 0; waited < BETWEEN_MOVES_MS && !ended(); waited += 200) await sleep(200);
    }
  };
  await Promise.all([clockAtWork(), ...agents.map(agentAtWork)]);
  return walked;
};
