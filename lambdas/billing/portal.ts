import { randomUUID } from 'node:crypto';
import type * as z from 'zod/mini';
import type { Command } from '../../lib/http/command.ts';
import type { createPortal } from '../../lib/http/contract/billing.ts';
import { openPortal } from '../../lib/stripe/portal-session.ts';
import { withCustomer } from './customer.ts';
import type { BillingDeps } from './dependencies.ts';

/** R16: a page for cards and invoices. */
export const portal = async (
  deps: BillingDeps,
  { caller }: Command<unknown, unknown, unknown>,
): Promise<z.infer<typeof createPortal.reply>> => {
  const url = await withCustomer(deps, caller.sub, async (customerId) =>
    openPortal(await deps.stripe(), { customerId, returnUrl: deps.appUrl, requestId: randomUUID() }),
  );
  return { url };
};
