import middy from '@middy/core';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { catalog } from '../../lib/catalog/catalog.ts';
import { inLambda } from '../../lib/http/production-runtime.ts';
import type { Runtime } from '../../lib/http/runtime.ts';
import { toolCodes } from '../../lib/store/table.ts';
import { openTelemetry } from '../../lib/telemetry/telemetry.ts';
import { eventBus } from './event-bus.ts';
import { publish } from './publish.ts';
import { tally } from './tally.ts';

/** Tells the bus what the table's stream says has happened. */
export const createHandler = (runtime: Runtime) => {
  const deps = { bus: eventBus(runtime.env), tools: toolCodes(catalog), now: runtime.now };
  const { context, count } = openTelemetry(runtime);
  const feed = middy<DynamoDBStreamEvent, DynamoDBBatchResponse>().use(context);
  return feed.handler(async ({ Records }) => {
    const answer = await publish(deps, Records);
    count(tally(Records, answer, deps.tools));
    return answer;
  });
};

export const handler = inLambda(createHandler);
