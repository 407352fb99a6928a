import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createHandler as account } from '../../lambdas/account/handler.ts';
import { createHandler as estimate } from '../../lambdas/estimate/handler.ts';
import { EARLY_MS, whileAsked } from '../../lib/deadline/deadline.ts';
import { getBalance } from '../../lib/http/contract/account.ts';
import { createEstimate } from '../../lib/http/contract/estimate.ts';
import { dynamoClient } from '../../lib/store/table.ts';
import { cachedSecret } from '../../lib/stripe/cached-secret.ts';
import { signingKeys } from '../../lib/token/signing-keys.ts';
import { NOON } from '../world.ts';
import { gatewayEvent, jwtOf, lambdaContext } from './gateway-event.ts';

/** A database that takes requests and answers when it is told to, or never. */
const openSilent = async () => {
  const waiting: ServerResponse[] = [];
  let heard: () => void = () => undefined;
  let count = 0;
  const server = createServer((request, response) => {
    request.resume();
    waiting.push(response);
    count++;
    heard();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const isPort = (given: typeof address): given is AddressInfo => typeof given === 'object' && given !== null;
  if (!isPort(address)) throw new Error('no port');
  const answerAll = (status: number, body: object) => {
    for (const response of waiting.splice(0)) response.writeHead(status).end(JSON.stringify(body));
  };
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    asked: () => count,
    /** Settles when the next request is there. */
    next: () =>
      new Promise<void>((resolve) => {
        heard = resolve;
      }),
    answerAll,
  };
};
const credentials = { region: 'eu-central-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
const lookUp = new GetCommand({ TableName: 'table', Key: { pk: 'A#ann', sk: 'A' } });
const THROTTLED = { __type: 'com.amazonaws.dynamodb.v20120810#ThrottlingException', message: 'slow down' };

describe('a client of the table', () => {
  test('gives up on a database that does not answer after three tries', async () => {
    const silent = await openSilent();
    const client = dynamoClient({ endpoint: silent.endpoint, ...credentials });
    const fault = { name: 'TimeoutError', $metadata: { attempts: 3 } };
    await expect(client.send(lookUp)).rejects.toMatchObject(fault);
  });

  test('sends nothing more for a request that has been answered: no write of an hour ago when the function thaws', async () => {
    const silent = await openSilent();
    const client = dynamoClient({ endpoint: silent.endpoint, ...credentials });
    const limit = new AbortController();
    const first = silent.next();
    const sent = whileAsked(limit.signal, () => client.send(lookUp));
    const outcome = expect(sent).rejects.toMatchObject({ name: 'AbortError' });
    await first;
    limit.abort();
    silent.answerAll(400, THROTTLED);
    await outcome;
    await expect(whileAsked(limit.signal, () => client.send(lookUp))).rejects.toMatchObject({ name: 'AbortError' });
    expect(silent.asked()).toBe(1);
  });

  test('that is throttled tries again, for as long as somebody waits', async () => {
    const silent = await openSilent();
    const client = dynamoClient({ endpoint: silent.endpoint, ...credentials });
    const sent = whileAsked(new AbortController().signal, () => client.send(lookUp));
    for (const reply of [
      { status: 400, body: THROTTLED },
      { status: 200, body: {} },
    ]) {
      await silent.next();
      silent.answerAll(reply.status, reply.body);
    }
    expect(await sent).toMatchObject({ $metadata: { attempts: 2 } });
  });
});

describe('a door whose database does not answer', () => {
  test.each([
    { make: estimate, operation: createEstimate, body: '{"tool":"web-search","input":{}}' },
    { make: account, operation: getBalance, body: '' },
  ])(
    'says 503 and when to try again, before its function is cut off: $operation.id',
    async ({ make, operation, body }) => {
      vi.stubEnv('AWS_REGION', 'eu-central-1');
      vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
      vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
      const spy = vi.spyOn(console, 'error').mockImplementation(() => undefined);
      onTestFinished(() => {
        vi.unstubAllEnvs();
        spy.mockRestore();
      });
      const silent = await openSilent();
      const handler = make({
        env: { TABLE_NAME: 'table', SIGNING_SECRET_ARN: 'secret', STAGE: 'dev', DYNAMODB_ENDPOINT: silent.endpoint },
        now: () => NOON,
        readSecret: async () => JSON.stringify({ kid: 'one', k: 'k'.repeat(43) }),
      });
      const event = gatewayEvent(operation, { authorizer: jwtOf('ann', 'credits/user'), body });
      const reply = await handler(event, { ...lambdaContext, getRemainingTimeInMillis: () => EARLY_MS + 100 });
      expect(reply).toMatchObject({
        statusCode: 503,
        headers: { 'content-type': 'application/problem+json', 'retry-after': expect.stringMatching(/^[1-9]\d*$/) },
      });
      expect(silent.asked()).toBeLessThanOrEqual(1);
      expect(spy.mock.calls).toEqual([[expect.objectContaining({ fault: 'TimeoutError' })]]);
    },
  );
});

describe('with Secrets Manager out of reach', () => {
  const down = async () => Promise.reject(new Error('out of reach'));
  const quiet = () => {
    const spy = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    onTestFinished(() => spy.mockRestore());
    return spy;
  };
  /** A clock, and a secret that can be read or not. */
  const source = (text: string) => {
    const state = { nowMs: NOON, up: true, text, reads: 0 };
    const readSecret = async () => {
      state.reads++;
      return state.up ? state.text : down();
    };
    return { state, source: { now: () => state.nowMs, readSecret } };
  };
  const keyed = (kid: string) => JSON.stringify({ keys: [{ kid, k: kid.padEnd(43, '-') }] });

  test('the signing keys once read are good, asked for again every ten seconds, and replaced when they can be read', async () => {
    const spy = quiet();
    const { state, source: from } = source(keyed('one'));
    const keys = signingKeys(from, 'secret');
    const kids = async (kid?: string) => (await keys(kid)).map((key) => key.kid);
    expect(await kids()).toEqual(['one']);
    state.up = false;
    state.text = keyed('two');
    state.nowMs += 5 * 60_000;
    for (const kid of [undefined, 'one', 'forged', 'forged']) expect(await kids(kid)).toEqual(['one']);
    expect([state.reads, spy.mock.calls.length]).toEqual([2, 1]);
    state.nowMs += 10_000;
    expect(await kids()).toEqual(['one']);
    expect(state.reads).toBe(3);
    state.up = true;
    state.nowMs += 10_000;
    expect(await kids()).toEqual(['two']);
  });

  test('a function that has not read them yet has none', async () => {
    const { state, source: from } = source(keyed('one'));
    state.up = false;
    await expect(signingKeys(from, 'secret')()).rejects.toThrow('out of reach');
    await expect(cachedSecret(from, 'secret', JSON.parse)()).rejects.toThrow('out of reach');
    state.up = true;
    expect(await signingKeys(from, 'secret')()).toMatchObject([{ kid: 'one' }]);
  });

  test('Stripe’s secrets once read are good too', async () => {
    const spy = quiet();
    const { state, source: from } = source('one');
    const secret = cachedSecret(from, 'secret', (text) => text);
    expect(await secret()).toBe('one');
    state.up = false;
    state.text = 'two';
    state.nowMs += 5 * 60_000;
    expect(await Promise.all([secret(), secret(), secret()])).toEqual(['one', 'one', 'one']);
    expect(await secret(60_000)).toBe('one');
    expect([state.reads, spy.mock.calls.length]).toEqual([2, 1]);
    state.up = true;
    state.nowMs += 10_000;
    expect(await secret()).toBe('two');
  });
});
