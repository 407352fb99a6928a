import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build, type Plugin } from 'esbuild';

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

const INTERPRETED = 'core.$ZodObject.init(';

/** zod's own compiled way to read objects, which `zod` takes by itself and `zod/mini` does not: the same answers, in a third of the time. */
const compiledSchemas: Plugin = {
  name: 'compiled-schemas',
  setup: ({ onLoad }) => {
    onLoad({ filter: /zod[\\/]v4[\\/]mini[\\/]schemas\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      if (!text.includes(INTERPRETED)) throw new Error('zod/mini reads objects another way');
      return { contents: text.replace(INTERPRETED, 'core.$ZodObjectJIT.init('), loader: 'js' };
    });
  },
};

/** Few histories' objects outlive a collection of a young generation of so many MB. */
const YOUNG_MB = 64;

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
    alias: { '@aws-sdk/lib-dynamodb': join(root, 'test/simulation/command/light-commands.ts') },
    plugins: [compiledSchemas],
    logLevel: 'error',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  return {
    start: (args, hear) => {
      const child = spawn(process.execPath, [`--max-semi-space-size=${YOUNG_MB}`, outfile, ...args], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      return { result: listen(child, hear), stop: () => void child.kill() };
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
};
