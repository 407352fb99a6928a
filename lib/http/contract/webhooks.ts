import * as z from 'zod/mini';
import { operation } from './operation.ts';
import { none, noQuery } from './words.ts';

export const stripeWebhook = operation({
  id: 'stripeWebhook',
  method: 'POST',
  path: '/v1/webhooks/stripe',
  door: 'webhooks',
  summary: 'Takes an event of Stripe’s, signed in the header `stripe-signature` over the body as it was sent.',
  scopes: [],
  params: none,
  query: noQuery,
  /** Read by its signature, not by a schema: an event of any type is taken. */
  body: z.looseObject({}),
  status: 200,
  reply: z.object({ received: z.literal(true) }),
  refusals: [],
});
