import { existsSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { whileLocked } from '../../local/lock.ts';
import { temporaryDirectory } from './temporary.ts';

const never = new AbortController().signal;

test('work under one lock never overlaps', async () => {
  const path = join(temporaryDirectory(), 'lock');
  const seen: string[] = [];
  const work = (name: string) =>
    whileLocked(path, never, async () => {
      seen.push(`${name} begins`);
      await new Promise(setImmediate);
      seen.push(`${name} ends`);
    });
  await Promise.all([work('a'), work('b'), work('c')]);
  for (let i = 0; i < seen.length; i += 2) expect(seen[i + 1]).toBe(seen[i]?.replace('begins', 'ends'));
  expect(seen).toHaveLength(6);
});

test('a lock is given back when the work fails', async () => {
  const path = join(temporaryDirectory(), 'lock');
  await expect(whileLocked(path, never, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(existsSync(path)).toBe(false);
});

test.each([
  { it: 'of a process that is gone', holder: 2 ** 22 + 1, ageMs: 0 },
  { it: 'older than any work', holder: process.pid, ageMs: 10 * 60_000 },
])('a lock $it is taken over', async ({ holder, ageMs }) => {
  const path = join(temporaryDirectory(), 'lock');
  writeFileSync(path, String(holder));
  const then = new Date(Date.now() - ageMs);
  utimesSync(path, then, then);
  let done = false;
  await whileLocked(path, never, async () => {
    done = true;
  });
  expect(done).toBe(true);
});

test('waiting ends when it is aborted', async () => {
  const path = join(temporaryDirectory(), 'lock');
  const abort = new AbortController();
  await whileLocked(path, never, async () => {
    const waiting = whileLocked(path, abort.signal, async () => {});
    abort.abort();
    await expect(waiting).rejects.toThrow();
  });
});
