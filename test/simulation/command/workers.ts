import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';

/** One line a worker says: how far it is, or what its work came to. */
export interface Line {
  readonly histories?: number;
  readonly seed?: number;
  readonly done?: unknown;
}

export interface Workers {
  /** Has a process do something; answers what came of it, or `null` where it was stopped. Throws where the process fails. */
  readonly start: (
    args: readonly string[],
    hear: (line: Line) => void,
  ) => { readonly result: Promise<unknown>; readonly stop: () => void };
  readonly close: () => Promise<void>;
}

const isLine = (value: unknown): value is Line => typeof value === 'object' && value !== null;

const listen = (child: ChildProcess, hear: (line: Line) => void): Promise<unknown> =>
  new Promise((resolve, reject) => {
    let done: unknown = null;
    if (child.stdout !== null) {
      createInterface({ input: child.stdout }).on('line', (text) => {
        const line: unknown = JSON.parse(text);
        if (!isLine(line)) return;
        if ('done' in line) done = line.done;
        else hear(line);
      });
    }
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0 || signal !== null) resolve(done);
      else reject(new Error(`a worker ended with ${code}`));
    });
  });

/**
 * The simulation of the tree at `root`, in one file: what tsx does to names costs more than the histories themselves. Packages are this
 * tree's, so that a copy needs none.
 */
export const openWorkers = async (root: string, nodeModules: string): Promise<Workers> => {
  const folder = await mkdtemp(join(tmpdir(), 'simulation-'));
  const outfile = join(folder, 'worker.mjs');
  await build({
    entryPoints: [join(root, 'test/simulation/command/worker.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    nodePaths: [nodeModules],
    logLevel: 'error',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  return {
    start: (args, hear) => {
      const child = spawn(process.execPath, [outfile, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
      return { result: listen(child, hear), stop: () => void child.kill() };
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
};
