import type { Catalog, Plan, Tool } from '../domain/catalog.ts';
import json from './catalog.json' with { type: 'json' };
import { parseCatalog } from './parse-catalog.ts';

/** The catalog in force; a broken one stops the start (R1). */
export const catalog: Catalog = parseCatalog(json);

/** A tool at the prices in force. */
export const toolById = (from: Catalog, id: string): Tool | undefined => from.tools.find((tool) => tool.id === id);

/** A tool as it was priced at `priceVersion`, be it in force or retired (R2). */
export const toolAt = (from: Catalog, priceVersion: string, id: string): Tool | undefined =>
  [from, ...from.retired].find((list) => list.priceVersion === priceVersion)?.tools.find((tool) => tool.id === id);

/** A plan, listed or not. */
export const planById = (from: Catalog, id: string): Plan | undefined => from.plans.find((plan) => plan.id === id);
