import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import Stripe from 'stripe';
import type { StripeClient } from '../../lib/stripe/stripe-client.ts';
import { LOCAL_STRIPE_KEY } from '../../local/stripe/local-keys.ts';
import { testClient } from '../fresh-table.ts';

/**
 * A process with so many deeds to live: what it writes, or has Stripe do. Right after the last has taken effect it is gone: it hears nothing
 * and says nothing more.
 */
export interface Life {
  readonly isOver: () => boolean;
  /** Resolves with its end. */
  readonly end: Promise<'dead'>;
  /** Waits for ever if it is over. */
  readonly goOn: () => Promise<void>;
  readonly done: () => Promise<void>;
}

export const lifeOf = (deeds: number): Life => {
  let die = (_: 'dead'): void => undefined;
  const end = new Promise<'dead'>((resolve) => {
    die = resolve;
  });
  let left = deeds;
  const goOn = async (): Promise<void> => {
    if (left <= 0) await new Promise<never>(() => undefined);
  };
  const done = (): Promise<void> => {
    left -= 1;
    if (left === 0) die('dead');
    return goOn();
  };
  return { isOver: () => left <= 0, end, goOn, done };
};

const WRITE = /^(Put|Update|Delete|TransactWrite)/;

/** The tests' engine, as a process sees it that dies. */
export const dyingTable = (life: Life): DynamoDBDocumentClient => {
  const client = testClient();
  client.middlewareStack.add(
    (next, context) => async (request) => {
      await life.goOn();
      const answer = await next(request);
      if (WRITE.test(context.commandName ?? '')) await life.done();
      return answer;
    },
    { step: 'initialize', name: 'die' },
  );
  return client;
};

/** The stand-in for Stripe, as the same process sees it. */
export const dyingStripe = (life: Life, port: number): StripeClient => {
  const http = Stripe.createNodeHttpClient();
  const dying: typeof http = {
    getClientName: () => http.getClientName(),
    makeRequest: async (...request) => {
      await life.goOn();
      const answer = await http.makeRequest(...request);
      if (request[3] !== 'GET') await life.done();
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
