import type { Catalog, Plan, Tool } from '../domain/catalog.ts';
import json from './catalog.json' with { type: 'json' };
import { isCatalog } from './is-catalog.ts';

const readCatalog = (value: unknown): Catalog => {
  if (!isCatalog(value)) throw new Error('the catalog is broken');
  return value;
};

/** The catalog in force (R1): checked at build and at every start; a broken one stops either. */
export const catalog = readCatalog(json);

/** A tool at the prices in force. */
export const toolById = (from: Catalog, id: string): Tool | undefined => from.tools.find((tool) => tool.id === id);

/** A tool as it was priced at `priceVersion`, be it in force or retired (R2). */
export const toolAt = (from: Catalog, priceVersion: string, id: string): Tool | undefined =>
  [from, ...from.retired].find((list) => list.priceVersion === priceVersion)?.tools.find((tool) => tool.id === id);

/** A plan, listed or not. */
export const planById = (from: Catalog, id: string): Plan | undefined => from.plans.find((plan) => plan.id === id);
