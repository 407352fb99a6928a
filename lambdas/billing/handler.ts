import { door } from '../../lib/http/door.ts';
import { inLambda } from '../../lib/http/production-runtime.ts';
import type { Runtime } from '../../lib/http/runtime.ts';
import { billingDependencies } from './dependencies.ts';
import { routes } from './routes.ts';

/** Buying, changing, ending: what goes through Stripe at an owner's or support's word. */
export const createHandler = (runtime: Runtime) => door(runtime, routes(billingDependencies(runtime)));

export const handler = inLambda(createHandler);
