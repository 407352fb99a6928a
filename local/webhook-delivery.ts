import type { Deliver } from './stripe/deliveries.ts';

/** How long the webhook has to answer; after that a delivery counts as failed, and comes again. */
const TIMEOUT_MS = 10_000;

/** Sends the stand-in's events to this system's own webhook, as Stripe sends its own. Whoever closes ends what is under way. */
export const webhookDelivery =
  (url: string, closing: AbortSignal, timeoutMs = TIMEOUT_MS): Deliver =>
  async (rawBody, signature) => {
    const response = await fetch(`${url}/v1/webhooks/stripe`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'stripe-signature': signature,
        'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
      },
      body: rawBody,
      signal: AbortSignal.any([closing, AbortSignal.timeout(timeoutMs)]),
    });
    await response.arrayBuffer();
    return response.status;
  };
