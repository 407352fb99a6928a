import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { openWorkers, type Workers } from '../command/workers.ts';
import { type Defect, type Edit, editsByFile, planted } from './defect.ts';

/** What the simulation needs of the project; packages stay where they are. */
const SOURCES = ['lib', 'lambdas', 'test/simulation', 'test/domain', 'package.json', 'tsconfig.json'];

/** The project as it is now, to make copies of: others may be at work in it meanwhile. */
export interface Snapshot {
  readonly folder: string;
  readonly nodeModules: string;
  readonly throwAway: () => void;
}

const copyInto = (folder: string, root: string): void => {
  for (const source of SOURCES) cpSync(join(root, source), join(folder, source), { recursive: true });
};

export const snapshotOf = (root: string): Snapshot => {
  const folder = mkdtempSync(join(tmpdir(), 'planted-'));
  copyInto(folder, root);
  return {
    folder,
    nodeModules: join(root, 'node_modules'),
    throwAway: () => rmSync(folder, { recursive: true, force: true }),
  };
};

/** A copy with some texts changed, made into workers and thrown away: the project itself is never touched. */
export const workersOf = async ({ folder, nodeModules }: Snapshot, edits: readonly Edit[]): Promise<Workers> => {
  const copy = mkdtempSync(join(tmpdir(), 'planted-'));
  try {
    copyInto(copy, folder);
    for (const [file, ofFile] of editsByFile(edits)) {
      const path = join(copy, file);
      writeFileSync(path, planted(readFileSync(path, 'utf8'), ofFile));
    }
    return await openWorkers(copy, nodeModules);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
};

/** The simulation's checks, in the order they are asked: what finds most first. */
const CHECKS = ['histories', 'crash-points', 'schedules'] as const;
type Check = (typeof CHECKS)[number];

interface Failed {
  readonly seed: number;
  readonly failure: string;
}

const failure = z.object({ seed: z.number(), failure: z.string() });
const answer = z.object({
  /** Of histories. */
  failing: z.optional(z.array(failure)),
  /** Of crash points, which have no seed, and of schedules. */
  failures: z.optional(z.array(z.union([z.string(), failure]))),
});

/** Longer without a word is for ever: what is planted may keep a history from its end. */
const PATIENCE_MS = 180_000;

/** One check over the seeds from one to another, both included: what fails first; `null`: nothing. */
const checked = async (workers: Workers, by: Check, from: number, to: number): Promise<Failed | null> => {
  let seed = from;
  let stuck = false;
  const giveUp = () => {
    stuck = true;
    worker.stop();
  };
  const worker = workers.start([by, String(from), String(to + 1), '1'], (line) => {
    seed = line.seed ?? seed;
    patience.refresh();
  });
  const patience = setTimeout(giveUp, PATIENCE_MS);
  const result = await worker.result.finally(() => clearTimeout(patience));
  if (stuck) return { seed, failure: 'it does not come to an end' };
  const { failing = [], failures = [] } = answer.parse(result);
  const first = failing[0] ?? failures[0];
  return typeof first === 'string' ? { seed: from, failure: first } : (first ?? null);
};

export interface Found {
  readonly by: Check;
  /** Histories told until then, the failing one included. */
  readonly after: number;
  /** The first thing that was wrong. */
  readonly failure: string;
}

/**
 * What finds a defect, planted in a copy; `null`: nothing does. A failure counts only where the same check of the same seed holds in `sound`,
 * with nothing planted; `unsound` hears of one that does not.
 */
export const finderOf = async (
  of: Snapshot,
  sound: Workers,
  { edits }: Defect,
  histories: number,
  unsound: (failed: Failed) => void,
): Promise<Found | null> => {
  const spoilt = await workersOf(of, edits);
  try {
    for (const by of CHECKS) {
      // A schedule's check tells each history five times.
      const to = by === 'schedules' ? Math.ceil(histories / 20) : histories;
      for (let from = 1; from <= to; ) {
        const found = await checked(spoilt, by, from, to);
        if (found === null) break;
        const anyway = await checked(sound, by, found.seed, found.seed);
        if (anyway === null) return { by, after: found.seed, failure: found.failure };
        unsound(anyway);
        from = by === 'crash-points' ? to + 1 : found.seed + 1;
      }
    }
    return null;
  } finally {
    await spoilt.close();
  }
};
