import type { Catalog, Pricing } from '../domain/catalog.ts';

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const areRecords = (value: unknown, good: (each: Readonly<Record<string, unknown>>) => boolean): boolean =>
  Array.isArray(value) && value.every((each) => isRecord(each) && good(each));

const KINDS: readonly Pricing['kind'][] = ['fixed', 'per_unit', 'tokens', 'open_ended'];

const areTools = (value: unknown): boolean =>
  areRecords(value, ({ id, code, pricing, exampleInput }) => {
    const priced = isRecord(pricing) && KINDS.some((kind) => kind === pricing['kind']);
    return typeof id === 'string' && Number.isInteger(code) && priced && isRecord(exampleInput);
  });

/**
 * Whether this has a catalog's outline: every plan its allowances, every tool a kind of price there is. That each number and name
 * in it is good was checked at build, of these very bytes (`check-catalog.ts`); to check it all again would be a third of a
 * Lambda's own start.
 */
export const isCatalog = (value: unknown): value is Catalog =>
  isRecord(value) &&
  typeof value['priceVersion'] === 'string' &&
  areRecords(value['plans'], ({ id, dailyFreeCredits, creditsPerCycle }) =>
    [typeof id === 'string', Number.isInteger(dailyFreeCredits), Number.isInteger(creditsPerCycle)].every(Boolean),
  ) &&
  areRecords(value['packs'], ({ credits }) => Number.isInteger(credits)) &&
  areTools(value['tools']) &&
  areRecords(value['retired'], ({ priceVersion, tools }) => typeof priceVersion === 'string' && areTools(tools)) &&
  isRecord(value['promotional']) &&
  isRecord(value['enterprise']);
