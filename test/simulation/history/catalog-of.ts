import { catalog } from '../../../lib/catalog/catalog.ts';
import { type Catalog, FREE_PLAN_ID } from '../../../lib/domain/catalog.ts';
import type { Plan } from './plan.ts';

/** The catalog, with the free plan's runs a day as few as a history has. */
export const catalogOf = ({ runLimit }: Plan): Catalog =>
  runLimit === undefined
    ? catalog
    : {
        ...catalog,
        plans: catalog.plans.map((plan) => (plan.id === FREE_PLAN_ID ? { ...plan, dailyRunLimit: runLimit } : plan)),
      };
