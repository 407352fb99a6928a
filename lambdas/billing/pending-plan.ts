import { setRenewal } from '../../lib/domain/subscription.ts';
import { changePaid } from '../../lib/payments/change-paid.ts';
import type { BillingDeps } from './dependencies.ts';

/** R18: a downgrade is on its way: account and billing both say so, while it is this change that they wait for. */
export const setPendingPlan = (
  deps: BillingDeps,
  accountId: string,
  { changeId, planId }: { readonly changeId: string; readonly planId: string },
): Promise<unknown> =>
  changePaid(deps, accountId, async (account, billing) =>
    billing.change?.id === changeId
      ? {
          account: setRenewal(account, { renews: true, nextPlanId: planId }),
          entries: [],
          billing: { ...billing, nextPlanId: planId },
        }
      : null,
  );
