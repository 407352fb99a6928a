import { isRefusal } from '../../lib/domain/refusal.ts';
import { changeBilling, readBilling } from '../../lib/store/billing.ts';
import { customerRow } from '../../lib/store/billing-row.ts';
import { createCustomer } from '../../lib/stripe/buying-customer.ts';
import type { BillingDeps } from './dependencies.ts';

/** R16: the account's one Stripe customer, made when it is first needed and on record before anything is sold to it. */
export const customerOf = async ({ table, stripe }: BillingDeps, accountId: string): Promise<string> => {
  const { customerId: known } = await readBilling(table, accountId);
  if (known !== null) return known;
  const customerId = await createCustomer(await stripe(), accountId);
  const kept = await changeBilling(table, accountId, (billing) =>
    billing.customerId === null
      ? { billing: { ...billing, customerId }, rows: [customerRow(customerId, accountId)] }
      : null,
  );
  if (isRefusal(kept) || kept.customerId === null) throw new Error('a customer was made and not kept');
  return kept.customerId;
};
