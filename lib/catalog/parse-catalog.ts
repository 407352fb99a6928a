import type { Catalog } from '../domain/catalog.ts';
import type { Fault } from '../domain/refusal.ts';
import { faultsOf } from '../schema/faults.ts';
import { catalogSchema } from './catalog-schema.ts';

/** Lists faults by their paths; a broken catalog is a mistake of ours, found at build or at start. */
export const brokenCatalog = (faults: readonly Fault[]): Error =>
  new Error(
    ['the catalog is broken', ...faults.map((fault) => `${fault.path} ${fault.message}`.trimStart())].join('\n  '),
  );

/** The catalog, its shape checked (R1). Throws where it is broken. */
export const parseCatalog = (value: unknown): Catalog => {
  const result = catalogSchema.safeParse(value);
  if (result.success) return result.data;
  throw brokenCatalog(faultsOf(result.error.issues, ''));
};
