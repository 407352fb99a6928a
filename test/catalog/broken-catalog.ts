import json from '../../lib/catalog/catalog.json' with { type: 'json' };
import { checkCatalog } from '../../lib/catalog/check-catalog.ts';
import { parseCatalog } from '../../lib/catalog/parse-catalog.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json | undefined };

export const file = json;

export const at = (list: readonly { readonly id: string }[], id: string): number => {
  const index = list.findIndex((each) => each.id === id);
  if (index < 0) throw new Error(`the catalog has no ${id}`);
  return index;
};

/** The catalog with one place changed, named like `plans.0.price`; `undefined` takes the place away. */
export const brokenAt = (path: string, value: Json | undefined): unknown => {
  const copy: unknown = structuredClone(json);
  const steps = path.split('.');
  const last = steps.pop() ?? '';
  let place: unknown = copy;
  for (const step of steps) place = isRecord(place) ? place[step] : undefined;
  if (!isRecord(place)) throw new Error(`the catalog has no ${path}`);
  if (value === undefined) delete place[last];
  else place[last] = value;
  return copy;
};

/** What a catalog is refused for; nothing where it is not. */
export const faultsIn = (value: unknown): string[] => {
  try {
    checkCatalog(parseCatalog(value));
    return [];
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('the catalog is broken\n  ')) throw error;
    return error.message.split('\n  ').slice(1);
  }
};

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
