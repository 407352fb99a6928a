import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import * as z from 'zod/mini';
import { catalog } from '../../../lib/catalog/catalog.ts';
import { inLambda } from '../../../lib/http/production-runtime.ts';
import type { Runtime } from '../../../lib/http/runtime.ts';
import { paymentDependencies } from '../../../lib/payments/dependencies.ts';
import { openTelemetry } from '../../../lib/telemetry/telemetry.ts';
import { dynamoTable } from '../../dependencies.ts';
import { reconcileAndReport } from './report.ts';

const asked = z.object({ reconcile: z.enum(['recent', 'full']) });

/** R21, as often as the schedule says; called again for as long as it answers that it is not complete. */
export const createHandler = (runtime: Runtime) => {
  const table = dynamoTable(runtime, catalog);
  const payments = paymentDependencies(runtime, table, catalog);
  const { context: logged, ...telemetry } = openTelemetry(runtime);
  const deps = { ...payments, pause: table.pause, telemetry };
  return middy()
    .use(logged)
    .handler((event: unknown, context: Context) => reconcileAndReport(deps, asked.parse(event).reconcile, context));
};

export const handler = inLambda(createHandler);
