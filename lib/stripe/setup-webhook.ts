import Stripe from 'stripe';
import { again } from './buying-options.ts';
import { HEARD_EVENTS } from './event-facts.ts';
import type { SetupPart } from './setup-change.ts';
import type { StripeClient } from './stripe-client.ts';

const PAGE = 100;

const isAsWanted = ({ enabled_events, status }: Stripe.WebhookEndpoint): boolean =>
  status === 'enabled' && [...enabled_events].sort().join() === [...HEARD_EVENTS].sort().join();

const another = ({ id, api_version }: Stripe.WebhookEndpoint): string =>
  `webhook endpoint ${id} delivers to the same URL${api_version === Stripe.API_VERSION ? '' : `, at API version ${api_version ?? 'of the account'}`}: delete it in the Dashboard when the other one's secret is in Secrets Manager`;

/**
 * One endpoint at our URL, at the API version whose shapes are read, with exactly the events that are heard. Stripe sets an endpoint's
 * version when it is made: one of another version is replaced, and goes on until a person deletes it, so that nothing is lost in between.
 */
export const planWebhook = async (stripe: StripeClient, url: string): Promise<SetupPart> => {
  const here: Stripe.WebhookEndpoint[] = [];
  for await (const endpoint of stripe.webhookEndpoints.list({ limit: PAGE }, again))
    if (endpoint.url === url) here.push(endpoint);
  const ours = here.find(({ api_version }) => api_version === Stripe.API_VERSION);
  const others = here.filter(({ id, status }) => id !== ours?.id && status === 'enabled');
  const changes =
    ours === undefined
      ? [{ does: 'create_webhook', url } as const]
      : isAsWanted(ours)
        ? []
        : [{ does: 'update_webhook', endpointId: ours.id } as const];
  return { changes, faults: [], byHand: others.map(another) };
};
