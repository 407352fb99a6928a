import { onTestFinished } from 'vitest';
import { openFront } from '../../local/front.ts';
import { json } from '../../local/http-answer.ts';
import { readBody } from '../../local/http-body.ts';

const BODY_LIMIT = 1024 * 1024;

/** What becomes of an answer, by the path that was asked: another one, or none at all, as of a Stripe that is down. */
export type Altering = (path: string, answer: unknown) => unknown;
export const DOWN = Symbol('down');

/** Stands between the SDK and the stand-in, and changes what the one hears of the other. */
export const openBetween = async (port: number) => {
  const asked: string[] = [];
  const between = { alter: ((_, answer) => answer) satisfies Altering as Altering };
  const front = await openFront(0);
  front.open(async (request) => {
    const path = request.url ?? '/';
    asked.push(`${request.method} ${path.replace(/\?.*$/, '')}`);
    const body = await readBody(request, BODY_LIMIT);
    const headers = Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
      typeof value === 'string' && /^(authorization|content-type|idempotency-key|stripe-version)$/.test(name)
        ? [[name, value]]
        : [],
    );
    const sent = request.method === 'GET' || body === 'too_large' ? {} : { body: body.toString('utf8') };
    const reply = await fetch(`http://127.0.0.1:${port}${path}`, { method: request.method ?? 'GET', headers, ...sent });
    const altered = between.alter(path.replace(/\?.*$/, ''), await reply.json());
    return altered === DOWN
      ? json(503, { error: { type: 'api_error', message: 'down' } })
      : json(reply.status, altered);
  });
  onTestFinished(front.close);
  return { between, asked, endpoint: `http://127.0.0.1:${front.port}` };
};
