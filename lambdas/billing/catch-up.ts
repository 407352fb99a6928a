import { applyFact } from '../../lib/payments/apply-fact.ts';
import { readBilling } from '../../lib/store/billing.ts';
import { readSession } from '../../lib/stripe/checkout-session.ts';
import { readWithInvoice } from '../../lib/stripe/plan-change.ts';
import type { BillingDeps } from './dependencies.ts';

/**
 * Hears of the subscription that an account's open plan order has led to, where Stripe has not told of it yet: who has just paid may
 * cancel or upgrade without waiting for a webhook. The same path as the webhook's, which finds it done.
 */
export const catchUp = async (deps: BillingDeps, accountId: string): Promise<void> => {
  const { plan: order } = (await readBilling(deps.table, accountId)).orders;
  if (order === undefined || order.sessionId === null) return;
  const stripe = await deps.stripe();
  const { subscriptionId } = await readSession(stripe, order.sessionId);
  if (subscriptionId !== null) await hearOf(deps, subscriptionId);
};

/** Hears how a subscription stands, and of its latest payment, from Stripe itself. */
export const hearOf = async (deps: BillingDeps, subscriptionId: string): Promise<void> => {
  const call = { stripe: await deps.stripe(), id: subscriptionId, nowMs: deps.now() };
  for (const fact of await readWithInvoice(call, subscriptionId)) await applyFact(deps, fact);
};
