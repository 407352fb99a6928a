import { extendRun, failRun, settleRun } from '../../lib/http/contract/settle.ts';
import { door, route } from '../../lib/http/door.ts';
import { inLambda } from '../../lib/http/production-runtime.ts';
import type { Runtime } from '../../lib/http/runtime.ts';
import { dependencies } from '../dependencies.ts';
import { extend } from './extend.ts';
import { fail } from './fail.ts';
import { settle } from './settle.ts';

/** After a run: what it really cost, that it failed, or that it needs more time. */
export const createHandler = (runtime: Runtime) => {
  const deps = dependencies(runtime);
  return door(runtime, [
    route(settleRun, (command) => settle(deps, command)),
    route(failRun, (command) => fail(deps, command)),
    route(extendRun, (command) => extend(deps, command)),
  ]);
};

export const handler = inLambda(createHandler);
