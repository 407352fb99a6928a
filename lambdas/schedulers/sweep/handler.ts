import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import * as z from 'zod/mini';
import { catalog } from '../../../lib/catalog/catalog.ts';
import { inLambda } from '../../../lib/http/production-runtime.ts';
import type { Runtime } from '../../../lib/http/runtime.ts';
import { dynamoTable } from '../../dependencies.ts';
import { sweep } from './sweep.ts';

const asked = z.object({ dueFor: z.enum(['deadlines', 'boundaries']), shard: z.string() });

/** Leaves the state machine time to hear the answer. */
const SPARE_MS = 5_000;

/** One shard of one sweep, as the state machine hands it out. */
export const createHandler = (runtime: Runtime) => {
  const table = dynamoTable(runtime, catalog);
  return middy().handler((event: unknown, context: Context) => {
    const { dueFor, shard } = asked.parse(event);
    const hasTime = () => context.getRemainingTimeInMillis() > SPARE_MS;
    return sweep({ table, now: runtime.now, hasTime }, dueFor, shard);
  });
};

export const handler = inLambda(createHandler);
