import { randomUUID } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import type { Runtime } from '../lib/http/runtime.ts';
import type { LambdaFunction } from './routes.ts';
import { StartupProblem } from './startup-problem.ts';

type Handler = (event: unknown, context: unknown) => unknown;
interface DoorModule {
  readonly createHandler: (runtime: Runtime) => Handler;
}

const isDoor = (module: unknown): module is DoorModule =>
  typeof module === 'object' &&
  module !== null &&
  'createHandler' in module &&
  typeof module.createHandler === 'function';

/** What Lambda hands a function beside the event. */
const lambdaContext = (functionName: string) => ({
  callbackWaitsForEmptyEventLoop: false,
  functionName,
  functionVersion: '$LATEST',
  invokedFunctionArn: `arn:aws:lambda:local:000000000000:function:${functionName}`,
  memoryLimitInMB: '128',
  awsRequestId: randomUUID(),
  logGroupName: 'local',
  logStreamName: 'local',
  getRemainingTimeInMillis: () => 10_000,
});

export interface LocalRuntime extends Omit<Runtime, 'env'> {
  /** What this machine has for a variable of the stack. */
  readonly values: Readonly<Record<string, string>>;
  /** Where this machine has what a deployment finds by itself. */
  readonly endpoints: Readonly<Record<string, string>>;
}

/** The names are the stack's; only the endpoints, which a deployment has no need of, come in addition. */
const environmentOf = ({ id, environment }: LambdaFunction, { values, endpoints }: LocalRuntime): Runtime['env'] => {
  const own = [...environment].map(([name, literal]): [string, string] => {
    const value = values[name] ?? literal;
    if (value === null)
      throw new StartupProblem(`The stack gives ${id} the variable ${name}; local/ has no value for it.`);
    return [name, value];
  });
  return { ...Object.fromEntries(own), ...endpoints };
};

/** Loads the stack's own bundles, each with the environment the stack names, and calls them by their function's logical id. */
export const openDoors = async (
  functions: Iterable<LambdaFunction>,
  runtime: LocalRuntime,
): Promise<(functionId: string, event: unknown) => Promise<unknown>> => {
  const { now, readSecret } = runtime;
  const handlers = new Map<string, Handler>();
  await Promise.all(
    [...functions].map(async (fn) => {
      const module: unknown = await import(pathToFileURL(fn.bundle).href);
      if (!isDoor(module)) throw new StartupProblem(`The bundle of ${fn.id} exports no createHandler.`);
      handlers.set(fn.id, module.createHandler({ env: environmentOf(fn, runtime), now, readSecret }));
    }),
  );
  return async (functionId, event) => {
    const handler = handlers.get(functionId);
    if (!handler) throw new Error(`No function ${functionId}`);
    return handler(event, lambdaContext(functionId));
  };
};
