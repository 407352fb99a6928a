import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import * as z from 'zod/mini';
import { projectRoot } from '../../local/settings.ts';
import { startSystem } from '../e2e/harness.ts';
import { temporaryDirectory } from './temporary.ts';

/** Runs `local/start.ts` until it ends by itself. */
const runToItsEnd = async (env: Record<string, string>) => {
  const child = spawn(process.execPath, ['--import', 'tsx', 'local/start.ts'], {
    cwd: projectRoot,
    env: { ...process.env, CREDITS_STORY: 'off', ...env },
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, said };
};

const engineOf = (dataDir: string): number =>
  z.object({ pid: z.int() }).parse(JSON.parse(readFileSync(join(dataDir, 'engine.json'), 'utf8'))).pid;

/** Tests of the engine that the system starts itself make no sense on another. */
const embedded = process.env['DYNAMODB_ENDPOINT'] === undefined;

const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}/exe`);

describe('what cannot start', () => {
  test('a taken port ends it with one sentence, and nothing is left behind', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const address = other.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const dataDir = temporaryDirectory();
    const { code, said } = await runToItsEnd({ PORT: String(port), CREDITS_DATA_DIR: join(dataDir, 'data') });
    expect(code).toBe(1);
    expect(said).toBe(`Port ${port} is taken by another program. Choose another: PORT=${port + 1} npm start\n`);
    expect(existsSync(join(dataDir, 'data'))).toBe(false);
  });

  test('a database that does not answer is named', async () => {
    const env = { PORT: '0', DYNAMODB_ENDPOINT: 'http://127.0.0.1:9', CREDITS_DATA_DIR: temporaryDirectory() };
    const { code, said } = await runToItsEnd(env);
    expect(code).toBe(1);
    expect(said).toMatch(/^No DynamoDB answers at http:\/\/127\.0\.0\.1:9: .+\n$/);
  });
});

test('tells the main job in the terminal once, without colours where it is none, and Ctrl-C ends it', async () => {
  const child = spawn(process.execPath, ['--import', 'tsx', 'local/start.ts'], {
    cwd: projectRoot,
    env: { ...process.env, PORT: '0', CREDITS_STORY: 'on', CREDITS_DATA_DIR: temporaryDirectory() },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    said += chunk;
    if (said.includes('Ctrl-C ends it.')) break;
  }
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  expect(await ended).toEqual([0, null]);
  expect(said).not.toContain('The walk-through stopped');
  expect(said).not.toContain('\u001b');
  for (const line of [
    /at most \d+, typically \d+; balance 40 before/,
    /[█▒░]{40} {2}\d+ free · \d+ held/,
    /failed, not charged/,
  ]) {
    expect(said).toMatch(line);
  }
  expect(said.split('\n').length).toBeLessThan(40);
});

describe('the running system', () => {
  test('keeps what it was told when it is killed: balance, clock and tokens', async () => {
    const system = await startSystem();
    onTestFinished(system.stop);
    const user = await system.token('someone', ['credits/user']);
    const body = { autoApproveUpTo: 7, lowBalanceAt: 3 };
    expect(await system.request('PUT', '/v1/preferences', { token: user, body })).toMatchObject({ status: 200 });
    const nowMs = await system.clock.advance(0.001);
    const engine = embedded ? engineOf(system.dataDir) : undefined;

    await system.kill();
    if (engine !== undefined) expect(isAlive(engine)).toBe(true);
    await system.restart();

    if (engine !== undefined) expect(isAlive(engine)).toBe(false);
    expect(await system.clock.now()).toBe(nowMs);
    expect(await system.request('GET', '/v1/preferences', { token: user })).toMatchObject({ status: 200, body });
  });

  test.runIf(embedded)('ends with its engine on a signal, at once, with exit code 0', async () => {
    const system = await startSystem();
    const engine = engineOf(system.dataDir);
    // Throws on any other exit code.
    await system.stop();
    expect(isAlive(engine)).toBe(false);
    await expect(fetch(system.url)).rejects.toThrow();
  });

  test('serves its routes, its own controls, and says no as API Gateway does', async () => {
    const system = await startSystem();
    onTestFinished(system.stop);
    expect(await system.request('GET', '/v1/health')).toMatchObject({ status: 200 });
    expect(await system.request('GET', '/v1/balance')).toMatchObject({
      status: 401,
      body: { message: 'Unauthorized' },
    });
    const agent = await system.token('agent', ['credits/agent']);
    const forbidden = await system.request('GET', '/v1/balance', { token: agent });
    expect(forbidden).toMatchObject({ status: 403, body: { message: 'Forbidden' } });
    for (const path of ['/', '/v1', '/local', '/local/nothing', '/v1/nothing']) {
      expect(await system.request('GET', path)).toMatchObject({ status: 404, body: { message: 'Not Found' } });
    }
  });
});
