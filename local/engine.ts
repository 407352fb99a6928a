import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { writeDataFile } from './data-file.ts';
import { engineProgram, type Resolve } from './engine-package.ts';
import { freePort } from './free-port.ts';
import { endLeftover, engineFiles } from './leftover-engine.ts';
import { StartupProblem } from './startup-problem.ts';

type Child = ChildProcessByStdio<null, null, Readable>;

const START_PATIENCE_MS = 10_000;
const STOP_PATIENCE_MS = 2_000;
/** A port that was free may have been taken by the time the engine asks for it. */
const TRIES = 3;

/** An embedded DynamoDB-compatible engine that runs. */
export interface Engine {
  readonly endpoint: string;
  readonly pid: number;
  /** Settles with what it said last when it ends without having been asked to. */
  readonly died: Promise<string>;
  /** Ends it and waits until it has. May be called again. */
  readonly stop: () => Promise<void>;
}

/** What the engine says on standard error, up to `listening` or its end. */
const untilListening = (child: Child): Promise<{ readonly listens: boolean; readonly said: string }> =>
  new Promise((resolve) => {
    let said = '';
    const listen = (chunk: string) => {
      said += chunk;
      if (said.includes('Dynoxide listening')) settle(true);
    };
    const settle = (listens: boolean) => {
      clearTimeout(timer);
      child.stderr.off('data', listen);
      resolve({ listens, said: said.trim() });
    };
    const timer = setTimeout(settle, START_PATIENCE_MS, false);
    child.once('error', (error) => {
      said += error.message;
      settle(false);
    });
    child.once('close', () => settle(false));
    child.stderr.setEncoding('utf8').on('data', listen);
  });

const end = async (child: Child): Promise<void> => {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_PATIENCE_MS);
  await ended;
  clearTimeout(timer);
};

/**
 * Starts the engine on a free port of 127.0.0.1, its database in the data directory. What an earlier start that was killed has left
 * running there is ended first. Refuses with a `StartupProblem` where the engine is missing or does not come up.
 */
export const startEngine = async (dataDir: string, signal: AbortSignal, resolve?: Resolve): Promise<Engine> => {
  const program = engineProgram(resolve);
  const { database, record } = engineFiles(dataDir);
  mkdirSync(dataDir, { recursive: true });
  await endLeftover(dataDir);

  let said = '';
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const port = await freePort();
    const child = spawn(program, ['serve', '--db-path', database, '--port', String(port)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const abort = () => child.kill('SIGTERM');
    signal.addEventListener('abort', abort);
    const start = untilListening(child);
    // Before it listens: if this process is killed now, the next start must know.
    if (child.pid !== undefined) writeDataFile(record, { pid: child.pid, port, startedBy: process.pid });
    const outcome = await start;
    signal.removeEventListener('abort', abort);
    said = outcome.said;
    if (outcome.listens && child.pid !== undefined) {
      let wanted = true;
      return {
        endpoint: `http://127.0.0.1:${port}`,
        pid: child.pid,
        died: new Promise((settle) => {
          let last = '';
          child.stderr.on('data', (chunk: string) => {
            last = chunk.trim();
          });
          child.once('close', () => {
            if (wanted) settle(last);
          });
        }),
        stop: async () => {
          wanted = false;
          await end(child);
          rmSync(record, { force: true });
        },
      };
    }
    await end(child);
    signal.throwIfAborted();
  }
  throw new StartupProblem(`The embedded database engine does not start: ${said || 'it says nothing'}`);
};
