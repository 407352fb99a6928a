import { again, isMissing } from './buying-options.ts';
import type { StripeClient } from './stripe-client.ts';

/**
 * Deletes a customer at Stripe: e-mail, name, address, tax ids, cards, for good; a subscription of it ends with it
 * (https://docs.stripe.com/api/customers/delete). Payments and invoices stay, as the law on accounts wants them to. One that Stripe knows
 * as deleted is done; one it does not know at all is a fault: the key is of another account, or of the other mode.
 */
export const deleteCustomer = async (stripe: StripeClient, customerId: string): Promise<void> => {
  try {
    await stripe.customers.del(customerId, {}, again);
  } catch (fault) {
    if (!isMissing(fault) || !(await stripe.customers.retrieve(customerId, {}, again)).deleted) throw fault;
  }
};
