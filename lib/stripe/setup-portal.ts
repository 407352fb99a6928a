import type Stripe from 'stripe';
import { again } from './buying-options.ts';
import type { SetupPart } from './setup-change.ts';
import type { StripeClient } from './stripe-client.ts';

/** What stands on an invoice: its receiver may put it right. */
const UPDATES = ['address', 'email', 'name', 'tax_id'] as const;

/** R16: the portal is for cards and invoices. Cancelling and changing plan go through our own API (R18), which knows what they mean. */
export const portalFeatures = (pauses: boolean): Stripe.BillingPortal.ConfigurationCreateParams.Features => ({
  customer_update: { enabled: true, allowed_updates: [...UPDATES] },
  invoice_history: { enabled: true },
  payment_method_update: { enabled: true },
  subscription_cancel: { enabled: false },
  subscription_update: { enabled: false },
  ...(pauses && { subscription_pause: { enabled: false } }),
});

const isAsWanted = ({ features }: Stripe.BillingPortal.Configuration): boolean =>
  features.customer_update.enabled &&
  [...features.customer_update.allowed_updates].sort().join() === UPDATES.join() &&
  features.invoice_history.enabled &&
  features.payment_method_update.enabled &&
  !features.subscription_cancel.enabled &&
  !features.subscription_update.enabled &&
  !features.subscription_pause.enabled;

const saveOnce = (live: boolean): string =>
  `the account has no default portal configuration, and only the Dashboard makes one: save the settings once at https://dashboard.stripe.com/${live ? '' : 'test/'}settings/billing/portal, then run this again`;

/** The account's default configuration is what a portal session opens with (`openPortal` names none). Stripe lets nobody make another one the default. */
export const planPortal = async (stripe: StripeClient, live: boolean): Promise<SetupPart> => {
  const [found] = (await stripe.billingPortal.configurations.list({ is_default: true, limit: 1 }, again)).data;
  if (found === undefined) return { changes: [], faults: [], byHand: [saveOnce(live)] };
  const pauses = found.features.subscription_pause.enabled;
  const changes = isAsWanted(found) ? [] : [{ does: 'update_portal', configurationId: found.id, pauses } as const];
  return { changes, faults: [], byHand: [] };
};
