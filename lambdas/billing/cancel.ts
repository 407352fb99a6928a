import { FREE_PLAN_ID } from '../../lib/domain/catalog.ts';
import type { Refusal } from '../../lib/domain/refusal.ts';
import { soldBy } from '../../lib/domain/sold-price.ts';
import type { Command } from '../../lib/http/command.ts';
import { applyFact } from '../../lib/payments/apply-fact.ts';
import { endNow, releaseSchedule, renewalDraft, setCancellation } from '../../lib/stripe/plan-change.ts';
import type { BillingDeps } from './dependencies.ts';
import { asTold } from './told.ts';
import { underChange } from './under-change.ts';
import type { ShownBilling } from './view.ts';

type Asked = Command<unknown, unknown, unknown>;

/**
 * R18: no further charge; what is paid for stays until the period's end. Where the period is not paid, or not charged yet, there is nothing
 * to keep, and Stripe would go on to charge it: then it ends now. Refuses with `no_subscription`.
 */
export const cancel = (deps: BillingDeps, { caller }: Asked): Promise<ShownBilling | Refusal> =>
  underChange(
    deps,
    caller.sub,
    () => FREE_PLAN_ID,
    async ({ call, subscription, billing }) => {
      const { id, status, renews, scheduleId } = subscription;
      const draftId = await renewalDraft(call, id);
      if (draftId !== null || (status !== 'active' && status !== 'trialing')) {
        await applyFact(deps, await endNow(call, id, draftId));
        return 'remembered';
      }
      if (!renews) await applyFact(deps, asTold(billing, subscription));
      else {
        if (scheduleId !== null) await releaseSchedule(call, scheduleId);
        await applyFact(deps, await setCancellation(call, id, true));
      }
      return 'done';
    },
  );

/** R18: takes a cancellation back, until the period's end. Refuses with `no_subscription`. */
export const resume = (deps: BillingDeps, { caller }: Asked): Promise<ShownBilling | Refusal> =>
  underChange(
    deps,
    caller.sub,
    ({ priceId }) => soldBy(deps.prices, priceId)?.item ?? priceId,
    async ({ call, subscription, billing }) => {
      const { id, renews } = subscription;
      await applyFact(deps, renews ? asTold(billing, subscription) : await setCancellation(call, id, false));
      return 'done';
    },
  );
