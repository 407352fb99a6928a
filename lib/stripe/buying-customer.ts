import { createHash } from 'node:crypto';
import { again, isMissing, once } from './buying-options.ts';
import type { StripeClient } from './stripe-client.ts';

/**
 * R16: an account's customer at Stripe: the same one, however many ask at once. Answers with its id. `goneId` is the one before it, which is
 * deleted: under the first one's key Stripe would answer with that for a day.
 */
export const createCustomer = async (
  stripe: StripeClient,
  accountId: string,
  goneId: string | null,
): Promise<string> => {
  const hash = createHash('sha256').update(accountId).digest('base64url');
  const key = goneId === null ? `customer:${hash}` : `customer:${hash}:${goneId}`;
  const customer = await stripe.customers.create({ metadata: { accountId } }, once(key));
  return customer.id;
};

/**
 * Whether a call failed because its customer has been deleted. One that Stripe does not know at all is not: then the key is of another
 * account, or of the other mode, and the customer may be well. https://docs.stripe.com/api/customers/delete
 */
export const isCustomerDeleted = async (stripe: StripeClient, fault: unknown, customerId: string): Promise<boolean> => {
  if (!isMissing(fault, 'customer')) return false;
  try {
    return (await stripe.customers.retrieve(customerId, {}, again)).deleted === true;
  } catch (unknown) {
    if (isMissing(unknown)) return false;
    throw unknown;
  }
};
