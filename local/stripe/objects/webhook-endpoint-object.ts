import type Stripe from 'stripe';
import { LOCAL_WEBHOOK_SECRET } from '../local-keys.ts';
import type { WebhookEndpoint } from '../records.ts';

/** Stripe shows the signing secret once, in the answer that creates the endpoint. */
export const webhookEndpointObject = (endpoint: WebhookEndpoint, created = false): Stripe.WebhookEndpoint => ({
  id: endpoint.id,
  object: 'webhook_endpoint',
  api_version: endpoint.apiVersion,
  application: null,
  created: endpoint.createdS,
  description: endpoint.description,
  enabled_events: endpoint.enabledEvents,
  livemode: false,
  metadata: endpoint.metadata,
  ...(created && { secret: LOCAL_WEBHOOK_SECRET }),
  status: endpoint.disabled ? 'disabled' : 'enabled',
  url: endpoint.url,
});
