import middy from '@middy/core';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { catalog } from '../../lib/catalog/catalog.ts';
import { inLambda } from '../../lib/http/production-runtime.ts';
import type { Runtime } from '../../lib/http/runtime.ts';
import { toolCodes } from '../../lib/store/table.ts';
import { eventBus } from './event-bus.ts';
import { publish } from './publish.ts';

/** Tells the bus what the table's stream says has happened. */
export const createHandler = (runtime: Runtime) => {
  const deps = { bus: eventBus(runtime.env), tools: toolCodes(catalog), now: runtime.now };
  return middy<DynamoDBStreamEvent, DynamoDBBatchResponse>().handler(({ Records }) => publish(deps, Records));
};

export const handler = inLambda(createHandler);
