import { afterEach, describe, expect, test } from 'vitest';
import { accepted, type ClientOptions, createCreditsClient, Refused, refusalOf } from '../../client/credits-client.ts';
import { type Act, openScriptedApi, type Scripted } from './scripted-api.ts';

type Server = Awaited<ReturnType<typeof openScriptedApi>>;

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

const open = async (script: readonly Act[], options: Partial<ClientOptions> = {}) => {
  const server = await openScriptedApi(script);
  servers.push(server);
  const waits: number[] = [];
  let tokens = 0;
  const credits = createCreditsClient({
    baseUrl: server.url,
    token: async () => `token-${++tokens}`,
    sleep: async (ms) => {
      waits.push(ms);
    },
    random: () => 0.5,
    ...options,
  });
  return { credits, waits, heard: server.heard };
};

const HEALTHY: Scripted = { status: 200, body: { status: 'ok' } };
const problem = (status: number, code: string, more: object = {}, retryAfter?: number): Scripted => ({
  status,
  type: 'application/problem+json',
  body: { type: `urn:credits:problem:${code}`, title: code, status, code, ...more },
  ...(retryAfter === undefined ? {} : { retryAfter }),
});
const busy = (retryAfter: number) => problem(503, 'unavailable', {}, retryAfter);
const gateway = (status: number, message: string): Scripted => ({ status, body: { message } });
const LIMIT = problem(429, 'daily_run_limit_reached', { limit: 15, resetsAt: '2026-11-23T00:00:00.000Z' }, 3);

describe('a call whose answer was lost, or told of a passing trouble, is sent again', () => {
  test.each<{ it: string; script: Act[]; waits: number[]; status: number }>([
    { it: 'a good answer', script: [HEALTHY], waits: [], status: 200 },
    { it: 'overload, no sooner than asked', script: [busy(2), busy(1), HEALTHY], waits: [2200, 1400], status: 200 },
    { it: 'the throttle', script: [gateway(429, 'Too Many Requests'), HEALTHY], waits: [200], status: 200 },
    {
      it: 'a door that fell over',
      script: [gateway(500, 'Internal Server Error'), HEALTHY],
      waits: [200],
      status: 200,
    },
    { it: 'a connection cut', script: ['cut', HEALTHY], waits: [200], status: 200 },
    { it: 'a body cut', script: ['cut in the body', HEALTHY], waits: [200], status: 200 },
    { it: 'four times at most', script: [busy(0)], waits: [200, 400, 800], status: 503 },
    { it: 'not where it is to wait for long', script: [busy(60), HEALTHY], waits: [], status: 503 },
    { it: 'not the daily run limit', script: [LIMIT, HEALTHY], waits: [], status: 429 },
    { it: 'not what stays refused', script: [problem(403, 'forbidden'), HEALTHY], waits: [], status: 403 },
  ])('$it', async ({ script, waits, status }) => {
    const { credits, waits: waited, heard } = await open(script);
    const { response } = await credits.GET('/v1/health');
    expect({ status: response.status, waited, heard: heard.length }).toEqual({
      status,
      waited: waits,
      heard: waits.length + 1,
    });
  });

  test('silence counts as a lost answer', async () => {
    const { credits, heard } = await open(['silence', HEALTHY], { timeoutMs: 200 });
    expect(accepted(await credits.GET('/v1/health'))).toEqual({ status: 'ok' });
    expect(heard).toHaveLength(2);
  });

  test('what nobody answers is thrown in the end', async () => {
    const { credits, heard } = await open(['cut']);
    await expect(credits.GET('/v1/health')).rejects.toThrow('fetch failed');
    expect(heard).toHaveLength(4);
  });

  test('a caller who gives up is not kept waiting', async () => {
    const { credits, heard } = await open(['silence']);
    await expect(credits.GET('/v1/health', { signal: AbortSignal.timeout(100) })).rejects.toThrow('aborted');
    expect(heard).toHaveLength(1);
  });

  test('each time the same request, with a token asked for anew', async () => {
    const { credits, heard } = await open(['cut', busy(0), HEALTHY]);
    const body = { estimateId: 'an-estimate' };
    await credits.POST('/v1/runs', { body });
    expect(heard.map(({ headers }) => headers.authorization)).toEqual([1, 2, 3].map((at) => `Bearer token-${at}`));
    expect(heard.map(({ method, url }) => `${method} ${url}`)).toEqual(Array(3).fill('POST /v1/runs'));
    expect(heard.map((each) => JSON.parse(each.body))).toEqual([body, body, body]);
  });
});

describe('a call that only a key tells from another', () => {
  const asked = { params: { path: { id: 'ann' } }, body: { planId: 'pro', reason: 'a trial' } };

  test('has one of its own where none is given, the same for all tries of one call', async () => {
    const { credits, heard } = await open([busy(0), HEALTHY]);
    await credits.POST('/v1/support/accounts/{id}/plan', asked);
    await credits.POST('/v1/support/accounts/{id}/plan', asked);
    const [first, again, second] = heard.map(({ headers }) => headers['idempotency-key']);
    expect(first).toMatch(/^[0-9a-f-]{36}$/);
    expect(again).toBe(first);
    expect(second).not.toBe(first);
  });

  test('keeps the one it was given', async () => {
    const { credits, heard } = await open([HEALTHY]);
    const params = { ...asked.params, header: { 'Idempotency-Key': 'mine' } };
    await credits.POST('/v1/support/accounts/{id}/plan', { ...asked, params });
    expect(heard[0]?.headers['idempotency-key']).toBe('mine');
  });
});

describe('what is refused', () => {
  test.each([
    [problem(402, 'insufficient_credits', { needed: 9, available: 4 }), { needed: 9, available: 4 }],
    [problem(409, 'run_already_settled', { outcome: 'settled' }), { outcome: 'settled' }],
    [problem(410, 'hold_expired'), {}],
    [LIMIT, { limit: 15, resetsAt: '2026-11-23T00:00:00.000Z' }],
  ])('has its code and what belongs to it: %j', async (said, more) => {
    const { credits } = await open([said]);
    const refusal = refusalOf(await credits.GET('/v1/balance'));
    expect(refusal).toMatchObject({ status: said.status, code: JSON.parse(JSON.stringify(said.body)).code, ...more });
  });

  test.each([
    ['the gateway’s own words', gateway(401, 'Unauthorized'), 401, 'Unauthorized'],
    ['a code from the future', problem(418, 'is_a_teapot'), 418, 'is_a_teapot'],
    ['a known code without what belongs to it', problem(402, 'insufficient_credits'), 402, 'insufficient_credits'],
    ['no words at all', { status: 404, type: 'text/plain', body: undefined }, 404, ''],
  ])('but is not recognised: %s', async (_, said, status, message) => {
    const { credits } = await open([said]);
    const refusal = refusalOf(await credits.GET('/v1/balance'));
    expect(refusal).toMatchObject({ code: 'unrecognised', status, message: expect.stringContaining(message) });
  });

  test('is thrown where only a success will do', async () => {
    const { credits } = await open([problem(404, 'not_found')]);
    const answer = await credits.GET('/v1/runs/{runId}', { params: { path: { runId: 'x' } } });
    expect(() => accepted(answer)).toThrow(Refused);
    expect(() => accepted(answer)).toThrow('404 not_found');
  });
});
