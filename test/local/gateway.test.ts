import { request as httpRequest } from 'node:http';
import { describe, expect, test, vi } from 'vitest';
import { openIssuer } from '../../local/issuer.ts';
import { NOW_MS, smallApi } from './small-api.ts';
import { temporaryDirectory } from './temporary.ts';

const ok = () => ({ statusCode: 200, headers: { 'content-type': 'application/json' }, body: '{}' });
const MEGABYTE = 1024 * 1024;

describe('what API Gateway answers by itself', () => {
  const cases = [
    { it: 'a public route needs no token', call: 'GET /v1/pricing', status: 200 },
    { it: 'an unknown path is not found', call: 'GET /v1/nothing', status: 404, message: 'Not Found' },
    {
      it: 'a known path with another method is not found',
      call: 'DELETE /v1/pricing',
      status: 404,
      message: 'Not Found',
    },
    { it: 'HEAD is not GET', call: 'HEAD /v1/pricing', status: 404 },
    { it: 'OPTIONS is not found without CORS', call: 'OPTIONS /v1/pricing', status: 404, message: 'Not Found' },
    { it: 'a trailing slash makes another path', call: 'GET /v1/pricing/', status: 404, message: 'Not Found' },
    {
      it: 'a parameter is not empty',
      call: 'GET /v1/runs/',
      token: ['credits/user'],
      status: 404,
      message: 'Not Found',
    },
    { it: 'letters of a path have a case', call: 'GET /V1/pricing', status: 404, message: 'Not Found' },
    {
      it: 'an encoded slash separates',
      call: 'GET /v1/runs/a%2Fb',
      token: ['credits/user'],
      status: 404,
      message: 'Not Found',
    },
    { it: 'broken percent-encoding is a bad request', call: 'GET /v1/runs/%zz', status: 400, message: 'Bad Request' },
    { it: 'no token is unauthorized', call: 'GET /v1/runs/1', status: 401, message: 'Unauthorized' },
    { it: 'an unknown path is not found before any token', call: 'GET /v1/x', status: 404, message: 'Not Found' },
    {
      it: 'another scope is forbidden',
      call: 'POST /v1/runs/1/settle',
      token: ['credits/user'],
      status: 403,
      message: 'Forbidden',
    },
    { it: 'no scope is forbidden', call: 'GET /v1/runs/1', token: [], status: 403, message: 'Forbidden' },
    { it: 'one of several scopes lets in', call: 'GET /v1/runs/1', token: ['credits/agent'], status: 200 },
    { it: 'a route without scopes takes any good token', call: 'GET /v1/runs/latest', token: [], status: 200 },
  ];
  test.each(cases)('$it', async ({ call, token, status, message }) => {
    const { url, issuer } = await smallApi(ok);
    const [method = '', path = ''] = call.split(' ');
    const headers = token ? { authorization: `Bearer ${await issuer.token('someone', token)}` } : {};
    const response = await fetch(url + path, { method, headers });
    expect(response.status).toBe(status);
    if (message !== undefined) {
      expect(response.headers.get('content-type')).toBe('application/json');
      expect(await response.json()).toEqual({ message });
    }
  });

  const badTokens = [
    { it: 'junk', header: 'Bearer junk', challenge: /^Bearer .*error="invalid_token"/ },
    { it: 'an empty one', header: 'Bearer ', challenge: /^Bearer$/ },
    { it: 'another scheme', header: 'Basic dXNlcjpwYXNz', challenge: /^Bearer .*error="invalid_token"/ },
    { it: 'three parts of nothing', header: 'Bearer a.b.c', challenge: /^Bearer .*error="invalid_token"/ },
  ];
  test.each(badTokens)(
    'a bad token is unauthorized, and the challenge says why: $it',
    async ({ header, challenge }) => {
      const { url, events } = await smallApi(ok);
      const response = await fetch(`${url}/v1/runs/1`, { headers: { authorization: header } });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toMatch(challenge);
      expect(await response.json()).toEqual({ message: 'Unauthorized' });
      expect(events).toEqual([]);
    },
  );

  test('a token of another issuer, and one altered, are unauthorized; the bare token without a scheme is good', async () => {
    const { url, issuer } = await smallApi(ok);
    const other = await openIssuer(temporaryDirectory(), () => NOW_MS);
    const good = await issuer.token('someone', ['credits/user']);
    const [head, , signature] = good.split('.');
    const claims = Buffer.from(JSON.stringify({ sub: 'someone-else', scope: 'credits/user' })).toString('base64url');
    const statusOf = async (token: string) =>
      (await fetch(`${url}/v1/runs/1`, { headers: { authorization: token } })).status;
    expect(await statusOf(`Bearer ${await other.token('someone', ['credits/user'])}`)).toBe(401);
    expect(await statusOf(`Bearer ${head}.${claims}.${signature}`)).toBe(401);
    expect(await statusOf(good)).toBe(200);
    expect(await statusOf(`bearer ${good}`)).toBe(200);
  });

  test.each([
    { it: 'over 10 MB', bytes: 10 * MEGABYTE + 1, status: 413 },
    { it: 'over what Lambda takes', bytes: 6 * MEGABYTE + 1, status: 413 },
    { it: 'large, but within both limits', bytes: 5 * MEGABYTE, status: 200 },
  ])('a body $it is answered $status', async ({ bytes, status }) => {
    const { url, events } = await smallApi(ok);
    const response = await fetch(`${url}/v1/echo`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: 'x'.repeat(bytes),
    });
    expect(response.status).toBe(status);
    expect(events).toHaveLength(status === 200 ? 1 : 0);
    if (status === 413) expect(await response.json()).toEqual({ message: 'Request Entity Too Large' });
  });

  test('a body that grows without end is refused once it ends, and never kept', async () => {
    const { port, events } = await smallApi(ok);
    const status = await new Promise((resolve, reject) => {
      const request = httpRequest({ port, path: '/v1/echo', method: 'POST' }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on('error', reject);
      for (let megabytes = 0; megabytes < 40; megabytes++) request.write(Buffer.alloc(MEGABYTE));
      request.end();
    });
    expect(status).toBe(413);
    expect(events).toEqual([]);
  });
});

describe('a result of a function', () => {
  const fails = () => {
    throw new Error('secret detail');
  };
  test.each([
    { it: 'an exception', result: fails },
    { it: 'nothing', result: () => undefined },
    { it: 'null', result: () => null },
    { it: 'a status that is no number', result: () => ({ statusCode: '200' }) },
    { it: 'a status that is no whole number', result: () => ({ statusCode: 200.5 }) },
    { it: 'a status 0', result: () => ({ statusCode: 0 }) },
    { it: 'a body that is no text', result: () => ({ statusCode: 200, body: { a: 1 } }) },
    { it: 'headers that are no texts', result: () => ({ statusCode: 200, headers: { a: {} } }) },
  ])('$it becomes a 500 that says nothing of it', async ({ result }) => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { url } = await smallApi(result);
    const response = await fetch(`${url}/v1/pricing`);
    logged.mockRestore();
    expect(response.status).toBe(500);
    expect(await response.text()).toBe('{"message":"Internal Server Error"}');
  });

  test('status, headers, cookies and body reach the client', async () => {
    const { url } = await smallApi(() => ({
      statusCode: 429,
      headers: { 'Retry-After': 7, 'Content-Type': 'application/problem+json' },
      cookies: ['a=1', 'b=2; Path=/'],
      body: '{"code":"x"}',
    }));
    const response = await fetch(`${url}/v1/pricing`);
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('7');
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2; Path=/']);
    expect(response.headers.get('apigw-requestid')).toMatch(/=$/);
    expect(await response.text()).toBe('{"code":"x"}');
  });

  test.each([
    {
      it: 'base64',
      result: { statusCode: 200, isBase64Encoded: true, body: 'AAH/' },
      type: /^text\/plain/,
      bytes: [0, 1, 255],
    },
    { it: 'without a type', result: { statusCode: 200, body: 'A' }, type: /^text\/plain; charset=utf-8$/, bytes: [65] },
    { it: 'without a status', result: { a: 1 }, type: /^application\/json$/, bytes: [...Buffer.from('{"a":1}')] },
    { it: 'empty', result: { statusCode: 204 }, type: /^$/, bytes: [] },
  ])('a body is sent as it is meant: $it', async ({ result, type, bytes }) => {
    const { url } = await smallApi(() => result);
    const response = await fetch(`${url}/v1/pricing`);
    expect(response.headers.get('content-type') ?? '').toMatch(type);
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual(bytes);
  });
});
