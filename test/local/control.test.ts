import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { decodeJwt } from 'jose';
import { describe, expect, onTestFinished, test } from 'vitest';
import * as z from 'zod/mini';
import { BUS_PATH, openBus } from '../../local/bus.ts';
import { openClock } from '../../local/clock.ts';
import { openClockWalk } from '../../local/clock-walk.ts';
import { createControl } from '../../local/control.ts';
import { openFront } from '../../local/front.ts';
import { json } from '../../local/http-answer.ts';
import { openIssuer } from '../../local/issuer.ts';
import { issuerData } from './issuer-data.ts';
import { temporaryDirectory } from './temporary.ts';

const START_MS = Date.UTC(2027, 0, 31, 23, 59, 59, 999);
const START = '2027-01-31T23:59:59.999Z';

/** What any of these answers may hold. */
const reply = z.looseObject({
  token: z._default(z.string(), ''),
  errors: z.optional(z.array(z.object({ path: z.string(), message: z.string() }))),
  keys: z._default(z.array(z.record(z.string(), z.string())), []),
});

const control = async () => {
  const clock = openClock(temporaryDirectory(), () => START_MS);
  const issuer = await openIssuer(issuerData, clock.now);
  const fired: [from: number, to: number][] = [];
  const { answer } = createControl({
    clock,
    issuer,
    bus: openBus(temporaryDirectory()),
    drain: async () => undefined,
    walk: openClockWalk({
      clock,
      payments: { nextDueMs: () => undefined, advanceTo: async () => undefined },
      fire: async (...between) => {
        fired.push(between);
      },
    }),
    stripe: async (_, path) => json(200, { asked: path }),
  });
  const front = await openFront(0);
  onTestFinished(front.close);
  front.open((request) => answer(request, request.url ?? ''));
  const send = async (method: string, path: string, body?: string) => {
    const response = await fetch(front.url + path, { method, ...(body !== undefined && { body }) });
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      body: reply.parse(await response.json()),
    };
  };
  return { send, fired, url: front.url };
};

describe('POST /local/token', () => {
  test('gives a token that the same verifier accepts, also after a restart, and that does not lapse', async () => {
    const { send } = await control();
    const { status, body } = await send(
      'POST',
      '/local/token',
      '{"sub":"auth0|1","scopes":["credits/user","credits/agent"]}',
    );
    expect(status).toBe(200);
    expect(decodeJwt(body.token)).not.toHaveProperty('exp');
    const after = await openIssuer(issuerData, () => Date.UTC(2099, 0));
    expect(await after.verify(body.token)).toMatchObject({ sub: 'auth0|1', scope: 'credits/user credits/agent' });
  });

  test.each([
    { it: 'not JSON', body: '{"sub":', path: '$' },
    { it: 'nothing', body: '', path: '$' },
    { it: 'no object', body: '[]', path: '$' },
    { it: 'no sub', body: '{"scopes":[]}', path: '$.sub' },
    { it: 'an empty sub', body: '{"sub":"","scopes":[]}', path: '$.sub' },
    { it: 'a long sub', body: JSON.stringify({ sub: 'x'.repeat(256), scopes: [] }), path: '$.sub' },
    { it: 'a sub that is no text', body: '{"sub":1,"scopes":[]}', path: '$.sub' },
    { it: 'no scopes', body: '{"sub":"a"}', path: '$.scopes' },
    { it: 'a sub with a space', body: '{"sub":"Ann Lee","scopes":[]}', path: '$.sub' },
    { it: 'a sub beyond ASCII', body: '{"sub":"ü","scopes":[]}', path: '$.sub' },
    { it: 'two scopes in one text', body: '{"sub":"a","scopes":["credits/user","a b"]}', path: '$.scopes[1]' },
    { it: 'more than asked', body: '{"sub":"a","scopes":[],"exp":1}', path: '$' },
  ])('refuses $it and names the place', async ({ body, path }) => {
    const { send } = await control();
    const refused = await send('POST', '/local/token', body);
    expect(refused).toMatchObject({
      status: 400,
      type: 'application/problem+json',
      body: { code: 'validation_failed' },
    });
    expect(refused.body.errors).toEqual([{ path, message: expect.stringMatching(/./) }]);
  });
});

describe('/local/clock', () => {
  test.each([
    { it: 'an instant', body: { now: '2027-02-01T00:00:00.000Z' }, now: '2027-02-01T00:00:00.000Z' },
    { it: 'an instant with an offset', body: { now: '2027-02-01T01:00:00+01:00' }, now: '2027-02-01T00:00:00.000Z' },
    { it: 'the present instant', body: { now: START }, now: START },
    { it: 'a millisecond more', body: { advanceSeconds: 0.001 }, now: '2027-02-01T00:00:00.000Z' },
    { it: 'without schedules', body: { advanceSeconds: 1, runSchedules: false }, now: '2027-02-01T00:00:00.999Z' },
  ])('is set to $it and answers where it stands', async ({ body, now }) => {
    const { send } = await control();
    expect(await send('GET', '/local/clock')).toMatchObject({ status: 200, body: { now: START } });
    expect(await send('PUT', '/local/clock', JSON.stringify(body))).toMatchObject({ status: 200, body: { now } });
    expect(await send('GET', '/local/clock')).toMatchObject({ status: 200, body: { now } });
  });

  test.each([
    { it: 'the past', body: '{"now":"2027-01-31T23:59:59.998Z"}', status: 409, code: 'clock_only_goes_forward' },
    { it: 'negative seconds', body: '{"advanceSeconds":-1}', status: 400, path: '$.advanceSeconds' },
    { it: 'both', body: `{"now":"2027-02-01T00:00:00Z","advanceSeconds":1}`, status: 400, path: '$' },
    { it: 'a date', body: '{"now":"2027-02-01"}', status: 400, path: '$.now' },
    { it: 'a day that is none', body: '{"now":"2027-02-30T00:00:00Z"}', status: 400, path: '$.now' },
    { it: 'milliseconds as a number', body: '{"now":1800000000000}', status: 400, path: '$.now' },
    { it: 'seconds as text', body: '{"advanceSeconds":"1"}', status: 400, path: '$.advanceSeconds' },
    { it: 'more seconds than there are', body: '{"advanceSeconds":1e300}', status: 400, path: '$.advanceSeconds' },
    {
      it: 'schedules that are no truth',
      body: '{"advanceSeconds":1,"runSchedules":"no"}',
      status: 400,
      path: '$.runSchedules',
    },
    { it: 'null', body: 'null', status: 400, path: '$' },
  ])('refuses $it, and nothing changes', async ({ body, status, code = 'validation_failed', path }) => {
    const { send } = await control();
    const refused = await send('PUT', '/local/clock', body);
    expect(refused).toMatchObject({ status, type: 'application/problem+json', body: { code } });
    if (path !== undefined) expect(refused.body.errors).toEqual([{ path, message: expect.stringMatching(/./) }]);
    expect(await send('GET', '/local/clock')).toMatchObject({ body: { now: START } });
  });
});

test('the issuer publishes what anyone needs to check its tokens, and nothing more', async () => {
  const { send } = await control();
  const { body } = await send('GET', '/.well-known/jwks.json');
  expect(Object.keys(body.keys[0] ?? {}).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
  const { body: configuration } = await send('GET', '/.well-known/openid-configuration');
  expect(configuration['jwks_uri']).toMatch(/^http:\/\/localhost:\d+\/\.well-known\/jwks\.json$/);
});

test.each([
  'GET /local/token',
  'GET /local/nothing',
  'DELETE /local/clock',
  'GET /.well-known/x',
  'GET /local/constructor',
])('%s is not found', async (call) => {
  const { send } = await control();
  const [method = '', path = ''] = call.split(' ');
  expect(await send(method, path)).toMatchObject({ status: 404, body: { message: 'Not Found' } });
});

test('what is below /local/stripe goes to Stripe’s stand-in, and nothing beside it', async () => {
  const { send } = await control();
  expect(await send('GET', '/local/stripe/events')).toMatchObject({ body: { asked: '/local/stripe/events' } });
  expect(await send('GET', '/local/stripes')).toMatchObject({ status: 404 });
});

test.each(['/local/app', '/local/app/billing'])('%s is a page to come back to', async (path) => {
  const { url } = await control();
  const response = await fetch(url + path);
  expect(response.status).toBe(200);
  expect(await response.text()).toContain(`<code>${path}</code>`);
});

describe('schedules', () => {
  test.each([
    { body: '{"advanceSeconds":60}', fires: true },
    { body: '{"advanceSeconds":60,"runSchedules":true}', fires: true },
    { body: '{"advanceSeconds":60,"runSchedules":false}', fires: false },
  ])('between then and now fire unless told not to: $body', async ({ body, fires }) => {
    const { send, fired } = await control();
    await send('PUT', '/local/clock', body);
    expect(fired).toEqual(fires ? [[START_MS, START_MS + 60_000]] : []);
  });
});

describe('the bus', () => {
  test('takes what the real SDK puts on it, in order, and shows it', async () => {
    const { send, url } = await control();
    const client = new EventBridgeClient({
      endpoint: `${url}${BUS_PATH}`,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    const entry = (id: string) => ({
      EventBusName: 'credits',
      Source: 'credits',
      DetailType: 'run.held',
      Detail: JSON.stringify({ id }),
      Time: new Date(START_MS),
    });
    const answer = await client.send(new PutEventsCommand({ Entries: [entry('a'), entry('b')] }));
    client.destroy();
    expect(answer.FailedEntryCount).toBe(0);
    const shown = (id: string) => ({ id, source: 'credits', type: 'run.held', time: START, detail: { id } });
    expect((await send('GET', '/local/events')).body).toMatchObject({ events: [shown('a'), shown('b')] });
  });
});
