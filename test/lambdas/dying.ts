import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import Stripe from 'stripe';
import type { StripeClient } from '../../lib/stripe/stripe-client.ts';
import { LOCAL_STRIPE_KEY } from '../../local/stripe/local-keys.ts';
import { testClient } from '../fresh-table.ts';

/** A process with so many deeds to live: what it writes or has Stripe do. Right after the last has taken effect it is gone. */
export interface Life {
  deeds: number;
}

class Dead extends Error {
  override readonly name = 'Dead';
}

const WRITES = new Set(['PutCommand', 'UpdateCommand', 'TransactWriteCommand', 'DeleteCommand']);

const did = (life: Life): void => {
  life.deeds -= 1;
  if (life.deeds === 0) throw new Dead();
};
const lives = (life: Life): void => {
  if (life.deeds <= 0) throw new Dead();
};

/** The tests' engine, as a process sees it that dies. */
export const dyingTable = (life: Life): DynamoDBDocumentClient => {
  const client = testClient();
  client.middlewareStack.add(
    (next, context) => async (request) => {
      lives(life);
      const answer = await next(request);
      if (WRITES.has(context.commandName ?? '')) did(life);
      return answer;
    },
    { step: 'initialize', name: 'die' },
  );
  return client;
};

/** The stand-in for Stripe, as the same process sees it. */
export const dyingStripe = (life: Life, port: number): StripeClient => {
  const http = Stripe.createNodeHttpClient();
  const dying: Stripe.HttpClient = {
    getClientName: () => http.getClientName(),
    makeRequest: async (...request) => {
      lives(life);
      const answer = await http.makeRequest(...request);
      if (request[3] !== 'GET') did(life);
      return answer;
    },
  };
  return new Stripe(LOCAL_STRIPE_KEY, {
    host: '127.0.0.1',
    port,
    protocol: 'http',
    httpClient: dying,
    maxNetworkRetries: 0,
    telemetry: false,
  });
};
