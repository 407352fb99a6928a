import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { testClient } from './fresh-table.ts';

/** A process that is killed right after its first write of that kind has taken effect: it hears nothing and says nothing more. */
export const stoppingAfter = (command: string): DynamoDBDocumentClient => {
  const client = testClient();
  let stopped = false;
  client.middlewareStack.add(
    (next, context) => async (request) => {
      if (stopped) throw new Error('stopped');
      const answer = await next(request);
      stopped = context.commandName === command;
      if (stopped) throw new Error('stopped');
      return answer;
    },
    { step: 'initialize', name: 'stop' },
  );
  return client;
};
