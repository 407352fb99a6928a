import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';

export interface Scripted {
  readonly status: number;
  readonly type?: string;
  readonly retryAfter?: number;
  readonly body: unknown;
}
/** An answer; or none: the connection is cut at once, in the middle of the body, or nothing comes at all. */
export type Act = Scripted | 'cut' | 'cut in the body' | 'silence';

export interface Heard {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A server on this machine that answers by a script, its last line for ever, and tells what it heard. */
export const openScriptedApi = async (script: readonly Act[]) => {
  const heard: Heard[] = [];
  const server = createServer(async (request, response) => {
    const { method, url, headers } = request;
    heard.push({ method, url, headers, body: await text(request) });
    const act = script[Math.min(heard.length, script.length) - 1];
    if (act === undefined || act === 'silence') return;
    if (act === 'cut') {
      response.destroy();
    } else if (act === 'cut in the body') {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('{"available":', () => response.destroy());
    } else {
      const { status, type = 'application/json', retryAfter, body } = act;
      const wait = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
      response.writeHead(status, { 'content-type': type, ...wait }).end(JSON.stringify(body));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    heard,
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
};
