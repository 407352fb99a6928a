import { createHmac } from 'node:crypto';
import Stripe from 'stripe';
import * as z from 'zod/mini';
import { stripeWebhook } from '../../lib/http/contract/webhooks.ts';
import type { Api } from './api.ts';
import type { Reply } from './harness.ts';
import type { Shop } from './shop.ts';

/** What the stand-in signs with, and so may anyone who tests. */
const SECRET = 'whsec_local';

const event = z.looseObject({
  id: z.string(),
  type: z.string(),
  created: z.int(),
  data: z.looseObject({ object: z.looseObject({ id: z.string(), customer: z.nullish(z.string()) }) }),
});
export type SentEvent = z.infer<typeof event>;
const listed = z.object({ events: z.array(z.looseObject({ delivery: z.unknown() })) });

/** The header that goes with a body sent at an instant. */
export const signatureOf = (payload: string, atMs: number, secret = SECRET) => ({
  'stripe-signature': Stripe.webhooks.generateTestHeaderString({
    payload,
    secret,
    timestamp: Math.floor(atMs / 1000),
  }),
});

/** The same of bytes that may be no text: https://docs.stripe.com/webhooks#verify-manually */
export const rawSignatureOf = (payload: string | Uint8Array, atMs: number) => {
  const t = Math.floor(atMs / 1000);
  const v1 = createHmac('sha256', SECRET).update(`${t}.`).update(payload).digest('hex');
  return { 'stripe-signature': `t=${t},v1=${v1}` };
};

/** Sends a body to the webhook, signed as of the system's clock unless other headers are given. */
export const deliver = async (
  api: Api,
  rawBody: string,
  headers?: Readonly<Record<string, string>>,
): Promise<Reply> => {
  const given = headers ?? signatureOf(rawBody, await api.system.clock.now());
  return api.system.request(stripeWebhook.method, stripeWebhook.path, { rawBody, headers: given });
};

/** All that Stripe has told or would tell, in the order it happened, as it is sent. */
export const allEvents = async (shop: Shop): Promise<readonly SentEvent[]> => {
  const { events } = listed.parse(await shop.control('GET', 'events'));
  return events.map(({ delivery: _, ...sent }) => event.parse(sent));
};

/** Those of one customer; of refunds and disputes too, which name only the payment. */
export const ofCustomer = (events: readonly SentEvent[], customerId: string): readonly SentEvent[] => {
  const isTheirs = ({ data: { object } }: SentEvent) => object.customer === customerId || object.id === customerId;
  const theirs = new Set(events.filter(isTheirs).map(({ data: { object } }) => object.id));
  return events.filter((each) => isTheirs(each) || theirs.has(String(each.data.object['payment_intent'])));
};

export const eventsOf = async (shop: Shop, customerId: string): Promise<readonly SentEvent[]> =>
  ofCustomer(await allEvents(shop), customerId);

/** The latest event of a type; fails where there is none. */
export const lastOf = (events: readonly SentEvent[], type: string): SentEvent => {
  const found = events.findLast((each) => each.type === type);
  if (found === undefined) throw new Error(`there is no ${type}`);
  return found;
};
