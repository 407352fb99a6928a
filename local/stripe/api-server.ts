import type { IncomingMessage } from 'node:http';
import { openFront } from '../front.ts';
import type { Answer } from '../http-answer.ts';
import { readBody } from '../http-body.ts';
import type { ApiAnswer, ApiRequest } from './api.ts';
import type { ErrorBody } from './api-fault.ts';
import { STRIPE_API_VERSION } from './local-keys.ts';
import { newId } from './new-id.ts';

const BODY_LIMIT = 1024 * 1024;

/** `true`: every call is answered 503 and does nothing. `lost_answers`: calls are carried out, and the connection breaks before the answer. */
export type Outage = boolean | 'lost_answers';

export interface ApiServer {
  readonly port: number;
  readonly outage: (how: Outage) => void;
  /** How long each call takes, in real time, before anything is done. */
  readonly delayMs: (ms: number) => void;
  readonly close: () => Promise<void>;
}

const errorAnswer = (status: number, error: ErrorBody): ApiAnswer => ({
  status,
  body: JSON.stringify({ error }),
  replayed: false,
});

const DOWN = errorAnswer(503, { type: 'api_error', message: 'Stripe is down.' });
const TOO_LARGE = errorAnswer(413, { type: 'invalid_request_error', message: 'The request is too large.' });
const IN_USE = errorAnswer(409, {
  type: 'idempotency_error',
  code: 'idempotency_key_in_use',
  message: 'There is currently another in-progress request using this Idempotent Key.',
});

const header = (request: IncomingMessage, name: string): string | undefined => {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
};

const asRequest = (request: IncomingMessage, body: string): ApiRequest => {
  const [path = '/', query = ''] = (request.url ?? '/').split('?', 2);
  return {
    id: newId('req'),
    method: request.method ?? 'GET',
    path,
    query,
    body,
    authorization: header(request, 'authorization'),
    version: header(request, 'stripe-version'),
    idempotencyKey: header(request, 'idempotency-key'),
  };
};

const asAnswer = (request: ApiRequest, { status, body, replayed }: ApiAnswer): Answer => ({
  status,
  headers: {
    'content-type': 'application/json',
    'request-id': request.id,
    'stripe-version': STRIPE_API_VERSION,
    ...(request.idempotencyKey !== undefined && { 'idempotency-key': request.idempotencyKey }),
    ...(replayed && { 'idempotent-replayed': 'true' }),
  },
  body,
});

/** The listener that the SDK talks to, on a free port of its own. `afterwards` is called when a call has been carried out. */
export const openApiServer = async (
  answer: (request: ApiRequest) => ApiAnswer,
  afterwards: () => void,
): Promise<ApiServer> => {
  let out: Outage = false;
  let delay = 0;
  const underWay = new Set<string>();

  const respond = async (request: ApiRequest): Promise<ApiAnswer> => {
    if (out === true) return DOWN;
    const key = request.idempotencyKey ?? request.id;
    if (underWay.has(key)) return IN_USE;
    underWay.add(key);
    try {
      if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
      return answer(request);
    } finally {
      underWay.delete(key);
    }
  };

  const front = await openFront(0);
  front.open(async (incoming) => {
    const body = await readBody(incoming, BODY_LIMIT);
    if (body === 'too_large') return asAnswer(asRequest(incoming, ''), TOO_LARGE);
    const request = asRequest(incoming, body.toString('utf8'));
    const answered = await respond(request);
    if (out === 'lost_answers') incoming.socket.destroy();
    // After the answer has left, as Stripe's events come after its answers.
    if (request.method !== 'GET') setImmediate(afterwards);
    return asAnswer(request, answered);
  });

  return {
    port: front.port,
    outage: (how) => {
      out = how;
    },
    delayMs: (ms) => {
      delay = ms;
    },
    close: front.close,
  };
};
