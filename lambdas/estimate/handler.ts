import { createEstimate } from '../../lib/http/contract/estimate.ts';
import { door, route } from '../../lib/http/door.ts';
import { inLambda } from '../../lib/http/production-runtime.ts';
import type { Runtime } from '../../lib/http/runtime.ts';
import { dependencies } from '../dependencies.ts';
import { estimate } from './estimate.ts';

/** Before a run: what it will cost. It may read accounts and cannot write (R3). */
export const createHandler = (runtime: Runtime) => {
  const deps = dependencies(runtime);
  return door(runtime, [route(createEstimate, (command) => estimate(deps, command))]);
};

export const handler = inLambda(createHandler);
