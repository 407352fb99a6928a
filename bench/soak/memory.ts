import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod/mini';
import { readDataFile } from '../../local/data-file.ts';
import { median } from '../quantile.ts';

const run = promisify(execFile);
const engineRecord = z.object({ pid: z.int(), startedBy: z.int() });

export interface Sample {
  readonly atMinutes: number;
  readonly systemMb: number;
  readonly engineMb: number;
}

/** The engine notes in the data directory who it is and who started it; with an engine of somebody else's, nothing is known. */
export const processesOf = (dataDir: string): { readonly system: number; readonly engine: number } | undefined => {
  const record = readDataFile(join(dataDir, 'engine.json'), engineRecord);
  return record && { system: record.startedBy, engine: record.pid };
};

const residentMb = async (pid: number): Promise<number> =>
  Number((await run('ps', ['-o', 'rss=', '-p', String(pid)])).stdout) / 1024;

/** What the two processes have in memory now. */
export const sampleOf = async (
  { system, engine }: { readonly system: number; readonly engine: number },
  atMinutes: number,
): Promise<Sample> => ({ atMinutes, systemMb: await residentMb(system), engineMb: await residentMb(engine) });

/** The local bus, the stand-in for Stripe and the engine's stream remember all that ever happened, and V8 tidies up when it likes. */
const FLAT = 1.25;
/** In less time no trend is seen. */
const FLAT_FROM_SAMPLES = 60;

/** Whether a process needs no more at the end than at the start: medians of the first and the last third. `null`: too early to say. */
export const isFlat = (values: readonly number[]): boolean | null => {
  const third = Math.floor(values.length / 3);
  if (values.length < FLAT_FROM_SAMPLES) return null;
  return median(values.slice(-third)) <= median(values.slice(0, third)) * FLAT;
};

/** Least squares: how much a value grows with each minute. */
export const slopeOf = (points: readonly (readonly [minutes: number, value: number])[]): number => {
  const mean = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0) / values.length;
  const [x, y] = [mean(points.map(([minutes]) => minutes)), mean(points.map(([, value]) => value))];
  const spread = points.reduce((sum, [minutes]) => sum + (minutes - x) ** 2, 0);
  return spread === 0 ? 0 : points.reduce((sum, [minutes, value]) => sum + (minutes - x) * (value - y), 0) / spread;
};
