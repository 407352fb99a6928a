import { describe, expect, inject, test, vi } from 'vitest';
import * as z from 'zod/mini';
import { createHandler as account } from '../../lambdas/account/handler.ts';
import { createHandler as approve } from '../../lambdas/approve/handler.ts';
import { createHandler as billing } from '../../lambdas/billing/handler.ts';
import { createHandler as estimate } from '../../lambdas/estimate/handler.ts';
import { createHandler as pricing } from '../../lambdas/pricing/handler.ts';
import { createHandler as settle } from '../../lambdas/settle/handler.ts';
import { createHandler as support } from '../../lambdas/support/handler.ts';
import { createHandler as webhooks } from '../../lambdas/webhooks/handler.ts';
import { getBalance } from '../../lib/http/contract/account.ts';
import { createRun } from '../../lib/http/contract/approve.ts';
import { createEstimate } from '../../lib/http/contract/estimate.ts';
import type { Operation } from '../../lib/http/contract/operation.ts';
import { operations } from '../../lib/http/contract/operations.ts';
import type { Runtime } from '../../lib/http/runtime.ts';
import { freshTable, testClient } from '../fresh-table.ts';
import { NOON } from '../world.ts';
import { type Arrival, gatewayEvent, jwtOf, lambdaContext } from './gateway-event.ts';

const doors = { account, approve, billing, estimate, pricing, settle, support, webhooks };
/** Nothing listens there. */
const NOWHERE = 'http://127.0.0.1:1';

interface Secrets {
  keys: readonly string[];
}
const keyOf = (name: string) => ({ kid: name, k: name.padEnd(43, '-') });

const runtimeOf = (tableName: string, endpoint: string, secrets: Secrets, clock = { nowMs: NOON }): Runtime => ({
  env: {
    TABLE_NAME: tableName,
    SIGNING_SECRET_ARN: 'secret',
    DYNAMODB_ENDPOINT: endpoint,
    STAGE: 'test',
    STRIPE_API_KEY_SECRET_ARN: 'secret',
    STRIPE_WEBHOOK_SECRET_ARN: 'secret',
    STRIPE_PRICES: '[{"item":"starter","price":"price_1","amount":1500,"currency":"usd"}]',
    STRIPE_ENDPOINT: NOWHERE,
    APP_URL: 'https://app.example.com',
  },
  now: () => clock.nowMs,
  readSecret: async () => JSON.stringify({ keys: secrets.keys.map(keyOf) }),
});

const answer = z.object({ statusCode: z.int(), headers: z.record(z.string(), z.string()), body: z.string() });

/** Calls the door of an operation as Lambda would. */
const call = async (runtime: Runtime, operation: Operation, arrival: Arrival) => {
  const handler = doors[operation.door](runtime);
  const { statusCode, headers, body } = answer.parse(await handler(gatewayEvent(operation, arrival), lambdaContext));
  return { status: statusCode, headers, body: z.looseObject({}).parse(JSON.parse(body)) };
};

/** Runs with what a Lambda finds in its environment and a log to look at. */
const logged = async <T>(work: () => Promise<T>): Promise<{ result: T; log: string }> => {
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  const spy = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  try {
    const result = await work();
    return {
      result,
      log: spy.mock.calls
        .flat()
        .map((line) => JSON.stringify(line))
        .join('\n'),
    };
  } finally {
    spy.mockRestore();
    vi.unstubAllEnvs();
  }
};

const guarded = operations.filter(({ scopes }) => scopes.length > 0);
const unused = runtimeOf('table', NOWHERE, { keys: ['one'] });

describe('a door opened past the gateway lets nobody in', () => {
  const strangers: readonly { it: string; authorizer?: object }[] = [
    { it: 'no authorizer' },
    { it: 'an empty one', authorizer: {} },
    { it: 'no claims', authorizer: { jwt: { scopes: ['credits/user', 'credits/agent', 'credits/support'] } } },
    { it: 'a claim that is no subject', authorizer: { jwt: { claims: { sub: 5 }, scopes: ['credits/support'] } } },
    { it: 'another authorizer', authorizer: { lambda: { sub: 'ann', scopes: ['credits/user'] } } },
  ];
  test.each(strangers)('$it', async ({ it: _, ...arrival }) => {
    for (const operation of guarded) {
      const { status, body } = await call(unused, operation, arrival);
      expect([operation.id, status, body['code']]).toEqual([operation.id, 401, 'unauthenticated']);
    }
  });

  test('a token without any of the operation’s scopes', async () => {
    for (const operation of guarded) {
      const all = ['credits/user', 'credits/agent', 'credits/support'];
      const others = all.filter((scope) => !operation.scopes.some((own) => own === scope));
      for (const authorizer of [
        jwtOf('ann', ...others),
        jwtOf('ann'),
        { jwt: { claims: { sub: 'ann' }, scopes: null } },
      ]) {
        const { status, body } = await call(unused, operation, { authorizer });
        expect([operation.id, status, body['code']]).toEqual([operation.id, 403, 'forbidden']);
      }
    }
  });

  test('a route it does not have', async () => {
    for (const door of operations) {
      const stranger = { ...door, path: '/v1/other' as const };
      expect(await call(unused, stranger, {})).toMatchObject({ status: 404, body: { code: 'not_found' } });
    }
  });
});

test('with the database out of reach every call that needs it says when to try again, and no more', async () => {
  const run = `0193a5a0-0000-7000-8000-000000000000.${Buffer.from('ann').toString('base64url')}`;
  const bodies: Readonly<Record<string, object>> = {
    createEstimate: { tool: 'web-search', input: {}, accountId: 'ann' },
    settleRun: { credits: 987_654 },
    failRun: { reason: 'a reason nobody should read in a log' },
    extendRun: { seconds: 60 },
    putPreferences: { autoApproveUpTo: 987_654 },
    grantCredits: { credits: 987_654, reason: 'a reason nobody should read in a log' },
    assignPlan: { planId: 'starter', reason: 'a reason nobody should read in a log' },
    refundRun: { reason: 'goodwill' },
    createCheckout: { planId: 'starter' },
    changePlan: { planId: 'starter' },
    requestQuote: { company: 'nobody should read in a log', email: 'a@example.com', message: 'x' },
    refundLegacy: { accountId: 'ann', paymentIntentId: 'pi_987654', reason: 'a reason nobody should read in a log' },
  };
  // An approval opens its estimate first; there is none without a database.
  for (const operation of guarded.filter(({ id }) => id !== 'createRun')) {
    const body = bodies[operation.id];
    const { result, log } = await logged(() =>
      call(unused, operation, {
        authorizer: jwtOf('ann', ...operation.scopes),
        params: operation.path.includes('{runId}')
          ? { runId: run }
          : operation.path.includes('{id}')
            ? { id: 'ann' }
            : {},
        headers: { 'idempotency-key': 'key' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
    expect(result, operation.id).toMatchObject({
      status: 503,
      headers: { 'content-type': 'application/problem+json', 'retry-after': expect.stringMatching(/^[1-9]\d*$/) },
    });
    expect(Object.keys(result.body).toSorted(), operation.id).toEqual(['code', 'status', 'title', 'type']);
    expect(log, operation.id).toContain('"fault":"');
    expect(log, operation.id).not.toMatch(/987654|nobody should read/);
  }
});

test('a fault of our own is said to be one, and nothing of it shows', async () => {
  const broken: Runtime = { ...unused, readSecret: async () => Promise.reject(new Error('secret/of/ours: denied')) };
  const { result, log } = await logged(() =>
    call(broken, createRun, { authorizer: jwtOf('ann', 'credits/user'), body: '{"estimateId":"a.b.c"}' }),
  );
  expect(result.status).toBe(500);
  expect(JSON.stringify(result.body)).not.toMatch(/secret|denied|Error/);
  expect(log).toContain('"route":"POST /v1/runs"');
});

describe('the signing key', () => {
  const authorizer = jwtOf('ann', 'credits/user');

  test('rotates: what the last two signed is accepted, older is not, within five minutes of the change (R3)', async () => {
    const secrets: Secrets = { keys: ['one'] };
    const clock = { nowMs: NOON };
    const runtime = runtimeOf(await freshTable(testClient()), inject('dynamodbEndpoint'), secrets, clock);
    await logged(async () => {
      const handlers = { estimate: estimate(runtime), approve: approve(runtime) };
      const quote = async (): Promise<unknown> => {
        const body = JSON.stringify({ tool: 'web-search', input: {} });
        const reply = answer.parse(
          await handlers.estimate(gatewayEvent(createEstimate, { authorizer, body }), lambdaContext),
        );
        return createEstimate.reply.parse(JSON.parse(reply.body)).estimateId;
      };
      const approved = async (estimateId: unknown): Promise<number> => {
        const body = JSON.stringify({ estimateId });
        return answer.parse(await handlers.approve(gatewayEvent(createRun, { authorizer, body }), lambdaContext))
          .statusCode;
      };
      const [first, second] = [await quote(), await quote()];
      secrets.keys = ['two', 'one'];
      clock.nowMs += 5 * 60 * 1000;
      expect(await approved(first)).toBe(201);
      const third = await quote();
      expect(third).toMatch(/^two\./);
      secrets.keys = ['three', 'two', 'one'];
      clock.nowMs += 5 * 60 * 1000;
      expect(await approved(second)).toBe(400);
      expect(await approved(third)).toBe(201);
    });
  });
});

test('a body that the gateway has encoded is read as it was sent', async () => {
  const runtime = runtimeOf(await freshTable(testClient()), inject('dynamodbEndpoint'), { keys: ['one'] });
  const authorizer = jwtOf('ann', 'credits/user');
  const body = Buffer.from('{"tool":"web-search","input":{}}').toString('base64');
  const { result } = await logged(() => call(runtime, createEstimate, { authorizer, body, isBase64Encoded: true }));
  expect(result).toMatchObject({ status: 201, body: { credits: 1 } });
  const large = Buffer.alloc(64 * 1024 + 1, 'x').toString('base64');
  const refused = await call(runtime, getBalance, { authorizer, body: large, isBase64Encoded: true });
  expect(refused).toMatchObject({ status: 413, body: { code: 'payload_too_large' } });
});
