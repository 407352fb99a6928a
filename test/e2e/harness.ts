import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { endLeftover } from '../../local/leftover-engine.ts';
import { projectRoot } from '../../local/settings.ts';

const START_PATIENCE_MS = 90_000;

export interface SystemOptions {
  /** Kept when the system stops; by default one of its own, which goes with it. */
  readonly dataDir?: string;
  /** Added to the environment of `local/start.ts`. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface RequestOptions {
  readonly token?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, for what is not JSON; as `application/json` unless the headers say otherwise. */
  readonly rawBody?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body where it is JSON, otherwise `undefined`. */
  readonly body: unknown;
}

/** The whole system of one machine, as `npm start` runs it, in a process of its own. */
export interface TestSystem {
  readonly url: string;
  readonly dataDir: string;
  readonly request: (method: string, path: string, options?: RequestOptions) => Promise<Reply>;
  readonly token: (sub: string, scopes: readonly string[]) => Promise<string>;
  readonly clock: {
    readonly now: () => Promise<number>;
    /** To an instant in milliseconds; fails where that is in the past. */
    readonly set: (atMs: number) => Promise<number>;
    readonly advance: (seconds: number) => Promise<number>;
  };
  /** SIGTERM, and waits for its end; the data goes unless the directory was given. May be called again. */
  readonly stop: () => Promise<void>;
  /** SIGKILL, as in a power cut: nothing is tidied up, the database engine is left behind. */
  readonly kill: () => Promise<void>;
  /** Starts it anew on the same data and port, whether it was stopped, killed or still runs. */
  readonly restart: () => Promise<void>;
}

interface Running {
  readonly child: ChildProcess;
  readonly url: string;
}

const READY = /^Ready after .*: (http:\/\/localhost:\d+) /m;

const launch = async (env: NodeJS.ProcessEnv): Promise<Running> => {
  const child = spawn(process.execPath, ['--import', 'tsx', 'local/start.ts'], {
    cwd: projectRoot,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  let isReady = false;
  const url = await new Promise<string>((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`The system did not start (${why}):\n${said}`));
    const timer = setTimeout(() => {
      child.kill('SIGTERM');
      fail('no sign of life');
    }, START_PATIENCE_MS);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        if (isReady) return;
        said += chunk;
        const ready = READY.exec(said)?.[1];
        if (ready !== undefined) {
          isReady = true;
          clearTimeout(timer);
          resolve(ready);
        }
      });
    }
    child.once('close', (code) => {
      clearTimeout(timer);
      fail(`exit code ${code}`);
    });
  });
  return { child, url };
};

const end = async ({ child }: Running, signal: NodeJS.Signals): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
  if (signal === 'SIGTERM' && child.exitCode !== 0)
    throw new Error(`The system ended with exit code ${child.exitCode}`);
};

const tokenReply = z.object({ token: z.string() });
const clockReply = z.object({ now: z.iso.datetime() });

/** Starts it on a free port and waits until it serves. One synthesized stack is shared by all systems of the same sources. */
export const startSystem = async ({ dataDir: given, env = {} }: SystemOptions = {}): Promise<TestSystem> => {
  const dataDir = given ?? mkdtempSync(join(tmpdir(), 'credits-e2e-'));
  // On an engine that others use too, a table of one's own.
  const table = process.env['DYNAMODB_ENDPOINT'] ? { CREDITS_TABLE: `test-${randomUUID()}` } : {};
  const environment = { ...process.env, CREDITS_STORY: 'off', PORT: '0', ...table, ...env, CREDITS_DATA_DIR: dataDir };
  let running = await launch(environment);

  const request: TestSystem['request'] = async (method, path, { token, body, rawBody, headers } = {}) => {
    const content = rawBody ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await fetch(running.url + path, {
      method,
      headers: {
        ...(content !== undefined && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(content !== undefined && { body: content }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
  };

  const moveClock = async (move: object): Promise<number> => {
    const { status, text } = await request('PUT', '/local/clock', { body: move });
    if (status !== 200) throw new Error(`The clock refuses: ${text}`);
    return Date.parse(clockReply.parse(JSON.parse(text)).now);
  };

  return {
    get url() {
      return running.url;
    },
    dataDir,
    request,
    token: async (sub, scopes) =>
      tokenReply.parse((await request('POST', '/local/token', { body: { sub, scopes } })).body).token,
    clock: {
      now: async () => Date.parse(clockReply.parse((await request('GET', '/local/clock')).body).now),
      set: (atMs) => moveClock({ now: new Date(atMs).toISOString() }),
      advance: (seconds) => moveClock({ advanceSeconds: seconds }),
    },
    stop: async () => {
      await end(running, 'SIGTERM');
      await endLeftover(dataDir);
      if (given === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
    kill: () => end(running, 'SIGKILL'),
    restart: async () => {
      await end(running, 'SIGTERM');
      running = await launch({ ...environment, PORT: new URL(running.url).port });
    },
  };
};
