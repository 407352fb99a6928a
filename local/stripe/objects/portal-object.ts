import type Stripe from 'stripe';
import type { PortalConfiguration, PortalSession } from '../records.ts';

export const portalSessionObject = (session: PortalSession, publicUrl: string): Stripe.BillingPortal.Session => ({
  id: session.id,
  object: 'billing_portal.session',
  configuration: session.configurationId,
  created: session.createdS,
  customer: session.customerId,
  customer_account: null,
  flow: null,
  livemode: false,
  locale: session.locale,
  on_behalf_of: null,
  return_url: session.returnUrl,
  url: `${publicUrl}/local/stripe/portal/${session.id}`,
});

export const portalConfigurationObject = (configuration: PortalConfiguration): Stripe.BillingPortal.Configuration => {
  const { features } = configuration;
  return {
    id: configuration.id,
    object: 'billing_portal.configuration',
    active: configuration.active,
    application: null,
    business_profile: {
      headline: configuration.headline,
      privacy_policy_url: configuration.privacyPolicyUrl,
      terms_of_service_url: configuration.termsOfServiceUrl,
    },
    created: configuration.createdS,
    default_return_url: configuration.defaultReturnUrl,
    features: {
      customer_update: { allowed_updates: features.customerUpdates, enabled: features.customerUpdates.length > 0 },
      invoice_history: { enabled: features.invoiceHistory },
      payment_method_update: { enabled: features.paymentMethodUpdate, payment_method_configuration: null },
      subscription_cancel: {
        cancellation_reason: { enabled: false, feedback_options: null, options: [] },
        enabled: false,
        mode: 'at_period_end',
        proration_behavior: 'none',
      },
      subscription_pause: { duration: { interval_options: [], type: 'indefinite' }, enabled: false },
      subscription_update: {
        billing_cycle_anchor: 'unchanged',
        default_allowed_updates: [],
        enabled: false,
        products: [],
        proration_behavior: 'none',
        schedule_at_period_end: { conditions: [] },
        trial_update_behavior: 'continue_trial',
      },
    },
    is_default: configuration.isDefault,
    livemode: false,
    login_page: { enabled: false, url: null },
    metadata: configuration.metadata,
    name: configuration.name,
    updated: configuration.updatedS,
  };
};
