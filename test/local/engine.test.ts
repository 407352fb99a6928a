import { chmodSync, cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startEngine } from '../../local/engine.ts';
import { engineProgram } from '../../local/engine-package.ts';
import { endLeftover, engineFiles } from '../../local/leftover-engine.ts';
import { StartupProblem } from '../../local/startup-problem.ts';
import { temporaryDirectory } from './temporary.ts';

const never = new AbortController().signal;

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** A copy of the engine's package as npm would have put it elsewhere. */
const packageCopy = (mode: number) => {
  const home = temporaryDirectory();
  const program = join(home, 'dynoxide');
  const manifest = join(home, 'package.json');
  cpSync(engineProgram(), program);
  chmodSync(program, mode);
  writeFileSync(manifest, '{}');
  return { program, resolve: () => manifest };
};

describe.skipIf(process.platform !== 'linux' || process.arch !== 'x64')('the embedded engine', () => {
  test('ends when it is told to, and leaves no record', async () => {
    const dataDir = temporaryDirectory();
    const engine = await startEngine(dataDir, never);
    expect(await fetch(engine.endpoint).then(() => 'answers')).toBe('answers');
    await engine.stop();
    await engine.stop();
    expect(isAlive(engine.pid)).toBe(false);
    expect(existsSync(engineFiles(dataDir).record)).toBe(false);
  });

  test('tells when it has ended by itself', async () => {
    const engine = await startEngine(temporaryDirectory(), never);
    process.kill(engine.pid, 'SIGKILL');
    expect(await engine.died).toBeTypeOf('string');
    await engine.stop();
  });

  test('is not started twice on one directory while its starter lives', async () => {
    const dataDir = temporaryDirectory();
    const engine = await startEngine(dataDir, never);
    onTestFinished(engine.stop);
    await expect(startEngine(dataDir, never)).rejects.toThrow(/Another start .* is using/);
    expect(isAlive(engine.pid)).toBe(true);
  });

  test('a program without the right to run gets it', async () => {
    const { resolve } = packageCopy(0o644);
    const engine = await startEngine(temporaryDirectory(), never, resolve);
    await engine.stop();
  });

  test('one that does not start is told of with its own words', async () => {
    const dataDir = temporaryDirectory();
    mkdirSync(engineFiles(dataDir).database);
    await expect(startEngine(dataDir, never)).rejects.toThrow(/does not start: .*\w/);
  });
});

test('a missing engine says how to get another', () => {
  const missing = () => createRequire(import.meta.url).resolve('@dynoxide/no-such-platform/package.json');
  expect(() => engineProgram(missing)).toThrow(StartupProblem);
  expect(() => engineProgram(missing)).toThrow(/DYNAMODB_ENDPOINT=http:\/\/localhost:8000 npm start/);
});

test('a process that has the recorded id but is no engine is left alone', async () => {
  const dataDir = temporaryDirectory();
  writeFileSync(engineFiles(dataDir).record, JSON.stringify({ pid: process.pid, port: 1, startedBy: 1 }));
  await endLeftover(dataDir);
  expect(isAlive(process.pid)).toBe(true);
});
