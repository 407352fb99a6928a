import { describe, expect, test } from 'vitest';
import { smallApi } from './small-api.ts';

const cors = {
  AllowOrigins: ['https://app.example'],
  AllowMethods: ['GET', 'POST'],
  AllowHeaders: ['authorization', 'content-type'],
  ExposeHeaders: ['retry-after'],
  MaxAge: 3600,
};
const preflight = { origin: 'https://app.example', 'access-control-request-method': 'POST' };
const said = (response: Response) =>
  Object.fromEntries([...response.headers].filter(([name]) => name.startsWith('access-control-')));

describe('an API with CORS', () => {
  test.each([
    {
      it: 'an allowed origin is told what it may do',
      headers: preflight,
      expected: {
        'access-control-allow-origin': 'https://app.example',
        'access-control-allow-methods': 'GET,POST',
        'access-control-allow-headers': 'authorization,content-type',
        'access-control-max-age': '3600',
      },
    },
    { it: 'another origin is told nothing', headers: { ...preflight, origin: 'https://evil.example' }, expected: {} },
    { it: 'without an origin nothing is told', headers: {}, expected: {} },
  ])('preflight: $it', async ({ headers, expected }) => {
    const { url, events } = await smallApi(() => ({ statusCode: 200 }), cors);
    const response = await fetch(`${url}/v1/runs/1`, { method: 'OPTIONS', headers });
    expect(response.status).toBe(204);
    expect(said(response)).toEqual(expected);
    expect(events).toEqual([]);
  });

  test('its headers are on every answer to an allowed origin, in place of the function’s own', async () => {
    const own = { 'access-control-allow-origin': '*', 'access-control-allow-methods': 'DELETE' };
    const { url } = await smallApi(() => ({ statusCode: 200, headers: own }), cors);
    const expected = {
      'access-control-allow-origin': 'https://app.example',
      'access-control-expose-headers': 'retry-after',
    };
    const headers = { origin: 'https://app.example' };
    expect(said(await fetch(`${url}/v1/pricing`, { headers }))).toEqual(expected);
    expect(said(await fetch(`${url}/v1/runs/1`, { headers }))).toEqual(expected);
    expect(said(await fetch(`${url}/v1/pricing`))).toEqual({});
  });
});
