import { getBalance, getPreferences, getRun, listUsage, putPreferences } from '../../lib/http/contract/account.ts';
import { door, route } from '../../lib/http/door.ts';
import { inLambda } from '../../lib/http/production-runtime.ts';
import type { Runtime } from '../../lib/http/runtime.ts';
import { dependencies } from '../dependencies.ts';
import { balance } from './balance.ts';
import { preferences, setPreferences } from './preferences.ts';
import { run } from './run.ts';
import { usage } from './usage.ts';

/** What an account's owner sees and sets. */
export const createHandler = (runtime: Runtime) => {
  const deps = dependencies(runtime);
  return door(runtime, [
    route(getRun, (command) => run(deps, command)),
    route(getBalance, (command) => balance(deps, command)),
    route(listUsage, (command) => usage(deps, command)),
    route(getPreferences, (command) => preferences(deps, command)),
    route(putPreferences, (command) => setPreferences(deps, command)),
  ]);
};

export const handler = inLambda(createHandler);
