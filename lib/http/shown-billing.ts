import type * as z from 'zod/mini';
import type { Standing } from '../domain/standing.ts';
import type { getBilling } from './contract/billing.ts';
import { iso } from './shown.ts';

const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms));

/** R25, as the API shows it. */
export const shownBilling = (standing: Standing, nowMs: number): z.infer<typeof getBilling.reply> => {
  const { planId, status, renewsAtMs, endsAtMs, nextCharge, nextPlan, failure } = standing;
  return {
    plan: planId,
    status,
    renewsAt: isoOrNull(renewsAtMs),
    endsAt: isoOrNull(endsAtMs),
    nextCharge:
      nextCharge === null
        ? null
        : { amount: nextCharge.amount, currency: nextCharge.currency, at: iso(nextCharge.atMs) },
    nextPlan: nextPlan === null ? null : { plan: nextPlan.planId, at: iso(nextPlan.atMs) },
    paymentFailed: failure === null ? null : { at: iso(failure.atMs), nextAttemptAt: isoOrNull(failure.nextAttemptMs) },
    asOf: iso(nowMs),
  };
};
