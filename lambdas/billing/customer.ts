import { isRefusal } from '../../lib/domain/refusal.ts';
import { changeBilling, readBilling } from '../../lib/store/billing.ts';
import { customerRow } from '../../lib/store/billing-row.ts';
import { createCustomer, isCustomerDeleted } from '../../lib/stripe/buying-customer.ts';
import type { BillingDeps } from './dependencies.ts';

/** The account's customer, made when it is first needed, or when `goneId` is the one on record; it is on record before anything is sold to it. */
const customerOf = async (
  { table, stripe }: BillingDeps,
  accountId: string,
  goneId: string | null,
): Promise<string> => {
  const { customerId: known } = await readBilling(table, accountId);
  if (known !== null && known !== goneId) return known;
  const customerId = await createCustomer(await stripe(), accountId, known);
  // The row of the one that is gone stays: what it has paid may still be told, or go back.
  const kept = await changeBilling(table, accountId, (billing) =>
    billing.customerId === known
      ? { billing: { ...billing, customerId }, rows: [customerRow(customerId, accountId)] }
      : null,
  );
  if (isRefusal(kept) || kept.customerId === null) throw new Error('a customer was made and not kept');
  return kept.customerId;
};

/** For a day Stripe repeats an answer though what it made is deleted: more customers of one account than are deleted in a day. */
const MOST = 4;

/**
 * R16: does what is to be done with the account's one Stripe customer. Where somebody has deleted that at Stripe, which cannot be undone,
 * it is done again with another in its place. `work` must bear to be repeated with another customer.
 */
export const withCustomer = async <T>(
  deps: BillingDeps,
  accountId: string,
  work: (customerId: string) => Promise<T>,
): Promise<T> => {
  let customerId = await customerOf(deps, accountId, null);
  for (let tries = 1; ; tries++) {
    try {
      return await work(customerId);
    } catch (fault) {
      if (tries === MOST || !(await isCustomerDeleted(await deps.stripe(), fault, customerId))) throw fault;
      customerId = await customerOf(deps, accountId, customerId);
    }
  }
};
