import { once } from './buying-options.ts';
import type { StripeClient } from './stripe-client.ts';

export interface PortalOptions {
  readonly customerId: string;
  readonly returnUrl: string;
  /** A page is good for minutes and for one visit: each request gets its own. */
  readonly requestId: string;
}

/** R16: a page of the billing portal. What it offers is the account's default configuration: cards and invoices. */
export const openPortal = async (
  stripe: StripeClient,
  { customerId, returnUrl, requestId }: PortalOptions,
): Promise<string> => {
  const params = { customer: customerId, return_url: returnUrl };
  return (await stripe.billingPortal.sessions.create(params, once(`portal:${requestId}`))).url;
};
