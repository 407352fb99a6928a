import type Stripe from 'stripe';
import * as z from 'zod/mini';
import { call } from '../api-call.ts';
import { need, refused } from '../api-fault.ts';
import { liveCustomer } from '../delete-customer.ts';
import * as field from '../form-field.ts';
import { newId } from '../new-id.ts';
import { portalSessionObject } from '../objects/portal-object.ts';

const create = field.paramsOf<Stripe.BillingPortal.SessionCreateParams>()({
  ...field.expandable,
  customer: field.text,
  configuration: z.optional(field.text),
  return_url: z.optional(field.url),
  locale: z.optional(field.text),
});

export const portalSessionCalls = [
  call('POST', '/v1/billing_portal/sessions', create, ({ db, nowS, publicUrl }, params) => {
    liveCustomer(db, params.customer, 'customer');
    const { configuration: id } = params;
    const configuration =
      id === undefined
        ? db.portalConfigurations.all().find(({ isDefault }) => isDefault)
        : need(db.portalConfigurations.get(id), 'configuration', id, 'configuration');
    if (configuration === undefined) throw refused('No configuration provided and there is no default configuration.');
    return portalSessionObject(
      db.portalSessions.put({
        id: newId('bps'),
        createdS: nowS,
        customerId: params.customer,
        configurationId: configuration.id,
        returnUrl: params.return_url ?? configuration.defaultReturnUrl,
        locale: params.locale ?? null,
      }),
      publicUrl(),
    );
  }),
];
