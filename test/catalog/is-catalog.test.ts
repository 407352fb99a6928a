import fc from 'fast-check';
import { expect, test } from 'vitest';
import { catalogSchema } from '../../lib/catalog/catalog-schema.ts';
import { isCatalog } from '../../lib/catalog/is-catalog.ts';
import { brokenAt, file, type Json } from './broken-catalog.ts';

const pathsOf = (value: unknown, at = ''): string[] => {
  if (typeof value !== 'object' || value === null) return [at];
  const inner = Object.entries(value).flatMap(([key, each]) => pathsOf(each, at === '' ? key : `${at}.${key}`));
  return at === '' ? inner : [at, ...inner];
};

const values: readonly (Json | undefined)[] = [
  undefined,
  null,
  true,
  '',
  'fixed',
  'usd',
  'year',
  -1,
  0,
  1,
  1.5,
  121,
  1001,
  10_000,
  1_000_001,
  1_000_000_001,
  [],
  {},
  { a: 1 },
  ...file.tools.map(({ pricing }): Json => ({ ...pricing })),
];
/** Every place of the file; and, beside each, one that should not be there. */
const places = pathsOf(file).flatMap((path) => [path, path.replace(/[^.]+$/, 'extra')]);

test('the catalog is one', () => {
  expect(isCatalog(file)).toBe(true);
});

test('what zod’s schema takes for a catalog, and only that, is one: every place, any value in it', () => {
  const differing = fc.property(fc.constantFrom(...places), fc.constantFrom(...values), (place, value) => {
    // Through JSON, as the file is: a list has no holes there.
    const changed: unknown = JSON.parse(JSON.stringify(brokenAt(place, value)));
    expect([place, value, isCatalog(changed)]).toEqual([place, value, catalogSchema.safeParse(changed).success]);
  });
  fc.assert(differing, { numRuns: 3000 });
});
