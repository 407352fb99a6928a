import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import * as z from 'zod/mini';
import { catalog } from '../../../lib/catalog/catalog.ts';
import { inLambda } from '../../../lib/http/production-runtime.ts';
import type { Runtime } from '../../../lib/http/runtime.ts';
import { openTelemetry } from '../../../lib/telemetry/telemetry.ts';
import { dynamoTable } from '../../dependencies.ts';
import { hasTime, sweep } from './sweep.ts';

const asked = z.object({ dueFor: z.enum(['deadlines', 'boundaries']), shard: z.string() });

/** One shard of one sweep, as the state machine hands it out. */
export const createHandler = (runtime: Runtime) => {
  const { context: logged, ...telemetry } = openTelemetry(runtime);
  const deps = { table: dynamoTable(runtime, catalog), now: runtime.now, telemetry };
  const handler = (event: unknown, context: Context) => {
    const { dueFor, shard } = asked.parse(event);
    return sweep({ ...deps, hasTime: hasTime(context) }, dueFor, shard);
  };
  return middy().use(logged).handler(handler);
};

export const handler = inLambda(createHandler);
