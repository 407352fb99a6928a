import Stripe from 'stripe';
import { askedSignal } from '../deadline/deadline.ts';

export type StripeClient = Stripe;

export interface StripeAccess {
  /** `sk_…` or, better, a restricted `rk_…`. */
  readonly apiKey: string;
  /** Another address than Stripe's own: `http://localhost:12111`. */
  readonly endpoint?: string | undefined;
}

/** Stripe mostly answers within one second; three such calls still fit the ten seconds after which our callers have an answer. */
const TIMEOUT_MS = 3_000;

/** Where another address than Stripe's own is; throws for what is not a plain `http` or `https` origin. */
const addressOf = (endpoint: string): { protocol: 'http' | 'https'; host: string; port: string } => {
  const { protocol, hostname, port, pathname, search } = new URL(endpoint);
  if ((protocol !== 'http:' && protocol !== 'https:') || pathname !== '/' || search !== '')
    throw new Error('STRIPE_ENDPOINT must be an origin, such as http://localhost:12111');
  if (protocol === 'http:') return { protocol: 'http', host: hostname, port: port || '80' };
  return { protocol: 'https', host: hostname, port: port || '443' };
};

/**
 * For a request that has its answer nothing is sent any more, and what is under way is given up: the SDK would try again by a timer, which
 * stands still while the function is frozen, and fires when another request thaws it. A call given up on took effect or not, as one whose answer
 * is lost: the same request again, with the same key, finds out.
 */
const fetchWhileAsked: typeof fetch = (input, init) => {
  const signals = [askedSignal(), init?.signal].filter((signal) => signal instanceof AbortSignal);
  return fetch(input, { ...init, signal: AbortSignal.any(signals) });
};

/**
 * Stripe through its SDK, at the API version the SDK is made for. It does not retry what failed unless the call says so (`once`, `again`): who
 * calls knows how much time is left, and an event that could not be acted on comes again.
 *
 * Over `fetch`, where the timeout bounds a call from its first packet to its last. The SDK's usual client, over `node:https`, counts from
 * when the connection stands and twice where the handshake hangs, and tries a broken connection again whatever it is told.
 */
export const stripeClient = ({ apiKey, endpoint }: StripeAccess): StripeClient =>
  new Stripe(apiKey, {
    ...(endpoint === undefined ? {} : addressOf(endpoint)),
    httpClient: Stripe.createFetchHttpClient(fetchWhileAsked),
    timeout: TIMEOUT_MS,
    maxNetworkRetries: 0,
    telemetry: false,
  });
