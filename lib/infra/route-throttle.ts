import type { Door, Operation } from '../http/contract/operation.ts';
import type { Throttle } from './stage.ts';

type Limit = (stage: Throttle) => Throttle;

const asTheStage: Limit = (stage) => stage;
/** So that whoever hammers what needs no token does not take the account's requests from those who pay. */
const aQuarter: Limit = ({ rate, burst }) => ({ rate: Math.ceil(rate / 4), burst: Math.ceil(burst / 4) });
/** Stripe takes 25 requests a second at an endpoint (https://docs.stripe.com/rate-limits). More than people do by hand, too. */
const asStripe: Limit = ({ rate, burst }) => ({ rate: Math.min(rate, 25), burst: Math.min(burst, 50) });

const both = (limit: Limit) => ({ reads: limit, writes: limit });

const LIMITS: Readonly<Record<Door, { readonly reads: Limit; readonly writes: Limit }>> = {
  estimate: both(asTheStage),
  approve: both(asTheStage),
  settle: both(asTheStage),
  account: both(asTheStage),
  // Stripe sends in bursts, and each event is money. How many are worked on at once is bounded by the function's share.
  webhooks: both(asTheStage),
  // What is bought, cancelled, refunded makes Stripe do something; how the plan stands is our own to say.
  billing: { reads: asTheStage, writes: asStripe },
  support: both(asStripe),
  pricing: both(aQuarter),
};

/** What a route takes, over all callers: the stage's throttle, or less. */
export const routeThrottle = ({ door, method }: Pick<Operation, 'door' | 'method'>, stage: Throttle): Throttle =>
  LIMITS[door][method === 'GET' ? 'reads' : 'writes'](stage);
