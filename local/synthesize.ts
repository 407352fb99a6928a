import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import * as z from 'zod/mini';
import { whileLocked } from './lock.ts';
import { StartupProblem } from './startup-problem.ts';

/** Everything a synthesized stack and its bundles are made of. */
const SOURCES = ['bin', 'lib', 'lambdas', 'cdk.json', 'openapi.json', 'package-lock.json', 'tsconfig.json'];
/** Outputs kept beside the newest: systems may still be starting from them, or writing them. */
const KEPT = 3;

const cdkJson = z.object({ app: z.string(), context: z._default(z.record(z.string(), z.unknown()), {}) });

/** What the `cdk` program adds to the context; without it no template says where its bundles lie. */
const CLI_CONTEXT = {
  'aws:cdk:enable-path-metadata': true,
  'aws:cdk:enable-asset-metadata': true,
  'aws:cdk:bundling-stacks': ['**'],
};

const filesOf = (path: string): string[] => {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
};

/** By content: file times change with every checkout. */
const sourceHash = (root: string): string => {
  const hash = createHash('sha256');
  for (const file of SOURCES.flatMap((source) => filesOf(join(root, source)))) {
    hash
      .update(`${file.slice(root.length)}\0`)
      .update(readFileSync(file))
      .update('\0');
  }
  return hash.digest('hex').slice(0, 16);
};

/**
 * Runs the app of `cdk.json` as the `cdk` program would, without the program: that takes a second more, and asks AWS which account it
 * is in.
 */
const runApp = (root: string, output: string, signal: AbortSignal): Promise<void> => {
  const { app, context } = cdkJson.parse(JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8')));
  const env = {
    ...process.env,
    PATH: [join(root, 'node_modules/.bin'), process.env['PATH']].join(delimiter),
    CDK_OUTDIR: output,
    CDK_CONTEXT_JSON: JSON.stringify({ ...context, ...CLI_CONTEXT }),
    // The check of the template against CloudFormation's rules takes two seconds; `cdk synth` and the tests of the stack do it.
    CDK_VALIDATION: 'false',
  };
  return new Promise((resolve, reject) => {
    const child = spawn(app, { cwd: root, env, shell: true, signal, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        said += chunk;
      });
    }
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new StartupProblem(`The stack does not synthesize (${app}):\n${said.trim()}`));
    });
  });
};

const prune = (home: string): void => {
  const outputs = readdirSync(home)
    .filter((name) => /^[0-9a-f]{16}(\.\d+)?$/.test(name))
    .map((name) => ({ path: join(home, name), usedMs: statSync(join(home, name)).mtimeMs }))
    .sort((a, b) => b.usedMs - a.usedMs);
  for (const { path } of outputs.slice(1 + KEPT)) rmSync(path, { recursive: true, force: true });
};

/**
 * The directory of the stack's cloud assembly, synthesized unless one of the same sources is there. Any number of processes may ask
 * at once: one synthesizes, the others wait for it, and a directory appears only when it is whole.
 */
export const synthesize = async (root: string, say: (line: string) => void, signal: AbortSignal): Promise<string> => {
  const home = join(root, 'cdk.out', 'local');
  const output = join(home, sourceHash(root));
  mkdirSync(home, { recursive: true });
  if (!existsSync(output)) {
    say('Building the stack and its functions, which are new or changed …');
    await whileLocked(`${output}.lock`, signal, async () => {
      if (existsSync(output)) return;
      const unfinished = `${output}.${process.pid}`;
      try {
        await runApp(root, unfinished, signal);
        if (!existsSync(output)) renameSync(unfinished, output);
      } finally {
        rmSync(unfinished, { recursive: true, force: true });
      }
      prune(home);
    });
  }
  utimesSync(output, new Date(), new Date());
  return output;
};
