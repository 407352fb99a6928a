import { createRun } from '../../lib/http/contract/approve.ts';
import { door, route } from '../../lib/http/door.ts';
import { inLambda } from '../../lib/http/production-runtime.ts';
import type { Runtime } from '../../lib/http/runtime.ts';
import { dependencies } from '../dependencies.ts';
import { approve } from './approve.ts';

/** The approval that holds the credits. */
export const createHandler = (runtime: Runtime) => {
  const deps = dependencies(runtime);
  return door(runtime, [route(createRun, (command) => approve(deps, command))]);
};

export const handler = inLambda(createHandler);
