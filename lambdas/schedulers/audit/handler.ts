import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { catalog } from '../../../lib/catalog/catalog.ts';
import { inLambda } from '../../../lib/http/production-runtime.ts';
import type { Runtime } from '../../../lib/http/runtime.ts';
import { openTelemetry } from '../../../lib/telemetry/telemetry.ts';
import { dynamoTable } from '../../dependencies.ts';
import { sample } from './sample.ts';

/** The ledger check of the hour (I1 to I5). */
export const createHandler = (runtime: Runtime) => {
  const { context: logged, ...telemetry } = openTelemetry(runtime);
  const deps = { table: dynamoTable(runtime, catalog), now: runtime.now, telemetry };
  return middy()
    .use(logged)
    .handler((_: unknown, context: Context) => sample(deps, context));
};

export const handler = inLambda(createHandler);
