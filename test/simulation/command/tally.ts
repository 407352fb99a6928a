import { FAULTS, type Fault } from '../faults.ts';
import type { Told } from '../history/tell-history.ts';

/** What some histories came to, added up. */
export interface Tally {
  histories: number;
  requests: number;
  steps: number;
  kills: number;
  /** Accounts compared with the plain model in the end, and those it could not follow. */
  compared: number;
  lost: number;
  readonly faults: Record<Fault, number>;
  /** How often a process was killed at each place: an operation, and how many requests it had sent. */
  readonly killedAt: Record<string, number>;
  /** Failing seeds, and the first sentence of each. */
  readonly failing: { readonly seed: number; readonly failure: string }[];
}

export const newTally = (): Tally => ({
  histories: 0,
  requests: 0,
  steps: 0,
  kills: 0,
  compared: 0,
  lost: 0,
  faults: {
    throttled: 0,
    conflict: 0,
    lostRequest: 0,
    lostAnswer: 0,
    late: 0,
    failedBefore: 0,
    failedAfter: 0,
    stale: 0,
    unprocessed: 0,
  },
  killedAt: {},
  failing: [],
});

/** Adds a history; `places`: where its processes were killed. */
export const addTold = (tally: Tally, seed: number, told: Told, places: readonly string[]): void => {
  tally.histories++;
  for (const name of ['requests', 'steps', 'kills', 'compared', 'lost'] as const) tally[name] += told[name];
  for (const fault of FAULTS) tally.faults[fault] += told.faults[fault];
  for (const place of places) tally.killedAt[place] = (tally.killedAt[place] ?? 0) + 1;
  const [failure] = told.failures;
  if (failure !== undefined) tally.failing.push({ seed, failure });
};

export const addTally = (sum: Tally, other: Tally): void => {
  for (const name of ['histories', 'requests', 'steps', 'kills', 'compared', 'lost'] as const) sum[name] += other[name];
  for (const fault of FAULTS) sum.faults[fault] += other.faults[fault];
  for (const [place, times] of Object.entries(other.killedAt)) sum.killedAt[place] = (sum.killedAt[place] ?? 0) + times;
  sum.failing.push(...other.failing);
};
