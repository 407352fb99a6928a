import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { CrashPoints } from '../crash/crash-points.ts';
import type { SchedulesTold } from '../schedules/schedules-change-nothing.ts';
import { progressBar, report } from './report.ts';
import { addTally, newTally, type Tally } from './tally.ts';
import { openWorkers, type Workers } from './workers.ts';

/** Each of them is told once for every way the schedules behave. */
const MOST_WITH_SCHEDULES = 5000;

const HERE = resolve(fileURLToPath(import.meta.url), '../../../..');

const { values } = parseArgs({
  options: {
    histories: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: String(availableParallelism()) },
    /** Another tree than this one: a copy with a defect in it. */
    root: { type: 'string', default: HERE },
    json: { type: 'boolean', default: false },
  },
});
const [all, first, workerCount] = [values.histories, values.seed, values.workers].map(Number);
if (
  all === undefined ||
  first === undefined ||
  workerCount === undefined ||
  ![all, first, workerCount].every(Number.isSafeInteger)
) {
  throw new Error('npm run simulate -- [--histories N] [--seed S] [--workers W] [--root DIR] [--json]');
}

/** A child says what the type says: both are of one tree. */
const resultOf = async <T>(result: Promise<unknown>, is: (value: unknown) => value is T): Promise<T | null> => {
  const value = await result;
  return is(value) ? value : null;
};
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
const isTally = (value: unknown): value is Tally => isObject(value) && 'failing' in value;
const isCrashPoints = (value: unknown): value is CrashPoints => isObject(value) && 'scenarios' in value;
const isSchedules = (value: unknown): value is SchedulesTold => isObject(value) && 'failures' in value;
const isShrunk = (value: unknown): value is { readonly trace: readonly string[]; readonly tries: number } =>
  isObject(value) && 'trace' in value;

/** All seeds from the first on, dealt out; a worker stops at its first that fails, and all once they are past the earliest. */
const tellAll = async (workers: Workers, beganMs: number): Promise<Tally> => {
  const sum = newTally();
  const told = Array.from({ length: workerCount }, () => 0);
  let earliest = Number.POSITIVE_INFINITY;
  const show = (): void => {
    const count = told.reduce((total, each) => total + each, 0);
    if (!values.json && process.stderr.isTTY)
      process.stderr.write(progressBar(count, all, (performance.now() - beganMs) / 1000));
  };
  const started = told.map((_, at) => {
    const args = ['histories', String(first + at), String(first + all), String(workerCount)];
    const worker = workers.start(args, ({ histories = 0, seed = 0 }) => {
      told[at] = histories;
      show();
      if (seed > earliest) worker.stop();
    });
    return worker;
  });
  await Promise.all(
    started.map(async ({ result }) => {
      const tally = await resultOf(result, isTally);
      if (tally === null) return;
      addTally(sum, tally);
      for (const { seed } of tally.failing) earliest = Math.min(earliest, seed);
    }),
  );
  sum.failing.sort((a, b) => a.seed - b.seed);
  return sum;
};

const main = async (): Promise<boolean> => {
  const workers = await openWorkers(resolve(values.root), resolve(HERE, 'node_modules'));
  try {
    const crash = await resultOf(workers.start(['crash-points'], () => undefined).result, isCrashPoints);
    const schedulesTo = String(first + Math.max(5, Math.min(MOST_WITH_SCHEDULES, Math.floor(all / 50))));
    const beganMs = performance.now();
    const [tally, schedules] = await Promise.all([
      tellAll(workers, beganMs),
      resultOf(workers.start(['schedules', String(first), schedulesTo], () => undefined).result, isSchedules),
    ]);
    const seconds = (performance.now() - beganMs) / 1000;
    const [failing] = tally.failing;
    const places = crash?.scenarios ?? [];
    const totals = {
      visited: places.reduce((total, each) => total + each.visited, 0),
      places: places.reduce((total, each) => total + each.places, 0),
      scenarios: places.length,
      byChance: Object.keys(tally.killedAt).length,
    };
    const failures = [
      ...(crash?.failures ?? ['no answer']),
      ...(schedules?.failures.map(({ failure }) => failure) ?? ['no answer']),
    ];
    const fine = failing === undefined && failures.length === 0 && totals.visited === totals.places;
    if (values.json) {
      const untilFailure = failing === undefined ? null : failing.seed - first + 1;
      const found = {
        untilFailure,
        failing: failing ?? null,
        crashPoints: crash?.failures ?? [],
        schedules: schedules?.failures ?? [],
      };
      const { failing: _, killedAt: __, ...counts } = tally;
      process.stdout.write(`${JSON.stringify({ fine, seed: first, seconds, ...found, ...counts, crash: totals })}\n`);
      return fine;
    }
    process.stdout.write(`\n${report(tally, totals, schedules?.histories ?? 0, seconds)}\n`);
    for (const failure of failures) process.stdout.write(`FAILED ${failure}\n`);
    if (failing === undefined) process.stdout.write(`no failing seed from ${first} to ${first + all - 1}\n`);
    else {
      process.stdout.write(`\nFAILED seed ${failing.seed}: ${failing.failure}\n`);
      const shrunk = await resultOf(workers.start(['shrink', String(failing.seed)], () => undefined).result, isShrunk);
      process.stdout.write(
        `what is left of it after ${shrunk?.tries} tries to leave something out:\n${shrunk?.trace.join('\n')}\n`,
      );
    }
    return fine;
  } finally {
    await workers.close();
  }
};

process.exitCode = (await main()) ? 0 : 1;
