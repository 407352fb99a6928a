import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { editsByFile, planted } from './defect.ts';
import { DEFECTS } from './defects.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

test.each(DEFECTS)('$name can be planted: each of its texts is in its file exactly once', ({ edits: own }) => {
  for (const [file, edits] of editsByFile(own)) {
    const text = readFileSync(join(ROOT, file), 'utf8');
    expect(planted(text, edits)).not.toBe(text);
  }
});

test('no two defects have a name', () => {
  const names = DEFECTS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThanOrEqual(15);
});

test('a text that is gone, or is there twice, is not replaced in silence', () => {
  const edit = { file: 'a.ts', find: 'x', put: 'y' };
  expect(planted('1x1', [edit])).toBe('1y1');
  expect(() => planted('111', [edit])).toThrow('a.ts has 0 times, not once: x');
  expect(() => planted('1x1x', [edit])).toThrow('a.ts has 2 times, not once: x');
});
