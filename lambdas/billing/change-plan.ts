import type * as z from 'zod/mini';
import { planById } from '../../lib/catalog/catalog.ts';
import type { Subscription } from '../../lib/domain/billing.ts';
import { type Plan, planOrFree } from '../../lib/domain/catalog.ts';
import type { PaymentFact } from '../../lib/domain/payment-fact.ts';
import { invalid, type Refusal } from '../../lib/domain/refusal.ts';
import { priceOf, type SoldPrice, soldBy } from '../../lib/domain/sold-price.ts';
import { isUpgrade, notSold } from '../../lib/domain/standing.ts';
import type { Command } from '../../lib/http/command.ts';
import type { changePlan as contract } from '../../lib/http/contract/billing.ts';
import { applyFact } from '../../lib/payments/apply-fact.ts';
import { moveToPrice, readWithInvoice, releaseSchedule, scheduleNext } from '../../lib/stripe/plan-change.ts';
import type { BillingDeps } from './dependencies.ts';
import { setPendingPlan } from './pending-plan.ts';
import { asTold } from './told.ts';
import { type Outcome, type UnderWay, underChange } from './under-change.ts';
import type { ShownBilling } from './view.ts';

type Asked = Command<unknown, unknown, z.infer<typeof contract.body>>;
type Target = { readonly plan: Plan; readonly price: SoldPrice };

const targetOf = ({ catalog, prices }: BillingDeps, planId: string): Target | string => {
  const plan = planById(catalog, planId);
  const price = priceOf(prices, planId);
  const why = notSold(plan, prices);
  return plan === undefined || price === undefined || why !== null ? (why ?? 'is not sold here') : { plan, price };
};

const applyAll = async (deps: BillingDeps, facts: readonly PaymentFact[]): Promise<void> => {
  for (const fact of facts) await applyFact(deps, fact);
};

/** The plan that is there: a downgrade on its way to another is taken back. */
const stay = async (deps: BillingDeps, { call, subscription, billing, interrupted }: UnderWay): Promise<'done'> => {
  const { id, scheduleId } = subscription;
  if (scheduleId !== null) await releaseSchedule(call, scheduleId);
  if (scheduleId !== null || interrupted) await applyAll(deps, await readWithInvoice(call, id));
  else await applyFact(deps, asTold(billing, subscription));
  return 'done';
};

const downgrade = async (
  deps: BillingDeps,
  { call, billing }: UnderWay,
  subscription: Subscription,
  { plan, price }: Target,
): Promise<'done'> => {
  const interval = plan.price?.interval ?? 'month';
  const scheduled = await scheduleNext(call, subscription, { priceId: price.priceId, interval });
  if (scheduled !== null) await applyFact(deps, scheduled);
  await setPendingPlan(deps, billing.accountId, { changeId: billing.change?.id ?? '', planId: plan.id });
  return 'done';
};

/** A declined upgrade changes nothing: the downgrade that was on its way is set on its way again. */
const upgrade = async (deps: BillingDeps, underWay: UnderWay, { price }: Target): Promise<Outcome> => {
  const { call, subscription, billing } = underWay;
  const { scheduleId } = subscription;
  if (scheduleId !== null) await releaseSchedule(call, scheduleId);
  const moved = await moveToPrice(call, subscription, price.priceId);
  if (moved !== 'declined') {
    await applyAll(deps, moved);
    return 'done';
  }
  const pending = scheduleId === null || billing.nextPlanId === null ? '' : targetOf(deps, billing.nextPlanId);
  if (typeof pending !== 'string') {
    const back = { ...underWay, call: { ...call, id: `${call.id}:back` } };
    await downgrade(deps, back, { ...subscription, scheduleId: null }, pending);
  }
  return { refused: 'payment_declined' };
};

/**
 * R18: an upgrade at once, a downgrade at the period's end; the current plan takes a downgrade back. Refuses with `validation_failed` what is
 * not sold, `no_subscription`, `subscription_past_due`, `subscription_ending` where it is cancelled, `payment_declined`.
 */
export const changePlan = async (deps: BillingDeps, { caller, body }: Asked): Promise<ShownBilling | Refusal> => {
  const target = targetOf(deps, body.planId);
  if (typeof target === 'string') return invalid('planId', target);
  const planIdOf = () => target.plan.id;
  return underChange(deps, caller.sub, planIdOf, async (underWay): Promise<Outcome> => {
    const { subscription, billing, interrupted } = underWay;
    const { status, renews, priceId, scheduleId } = subscription;
    if (status !== 'active' && status !== 'trialing') return { refused: 'subscription_past_due' };
    if (!renews) return { refused: 'subscription_ending' };
    const current = planOrFree(deps.catalog, soldBy(deps.prices, priceId)?.item ?? '');
    if (current.id === target.plan.id) return stay(deps, underWay);
    if (isUpgrade(current, target.plan)) return upgrade(deps, underWay, target);
    const known = scheduleId !== null && scheduleId === billing.subscription?.scheduleId;
    if (known && billing.nextPlanId === target.plan.id && !interrupted) return 'done';
    return downgrade(deps, underWay, subscription, target);
  });
};
