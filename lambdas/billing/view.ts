import type * as z from 'zod/mini';
import { standingOf } from '../../lib/domain/standing.ts';
import type { getBilling } from '../../lib/http/contract/billing.ts';
import { shownBilling } from '../../lib/http/shown-billing.ts';
import { viewAccount } from '../../lib/store/account-view.ts';
import { readBilling } from '../../lib/store/billing.ts';
import type { BillingDeps } from './dependencies.ts';

export type ShownBilling = z.infer<typeof getBilling.reply>;

/** R25: from our own rows, exact at this instant; Stripe is not asked. */
export const view = async ({ table, prices, now }: BillingDeps, accountId: string): Promise<ShownBilling> => {
  const nowMs = now();
  const [{ account }, billing] = await Promise.all([
    viewAccount(table, accountId, nowMs),
    readBilling(table, accountId),
  ]);
  return shownBilling(standingOf(account, billing, prices, nowMs), nowMs);
};
