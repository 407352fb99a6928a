import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type * as z from 'zod/mini';
import { StartupProblem } from './startup-problem.ts';

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

/** A small JSON file of the data directory; `undefined` where there is none. One that is not of its form is a `StartupProblem`. */
export const readDataFile = <T>(path: string, schema: z.ZodMiniType<T>): T | undefined => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw new StartupProblem(`${path} cannot be read as what it should hold. Delete it to start it anew.`);
  }
};

/** Whole or not at all, also when the machine stops mid-way: written beside, flushed, then renamed. Only its owner may read it. */
export const writeDataFile = (path: string, value: unknown): void => {
  mkdirSync(dirname(path), { recursive: true });
  const beside = `${path}.${process.pid}.tmp`;
  const file = openSync(beside, 'w', 0o600);
  try {
    writeSync(file, `${JSON.stringify(value)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(beside, path);
};

/** The file's value; where there is none, a new one is made once and kept. */
export const keepDataFile = async <T>(
  path: string,
  schema: z.ZodMiniType<T>,
  make: () => T | Promise<T>,
): Promise<T> => {
  const kept = readDataFile(path, schema);
  if (kept !== undefined) return kept;
  const made = await make();
  writeDataFile(path, made);
  return made;
};
