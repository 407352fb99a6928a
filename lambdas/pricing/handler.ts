import { catalog } from '../../lib/catalog/catalog.ts';
import { openapi } from '../../lib/http/contract/openapi.ts';
import { getHealth, getOpenapi, getPricing } from '../../lib/http/contract/pricing.ts';
import { door, route } from '../../lib/http/door.ts';
import { inLambda } from '../../lib/http/production-runtime.ts';
import type { Runtime } from '../../lib/http/runtime.ts';
import { pricing } from './pricing.ts';

/** What anybody may know. It touches no table. */
export const createHandler = (runtime: Runtime) => {
  const prices = pricing(catalog);
  const contract = openapi();
  return door(runtime, [
    route(getPricing, () => prices),
    route(getOpenapi, () => contract),
    route(getHealth, () => ({ status: 'ok' as const })),
  ]);
};

export const handler = inLambda(createHandler);
