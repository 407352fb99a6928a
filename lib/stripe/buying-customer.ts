import { createHash } from 'node:crypto';
import { once } from './buying-options.ts';
import type { StripeClient } from './stripe-client.ts';

/** R16: an account's customer at Stripe: the same one, however many ask at once. Answers with its id. */
export const createCustomer = async (stripe: StripeClient, accountId: string): Promise<string> => {
  const hash = createHash('sha256').update(accountId).digest('base64url');
  const customer = await stripe.customers.create({ metadata: { accountId } }, once(`customer:${hash}`));
  return customer.id;
};
