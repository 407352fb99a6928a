import type { Call } from './api-call.ts';
import { ApiFault, type ErrorBody } from './api-fault.ts';
import { allCalls } from './calls/all-calls.ts';
import type { Database } from './database.ts';
import { expanded } from './expand.ts';
import { decodeForm } from './form.ts';
import { earlierAnswer, fingerprintOf, requiredKey } from './idempotency.ts';
import { LOCAL_STRIPE_KEY, STRIPE_API_VERSION } from './local-keys.ts';
import { type Moment, momentAt } from './moment.ts';

export interface ApiRequest {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  /** Without its `?`. */
  readonly query: string;
  readonly body: string;
  readonly authorization: string | undefined;
  readonly version: string | undefined;
  readonly idempotencyKey: string | undefined;
}

export interface ApiAnswer {
  readonly status: number;
  readonly body: string;
  /** The answer to the same request before. */
  readonly replayed: boolean;
}

const unauthorized = (message: string): ApiFault => new ApiFault(401, { type: 'invalid_request_error', message }, true);

const checkKey = (authorization: string | undefined): void => {
  const key = /^Bearer (.+)$/.exec(authorization ?? '')?.[1];
  if (key === undefined) throw unauthorized('You did not provide an API key.');
  if (key !== LOCAL_STRIPE_KEY) throw unauthorized(`Invalid API Key provided: ${key.slice(0, 8)}****`);
};

const checkVersion = (version: string | undefined): void => {
  if (version === undefined || version === STRIPE_API_VERSION) return;
  const message = `The stand-in answers as ${STRIPE_API_VERSION}; the request is for ${version}.`;
  throw new ApiFault(400, { type: 'invalid_request_error', message }, true);
};

const findCall = ({ method, path }: ApiRequest): { readonly call: Call; readonly id: string } => {
  for (const call of allCalls) {
    const match = call.method === method ? call.pattern.exec(path) : null;
    if (match !== null) return { call, id: match[1] ?? '' };
  }
  const message = `Unrecognized request URL (${method}: ${path}).`;
  throw new ApiFault(404, { type: 'invalid_request_error', message }, true);
};

const faultAnswer = (status: number, error: ErrorBody): ApiAnswer => ({
  status,
  body: JSON.stringify({ error }, null, 2),
  replayed: false,
});

const expandOf = (params: unknown): string[] =>
  typeof params === 'object' && params !== null && 'expand' in params && typeof params.expand === 'object'
    ? Object.values(params.expand ?? {}).map(String)
    : [];

const carryOut = (moment: Moment, call: Call, id: string, form: string): string => {
  const params = decodeForm(form);
  return JSON.stringify(expanded(moment, call.answer(moment, params, id), expandOf(params)), null, 2);
};

/** Stripe's API. What a POST does, its events and its answer are kept together before it is answered, or none of them is. */
export const createApi = (db: Database, now: () => number, publicUrl: () => string) => {
  const answerPost = (request: ApiRequest, call: Call, id: string): ApiAnswer => {
    const key = requiredKey(request.idempotencyKey);
    const fingerprint = fingerprintOf(request.method, request.path, request.body);
    const atMs = now();
    const earlier = earlierAnswer(db, key, fingerprint, atMs);
    if (earlier !== undefined) return { status: earlier.status, body: earlier.body, replayed: true };
    const keep = ({ status, body }: ApiAnswer): ApiAnswer => {
      db.idempotentAnswers.put({ id: key, atMs, fingerprint, status, body });
      return { status, body, replayed: false };
    };
    const moment = momentAt(db, atMs, publicUrl, { id: request.id, idempotencyKey: key });
    try {
      return db.transact(() => keep({ status: 200, body: carryOut(moment, call, id, request.body), replayed: false }));
    } catch (error) {
      if (!(error instanceof ApiFault) || error.unheard) throw error;
      return db.transact(() => keep(faultAnswer(error.status, error.body)));
    }
  };

  return (request: ApiRequest): ApiAnswer => {
    try {
      checkKey(request.authorization);
      checkVersion(request.version);
      const { call, id } = findCall(request);
      if (request.method === 'POST') return answerPost(request, call, id);
      const moment = momentAt(db, now(), publicUrl, { id: request.id, idempotencyKey: null });
      return { status: 200, body: db.transact(() => carryOut(moment, call, id, request.query)), replayed: false };
    } catch (error) {
      if (error instanceof ApiFault) return faultAnswer(error.status, error.body);
      console.error(error);
      return faultAnswer(500, { type: 'api_error', message: 'The stand-in broke; see its log.' });
    }
  };
};
