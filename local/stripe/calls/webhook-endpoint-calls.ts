import type Stripe from 'stripe';
import * as z from 'zod/mini';
import { call } from '../api-call.ts';
import { need } from '../api-fault.ts';
import type { Database } from '../database.ts';
import * as field from '../form-field.ts';
import { pageOf } from '../list-page.ts';
import { newId } from '../new-id.ts';
import { webhookEndpointObject } from '../objects/webhook-endpoint-object.ts';
import type { WebhookEndpoint } from '../records.ts';

// Only remembered, for a setup script to find again: what is delivered goes to the one receiver the stand-in was opened with.

const create = field.paramsOf<Stripe.WebhookEndpointCreateParams>()({
  ...field.expandable,
  url: field.url,
  enabled_events: field.listOf(field.text),
  api_version: z.optional(field.text),
  description: z.optional(field.textOrNone),
  metadata: z.optional(field.metadata),
});
const update = field.paramsOf<Stripe.WebhookEndpointUpdateParams>()({
  ...field.expandable,
  url: z.optional(field.url),
  enabled_events: z.optional(field.listOf(field.text)),
  description: z.optional(field.textOrNone),
  disabled: z.optional(field.flag),
  metadata: z.optional(field.metadata),
});
const retrieve = field.paramsOf<Stripe.WebhookEndpointRetrieveParams>()(field.expandable);
const list = field.paramsOf<Stripe.WebhookEndpointListParams>()(field.paging);
const KIND = 'webhook endpoint';

const find = (db: Database, id: string): WebhookEndpoint => {
  const endpoint = db.webhookEndpoints.get(id);
  return need(endpoint?.deleted === true ? undefined : endpoint, KIND, id);
};

export const webhookEndpointCalls = [
  call('POST', '/v1/webhook_endpoints', create, ({ db, nowS }, params) =>
    webhookEndpointObject(
      db.webhookEndpoints.put({
        id: newId('we'),
        createdS: nowS,
        url: params.url,
        enabledEvents: params.enabled_events,
        apiVersion: params.api_version ?? null,
        description: params.description ?? null,
        disabled: false,
        deleted: false,
        metadata: field.mergedMetadata({}, params.metadata),
      }),
      true,
    ),
  ),
  call('GET', '/v1/webhook_endpoints', list, ({ db }, params) =>
    pageOf(db.webhookEndpoints.all(), params, {
      where: ({ deleted }) => !deleted,
      url: '/v1/webhook_endpoints',
      kind: KIND,
      show: (endpoint) => webhookEndpointObject(endpoint),
    }),
  ),
  call('GET', '/v1/webhook_endpoints/:id', retrieve, ({ db }, _, id) => webhookEndpointObject(find(db, id))),
  call('POST', '/v1/webhook_endpoints/:id', update, ({ db }, params, id) => {
    const before = find(db, id);
    return webhookEndpointObject(
      db.webhookEndpoints.put({
        ...before,
        url: params.url ?? before.url,
        enabledEvents: params.enabled_events ?? before.enabledEvents,
        description: params.description === undefined ? before.description : params.description,
        disabled: params.disabled ?? before.disabled,
        metadata: field.mergedMetadata(before.metadata, params.metadata),
      }),
    );
  }),
  call('DELETE', '/v1/webhook_endpoints/:id', z.strictObject({}), ({ db }, _, id): Stripe.DeletedWebhookEndpoint => {
    db.webhookEndpoints.put({ ...find(db, id), deleted: true });
    return { id, object: 'webhook_endpoint', deleted: true };
  }),
];
