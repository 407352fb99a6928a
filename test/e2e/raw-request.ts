import { request } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import type { Reply, RequestOptions } from './harness.ts';

/** Sends the path as it is written and a body with any method; `fetch` does neither. */
export const sendRaw = (
  url: string,
  method: string,
  path: string,
  { token, body, rawBody, headers }: RequestOptions = {},
): Promise<Reply> => {
  const content = rawBody ?? (body === undefined ? undefined : JSON.stringify(body));
  const { hostname, port } = new URL(url);
  const head = {
    ...(content !== undefined && {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(content),
    }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...headers,
  };
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method, path, headers: head }, (response) => {
      const read = async (): Promise<Reply> => {
        const text = await textOf(response);
        const answered = new Headers();
        for (const [name, value] of Object.entries(response.headers)) answered.set(name, String(value));
        const isJson = answered.get('content-type')?.includes('json') === true;
        const status = response.statusCode ?? 0;
        return { status, headers: answered, text, body: isJson ? JSON.parse(text) : undefined };
      };
      read().then(resolve, reject);
    });
    sent.once('error', reject);
    sent.end(content);
  });
};
