import { spawn } from 'node:child_process';
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
type Check = (typeof CHECKS)[number];

/** Seeds from one to another, that one included. Crash points have none. */
interface Seeds {
  readonly from: number;
  readonly to: number;
}

const line = z.object({
  histories: z.optional(z.number()),
  done: z.optional(
    z.object({
      histories: z.optional(z.number()),
      failing: z.optional(z.array(z.object({ seed: z.number(), failure: z.string() }))),
      failures: z.optional(z.array(z.union([z.string(), z.object({ failure: z.string() })]))),
    }),
  ),
});

interface Failed {
  readonly seed: number;
  readonly failure: string;
}

/** Longer without a word is for ever: what is planted may keep a history from its end. */
const PATIENCE_MS = 180_000;

/** One check of a copy as it stands: what fails first; `null`: nothing. Throws where it could not be made at all. */
const checked = async (copy: string, by: Check, { from, to }: Seeds): Promise<Failed | null> => {
  const worker = ['--import', 'tsx', 'test/simulation/command/worker.ts', by, String(from), String(to + 1), '1'];
  const child = spawn(process.execPath, worker, { cwd: copy, stdio: ['ignore', 'pipe', 'pipe'] });
  const exit = new Promise<number | null>((resolve) => {
    child.once('exit', resolve);
  });
  let complaint = '';
  child.stderr.on('data', (chunk) => {
    complaint = `${complaint}${chunk}`.slice(-2000);
  });
  let told = 0;
  let answer: Failed | null | undefined;
  let stuck = false;
  const giveUp = () => {
    stuck = true;
    child.kill('SIGKILL');
  };
  let patience = setTimeout(giveUp, PATIENCE_MS);
  for await (const text of createInterface({ input: child.stdout })) {
    clearTimeout(patience);
    patience = setTimeout(giveUp, PATIENCE_MS);
    const { histories, done } = line.parse(JSON.parse(text));
    told = done?.histories ?? histories ?? told;
    if (done === undefined) continue;
    const [failing] = done.failing ?? [];
    const [first] = done.failures ?? [];
    if (failing !== undefined) answer = failing;
    else if (first !== undefined) answer = { seed: from, failure: typeof first === 'string' ? first : first.failure };
    else answer = null;
  }
  clearTimeout(patience);
  const code = await exit;
  if (answer !== undefined) return answer;
  if (stuck) return { seed: from + told, failure: 'it does not come to an end' };
  throw new Error(`the simulation did not answer (${code}): ${complaint}`);
};

export interface Found {
  readonly by: Check;
  /** Histories told until then, the failing one included. */
  readonly after: number;
  /** The first thing that was wrong. */
  readonly failure: string;
}

/**
 * What finds a defect, planted in a copy that is then as it was; `null`: nothing does. A failure counts only where the same seed holds with
 * nothing planted; `unsound` hears of one that does not.
 */
export const finderOf = async (
  copy: string,
  defect: Defect,
  histories: number,
  unsound: (failed: Failed) => void,
): Promise<Found | null> => {
  for (const by of CHECKS) {
    // A schedule's check tells each history five times.
    const to = by === 'schedules' ? Math.ceil(histories / 20) : histories;
    for (let from = 1; from <= to; ) {
      const takeOut = plant(copy, defect);
      const found = await checked(copy, by, { from, to }).finally(takeOut);
      if (found === null) break;
      const anyway = await checked(copy, by, by === 'histories' ? { from: found.seed, to: found.seed } : { from, to });
      if (anyway === null) return { by, after: found.seed, failure: found.failure };
      unsound(anyway);
      from = by === 'histories' ? found.seed + 1 : to + 1;
    }
  }
  return null;
};

export const throwAway = (copy: string): void => rmSync(copy, { recursive: true, force: true });
