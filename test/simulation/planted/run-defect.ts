import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod/mini';
import { type Defect, editsByFile, planted } from './defect.ts';

/** What the simulation needs of the project. Everything else, what is installed included, is left where it is. */
const SOURCES = ['lib', 'lambdas', 'test/simulation', 'test/domain', 'package.json', 'tsconfig.json'];

/** A copy of the project in a folder of its own, to be spoilt and thrown away. */
export const copyOf = (root: string): string => {
  const copy = mkdtempSync(join(tmpdir(), 'planted-'));
  for (const source of SOURCES) cpSync(join(root, source), join(copy, source), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
};

/** Puts a defect into a copy; what it answers takes it out again. */
const plant = (copy: string, defect: Defect): (() => void) => {
  const before = [...editsByFile(defect)].map(([file, edits]) => {
    const path = join(copy, file);
    const text = readFileSync(path, 'utf8');
    return { path, text, spoilt: planted(text, edits) };
  });
  for (const { path, spoilt } of before) writeFileSync(path, spoilt);
  return () => {
    for (const { path, text } of before) writeFileSync(path, text);
  };
};

/** The simulation's checks, in the order they are asked: what costs least first. */
const CHECKS = ['histories', 'crash-points', 'schedules'] as const;
export type Check = (typeof CHECKS)[number];

export interface Found {
  readonly by: Check;
  /** Histories told until then, the failing one included; 0: no histories are told by that check. */
  readonly after: number;
  /** The first thing that was wrong. */
  readonly failure: string;
}

const line = z.object({
  histories: z.optional(z.number()),
  done: z.optional(
    z.object({
      histories: z.optional(z.number()),
      failing: z.optional(z.array(z.object({ failure: z.string() }))),
      failures: z.optional(z.array(z.union([z.string(), z.object({ failure: z.string() })]))),
    }),
  ),
});

/** A history that does not end, because of what was planted, is found too. */
const STUCK_MS = 180_000;

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => {
    child.once('exit', resolve);
  });

/** One check of a copy as it stands; `null`: nothing was wrong. Throws where it could not be made at all. */
const checked = async (copy: string, by: Check, histories: number): Promise<Found | null> => {
  const worker = ['--import', 'tsx', 'test/simulation/command/worker.ts', by, '1', String(histories + 1), '1'];
  const child = spawn(process.execPath, worker, { cwd: copy, stdio: ['ignore', 'pipe', 'pipe'] });
  const exit = ended(child);
  let complaint = '';
  child.stderr.on('data', (chunk) => {
    complaint = `${complaint}${chunk}`.slice(-2000);
  });
  let told = 0;
  let found: Found | null | undefined;
  let stuck = false;
  const giveUp = () => {
    stuck = true;
    child.kill('SIGKILL');
  };
  let patience = setTimeout(giveUp, STUCK_MS);
  for await (const text of createInterface({ input: child.stdout })) {
    clearTimeout(patience);
    patience = setTimeout(giveUp, STUCK_MS);
    const { histories: soFar, done } = line.parse(JSON.parse(text));
    told = done?.histories ?? soFar ?? told;
    if (done === undefined) continue;
    const [first] = [...(done.failing ?? []), ...(done.failures ?? [])];
    const failure = typeof first === 'object' ? first.failure : first;
    found = failure === undefined ? null : { by, after: told, failure };
  }
  clearTimeout(patience);
  const code = await exit;
  if (found !== undefined) return found;
  if (stuck && by === 'histories') return { by, after: told + 1, failure: 'a history does not end' };
  throw new Error(`the simulation did not answer (${code}): ${complaint}`);
};

/** What finds a defect in a copy, which is then as it was; `null`: nothing does, in so many histories. */
export const finderOf = async (copy: string, defect: Defect, histories: number): Promise<Found | null> => {
  const takeOut = plant(copy, defect);
  try {
    for (const by of CHECKS) {
      // Schedules tell each history five times.
      const found = await checked(copy, by, by === 'schedules' ? Math.ceil(histories / 20) : histories);
      if (found !== null) return found;
    }
    return null;
  } finally {
    takeOut();
  }
};

export const throwAway = (copy: string): void => rmSync(copy, { recursive: true, force: true });
