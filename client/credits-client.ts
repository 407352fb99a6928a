import createClient, { type Client, type Middleware } from 'openapi-fetch';
import { persistentFetch, type Send } from './persistent-fetch.ts';
import type { paths } from './schema.d.ts';

export { accepted, type Refusal, Refused, refusalOf } from './refusal.ts';

/** Histories are JSON; their CSV is asked for with `parseAs: 'text'`. */
type Media = 'application/json' | 'application/problem+json';

/** `credits.POST('/v1/runs', { body })`: paths, parameters, bodies and answers are those of the contract. */
export type CreditsClient = Client<paths, Media>;

export interface ClientOptions {
  /** Where the API is, without `/v1`. */
  readonly baseUrl: string;
  /** A bearer token, asked for before each try: keep it until it lapses. Left out, only the public calls are let in. */
  readonly token?: () => Promise<string>;
  readonly fetch?: Send;
  /** For one try, 30,000 by default: the API itself gives up before. */
  readonly timeoutMs?: number;
  /** How often a call is sent at most; 4 by default. */
  readonly tries?: number;
  readonly sleep?: (ms: number) => Promise<void>;
  readonly random?: () => number;
}

/** Recognised by an `Idempotency-Key` only, and may be sent without one. */
const UNKEYED = ['/v1/support/accounts/{id}/plan'];

/** Its own repeats of such a call must be recognised too. */
const ownKeys: Middleware = {
  onRequest: ({ request, schemaPath }) => {
    if (UNKEYED.includes(schemaPath) && !request.headers.has('idempotency-key'))
      request.headers.set('idempotency-key', crypto.randomUUID());
  },
};

/**
 * The API, typed by its contract. An answer has `data`, or `error` and what `refusalOf` makes of it; only no answer at all is thrown. A lost
 * answer, a 5xx and the gateway's throttle are tried again, which every call allows: a repeat has the effect and the answer of the first.
 */
export const createCreditsClient = ({
  baseUrl,
  token,
  fetch = (request) => globalThis.fetch(request),
  timeoutMs = 30_000,
  tries = 4,
  sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  random = Math.random,
}: ClientOptions): CreditsClient => {
  const client = createClient<paths, Media>({
    baseUrl,
    fetch: persistentFetch({ token, send: fetch, timeoutMs, tries, sleep, random }),
  });
  client.use(ownKeys);
  return client;
};
