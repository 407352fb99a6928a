import { assignPlan, getAccount, grantCredits, refundRun } from '../../lib/http/contract/support.ts';
import { door, route } from '../../lib/http/door.ts';
import { inLambda } from '../../lib/http/production-runtime.ts';
import type { Runtime } from '../../lib/http/runtime.ts';
import { dependencies } from '../dependencies.ts';
import { account } from './account.ts';
import { grant } from './grant.ts';
import { plan } from './plan.ts';
import { refund } from './refund.ts';

/** What support sees and does; each deed needs a reason and is a line its account's owner sees (R29). */
export const createHandler = (runtime: Runtime) => {
  const deps = dependencies(runtime);
  return door(runtime, [
    route(getAccount, (command) => account(deps, command)),
    route(grantCredits, (command) => grant(deps, command)),
    route(assignPlan, (command) => plan(deps, command)),
    route(refundRun, (command) => refund(deps, command)),
  ]);
};

export const handler = inLambda(createHandler);
