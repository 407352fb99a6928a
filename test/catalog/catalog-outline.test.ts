import { expect, test } from 'vitest';
import { isCatalog } from '../../lib/catalog/catalog-outline.ts';
import { brokenAt, file } from './broken-catalog.ts';

test('the catalog has the outline of one', () => {
  expect(isCatalog(file)).toBe(true);
});

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['a list', []],
  ['a text', 'catalog'],
  ['no version', brokenAt('priceVersion', undefined)],
  ['no plans', brokenAt('plans', undefined)],
  ['a plan without its allowance', brokenAt('plans.0.dailyFreeCredits', '40')],
  ['packs that are no list', brokenAt('packs', {})],
  ['a pack of no credits', brokenAt('packs.0.credits', null)],
  ['a tool without a price', brokenAt('tools.0.pricing', undefined)],
  ['a kind of price there is not', brokenAt('tools.0.pricing.kind', 'auction')],
  ['a tool without a code', brokenAt('tools.0.code', undefined)],
  ['no retired prices', brokenAt('retired', undefined)],
])('%s is none, and stops the start', (_, value) => {
  expect(isCatalog(value)).toBe(false);
});
