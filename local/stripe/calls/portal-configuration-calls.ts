import type Stripe from 'stripe';
import * as z from 'zod/mini';
import { call } from '../api-call.ts';
import { need } from '../api-fault.ts';
import * as field from '../form-field.ts';
import { pageOf } from '../list-page.ts';
import { newId } from '../new-id.ts';
import { portalConfigurationObject } from '../objects/portal-object.ts';
import type { PortalFeatures } from '../records.ts';

const switched = z.strictObject({ enabled: field.flag });
// Cancelling and changing plan go through this system's own API (R18), so that a portal that offers them is a mistake of ours.
const off = z.strictObject({ enabled: z.literal('false', 'the stand-in has no portal that changes subscriptions') });

const features = z.strictObject({
  customer_update: z.optional(
    z.strictObject({ enabled: field.flag, allowed_updates: z.optional(field.listOf(field.text)) }),
  ),
  invoice_history: z.optional(switched),
  payment_method_update: z.optional(switched),
  subscription_cancel: z.optional(off),
  subscription_update: z.optional(off),
});

const facts = {
  ...field.expandable,
  business_profile: z.optional(
    z.strictObject({
      headline: z.optional(field.textOrNone),
      privacy_policy_url: z.optional(field.textOrNone),
      terms_of_service_url: z.optional(field.textOrNone),
    }),
  ),
  default_return_url: z.optional(field.textOrNone),
  metadata: z.optional(field.metadata),
  name: z.optional(field.textOrNone),
};

const create = field.paramsOf<Stripe.BillingPortal.ConfigurationCreateParams>()({ ...facts, features });
const update = field.paramsOf<Stripe.BillingPortal.ConfigurationUpdateParams>()({
  ...facts,
  active: z.optional(field.flag),
  features: z.optional(features),
});
const retrieve = field.paramsOf<Stripe.BillingPortal.ConfigurationRetrieveParams>()(field.expandable);
const list = field.paramsOf<Stripe.BillingPortal.ConfigurationListParams>()({
  ...field.paging,
  active: z.optional(field.flag),
  is_default: z.optional(field.flag),
});

const changedFeatures = (before: PortalFeatures, given: z.infer<typeof features> = {}): PortalFeatures => ({
  customerUpdates:
    given.customer_update === undefined ? before.customerUpdates : (given.customer_update.allowed_updates ?? []),
  invoiceHistory: given.invoice_history?.enabled ?? before.invoiceHistory,
  paymentMethodUpdate: given.payment_method_update?.enabled ?? before.paymentMethodUpdate,
});

const NOTHING_OFFERED: PortalFeatures = { customerUpdates: [], invoiceHistory: false, paymentMethodUpdate: false };

const PATH = '/v1/billing_portal/configurations';
const KIND = 'configuration';

export const portalConfigurationCalls = [
  call('POST', PATH, create, ({ db, nowS }, params) =>
    portalConfigurationObject(
      db.portalConfigurations.put({
        id: newId('bpc'),
        createdS: nowS,
        updatedS: nowS,
        name: params.name ?? null,
        active: true,
        isDefault: false,
        headline: params.business_profile?.headline ?? null,
        privacyPolicyUrl: params.business_profile?.privacy_policy_url ?? null,
        termsOfServiceUrl: params.business_profile?.terms_of_service_url ?? null,
        defaultReturnUrl: params.default_return_url ?? null,
        features: changedFeatures(NOTHING_OFFERED, params.features),
        metadata: field.mergedMetadata({}, params.metadata),
      }),
    ),
  ),
  call('GET', PATH, list, ({ db }, params) =>
    pageOf(db.portalConfigurations.all(), params, {
      url: PATH,
      kind: KIND,
      show: portalConfigurationObject,
      where: ({ active, isDefault }) =>
        (params.active === undefined || active === params.active) &&
        (params.is_default === undefined || isDefault === params.is_default),
    }),
  ),
  call('GET', `${PATH}/:id`, retrieve, ({ db }, _, id) =>
    portalConfigurationObject(need(db.portalConfigurations.get(id), KIND, id)),
  ),
  call('POST', `${PATH}/:id`, update, ({ db, nowS }, params, id) => {
    const before = need(db.portalConfigurations.get(id), KIND, id);
    const profile = params.business_profile ?? {};
    const kept = <T>(given: T | undefined, was: T): T => (given === undefined ? was : given);
    return portalConfigurationObject(
      db.portalConfigurations.put({
        ...before,
        updatedS: nowS,
        name: kept(params.name, before.name),
        active: params.active ?? before.active,
        headline: kept(profile.headline, before.headline),
        privacyPolicyUrl: kept(profile.privacy_policy_url, before.privacyPolicyUrl),
        termsOfServiceUrl: kept(profile.terms_of_service_url, before.termsOfServiceUrl),
        defaultReturnUrl: kept(params.default_return_url, before.defaultReturnUrl),
        features: changedFeatures(before.features, params.features),
        metadata: field.mergedMetadata(before.metadata, params.metadata),
      }),
    );
  }),
];
