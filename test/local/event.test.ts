import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { NOW_MS, smallApi } from './small-api.ts';

const ok = () => ({ statusCode: 200 });

/** Sends it byte by byte as written; what `fetch` would tidy up stays. */
const sendRaw = (port: number, head: readonly string[], body = ''): Promise<string> =>
  new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1');
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      answer += chunk;
    });
    socket.on('error', reject).on('close', () => resolve(answer));
    socket.write([...head, 'connection: close', `content-length: ${Buffer.byteLength(body)}`, '', body].join('\r\n'));
  });

test('the event is payload format 2.0: decoded path and parameters, raw query, joined headers, claims as texts', async () => {
  const { port, issuer, events } = await smallApi(ok);
  const token = await issuer.token('user-1', ['credits/user', 'credits/agent']);
  await sendRaw(port, [
    'GET /v1/runs/a%20b?tag=x%20y&tag=z&empty= HTTP/1.1',
    'Host: localhost',
    `Authorization: Bearer ${token}`,
    'X-Twice: 1',
    'x-twice: 2',
    'Cookie: a=1; b=2',
    'User-Agent: test',
  ]);
  expect(events).toHaveLength(1);
  expect(events[0]).toMatchObject({
    version: '2.0',
    routeKey: 'GET /v1/runs/{runId}',
    rawPath: '/v1/runs/a b',
    rawQueryString: 'tag=x%20y&tag=z&empty=',
    cookies: ['a=1', 'b=2'],
    headers: { host: 'localhost', 'x-twice': '1,2', 'user-agent': 'test' },
    queryStringParameters: { tag: 'x y,z', empty: '' },
    pathParameters: { runId: 'a b' },
    requestContext: {
      authorizer: {
        jwt: {
          claims: { sub: 'user-1', scope: 'credits/user credits/agent', iat: String(Math.floor(NOW_MS / 1000)) },
          scopes: ['credits/user', 'credits/agent'],
        },
      },
      http: { method: 'GET', path: '/v1/runs/a b', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
      routeKey: 'GET /v1/runs/{runId}',
      stage: '$default',
      time: '02/Jan/2027:03:04:05 +0000',
      timeEpoch: NOW_MS,
    },
    isBase64Encoded: false,
  });
  expect(events[0]).not.toHaveProperty('body');
  expect(events[0]?.headers).not.toHaveProperty('cookie');
  expect(events[0]?.headers).not.toHaveProperty('connection');
});

test('what has no content is left out, and a route without scopes gives null scopes', async () => {
  const { url, issuer, events } = await smallApi(ok);
  await fetch(`${url}/v1/pricing`);
  const authorization = `Bearer ${await issuer.token('user-1', ['credits/user'])}`;
  await fetch(`${url}/v1/runs/latest`, { headers: { authorization } });
  const [publicCall, guardedCall] = events;
  for (const field of ['queryStringParameters', 'pathParameters', 'cookies', 'body'])
    expect(publicCall).not.toHaveProperty(field);
  expect(publicCall?.requestContext).not.toHaveProperty('authorizer');
  expect(publicCall?.rawQueryString).toBe('');
  expect(guardedCall?.routeKey).toBe('GET /v1/runs/latest');
  expect(guardedCall?.requestContext.authorizer?.jwt.scopes).toBeNull();
});

test.each([
  { type: 'application/json', text: true },
  { type: 'application/json; charset=utf-8', text: true },
  { type: 'text/csv', text: true },
  { type: 'application/xml', text: true },
  { type: 'application/problem+json', text: false },
  { type: 'application/x-www-form-urlencoded', text: false },
  { type: 'application/octet-stream', text: false },
  { type: undefined, text: false },
])('a body of type $type is text: $text', async ({ type, text }) => {
  const { port, events } = await smallApi(ok);
  const head = ['POST /v1/echo HTTP/1.1', 'Host: localhost', ...(type === undefined ? [] : [`Content-Type: ${type}`])];
  await sendRaw(port, head, '{"a":"ü"}');
  expect(events[0]).toMatchObject(
    text
      ? { body: '{"a":"ü"}', isBase64Encoded: false }
      : { body: Buffer.from('{"a":"ü"}').toString('base64'), isBase64Encoded: true },
  );
});

test('names that every object has are query parameters and headers like others', async () => {
  const { url, events } = await smallApi(ok);
  await fetch(`${url}/v1/pricing?__proto__=1&constructor=2`, { headers: { constructor: '3' } });
  expect(Object.entries(events[0]?.queryStringParameters ?? {})).toEqual([
    ['__proto__', '1'],
    ['constructor', '2'],
  ]);
  expect(events[0]?.headers['constructor']).toBe('3');
});

test('a decoded question mark ends the path', async () => {
  const { url, issuer, events } = await smallApi(ok);
  const authorization = `Bearer ${await issuer.token('user-1', ['credits/user'])}`;
  await fetch(`${url}/v1/runs/abc%3Fadmin=1`, { headers: { authorization } });
  expect(events[0]?.pathParameters).toEqual({ runId: 'abc' });
  expect(events[0]?.rawQueryString).toBe('');
});
