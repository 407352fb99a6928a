import { FAULTS } from '../faults.ts';
import type { Tally } from './tally.ts';

const number = (value: number): string => Math.round(value).toLocaleString('en-US');

const WIDTH = 30;

/** One line, written over and over. */
export const progressBar = (told: number, all: number, seconds: number): string => {
  const done = Math.floor((WIDTH * told) / Math.max(1, all));
  const bar = `${'█'.repeat(done)}${'░'.repeat(WIDTH - done)}`;
  return `\r${bar} ${number(told)} of ${number(all)} histories, ${number(told / Math.max(seconds, 0.001))} a second `;
};

interface CrashTotals {
  readonly visited: number;
  readonly places: number;
  readonly scenarios: number;
  /** Places of operations at which a process was killed by chance in the histories, too. */
  readonly byChance: number;
}

/** What a run came to, for a person. */
export const report = (tally: Tally, crash: CrashTotals, schedules: number, seconds: number): string => {
  const { histories, requests, steps, kills, compared, lost, faults } = tally;
  const share = crash.places === 0 ? 0 : Math.floor((100 * crash.visited) / crash.places);
  return [
    `${number(histories)} histories in ${number(seconds)} s, ${number(histories / Math.max(seconds, 0.001))} a second`,
    `${number(requests)} requests to the table, ${number(steps)} turns, ${number(kills)} processes killed`,
    `faults: ${FAULTS.map((fault) => `${fault} ${number(faults[fault])}`).join(', ')}`,
    `accounts compared with the plain model in the end: ${number(compared)}; it could not follow ${number(lost)}`,
    `crash points: ${crash.visited} of ${crash.places} visited (${share} %) in ${crash.scenarios} situations, each with and without a retry; ${number(crash.byChance)} kinds of them by chance, too`,
    `schedules off, on time, late, doubled, killed half-way: ${number(schedules)} histories`,
  ].join('\n');
};
