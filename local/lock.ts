import { linkSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 50;
/** No work under a lock takes as long; the holder's process id may be another's by then. */
const OLD_MS = 5 * 60_000;

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

/** A link appears with its content, and only once. */
const take = (path: string): boolean => {
  const own = `${path}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
};

/** Its holder was killed before it could give it back. */
const isStale = (path: string): boolean => {
  try {
    if (Date.now() - statSync(path).mtimeMs > OLD_MS) return true;
    process.kill(Number(readFileSync(path, 'utf8')), 0);
    return false;
  } catch (error) {
    return codeOf(error) === 'ESRCH';
  }
};

/**
 * Does the work while no other process of this machine holds the lock file; waits for as long as one does. Where several find the
 * lock of a killed process at the same moment, two may get through: the work must bear that.
 */
export const whileLocked = async (path: string, signal: AbortSignal, work: () => Promise<void>): Promise<void> => {
  while (!take(path)) {
    if (isStale(path)) rmSync(path, { force: true });
    else await sleep(POLL_MS, undefined, { signal });
  }
  try {
    await work();
  } finally {
    rmSync(path, { force: true });
  }
};
