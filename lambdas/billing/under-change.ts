import { v7 as uuidV7 } from 'uuid';
import type { Billing, Subscription } from '../../lib/domain/billing.ts';
import { FREE_PLAN_ID } from '../../lib/domain/catalog.ts';
import { isRefusal, type Refusal } from '../../lib/domain/refusal.ts';
import { uuidTimeMs } from '../../lib/domain/run-id.ts';
import { liveAt } from '../../lib/domain/standing.ts';
import { SECOND_MS } from '../../lib/domain/time.ts';
import { applyFact } from '../../lib/payments/apply-fact.ts';
import { changeBilling } from '../../lib/store/billing.ts';
import { isAnswered, isRefused } from '../../lib/stripe/buying-options.ts';
import type { ChangeCall } from '../../lib/stripe/plan-change.ts';
import { catchUp, hearOf } from './catch-up.ts';
import type { BillingDeps } from './dependencies.ts';
import { type ShownBilling, view } from './view.ts';

/** Longer than a request lives: a change as old has ended, or died. Until then another one waits for it. */
const CHANGE_LIVES_MS = 15 * SECOND_MS;

/** A change of a subscription under way. */
export interface UnderWay {
  readonly call: ChangeCall;
  /** As Stripe has it now. */
  readonly subscription: Subscription;
  /** As it was when the change began. */
  readonly billing: Billing;
  /** One before it has not come to its end: what is on record may be behind what Stripe has. */
  readonly interrupted: boolean;
}

/** `remembered`: it stays on record, so that a repeat is known when the subscription is over. */
export type Outcome = Refusal | 'done' | 'remembered';
type Work = (underWay: UnderWay) => Promise<Outcome>;

const NO_SUBSCRIPTION = { refused: 'no_subscription' } as const;

type Change = NonNullable<Billing['change']>;
type Begun = { readonly billing: Billing; readonly change: Change; readonly interrupted: boolean };

/** Writes down what is wanted before Stripe is asked; the same wish again, soon after, takes up what it began. */
const begin = async (
  deps: BillingDeps,
  accountId: string,
  planIdOf: (subscription: Subscription) => string,
): Promise<Begun | Refusal> => {
  const nowMs = deps.now();
  let interrupted = false;
  const billing = await changeBilling(deps.table, accountId, (known) => {
    const { subscription, change } = known;
    interrupted = change !== null;
    const planId = subscription === null ? '' : planIdOf(subscription);
    const running = change !== null && nowMs < uuidTimeMs(change.id) + CHANGE_LIVES_MS;
    const same = change?.planId === planId;
    if (running && same) return null;
    if (!liveAt(subscription, nowMs)) return same && planId === FREE_PLAN_ID ? null : NO_SUBSCRIPTION;
    if (running) return { refused: 'unavailable', retryAfterSeconds: CHANGE_LIVES_MS / SECOND_MS };
    const begun = { id: uuidV7({ msecs: nowMs }), planId, fromPriceId: subscription.priceId };
    return { billing: { ...known, change: begun } };
  });
  if (isRefusal(billing)) return billing;
  if (billing.change === null) throw new Error('a change was begun and not written');
  return { billing, change: billing.change, interrupted };
};

const end = (deps: BillingDeps, accountId: string, changeId: string): Promise<unknown> =>
  changeBilling(deps.table, accountId, (billing) =>
    billing.change?.id === changeId ? { billing: { ...billing, change: null } } : null,
  );

/** How the subscription stands at Stripe; `null`: it is over, which is noted. */
const liveAtStripe = async (deps: BillingDeps, { subscription }: Billing): Promise<Subscription | null> => {
  const told = subscription === null ? null : await deps.ask.subscription(subscription.id);
  if (told === null) return null;
  const isLive = liveAt(told.subscription, deps.now());
  // A renewal nobody has told of: what is changed now is changed at the end of the period it paid for.
  if (isLive && told.subscription.periodEndMs !== subscription?.periodEndMs) await hearOf(deps, told.subscription.id);
  if (isLive) return told.subscription;
  await applyFact(deps, { fact: 'subscription', ...told });
  return null;
};

const carryOut = async (deps: BillingDeps, { billing, change, interrupted }: Begun, work: Work): Promise<Outcome> => {
  const subscription = await liveAtStripe(deps, billing);
  // A cancellation may have done its work before, or at this very time, and is asked for again.
  const over = change.planId === FREE_PLAN_ID ? 'remembered' : NO_SUBSCRIPTION;
  if (subscription === null) return interrupted ? over : NO_SUBSCRIPTION;
  const call = { stripe: await deps.stripe(), id: change.id, nowMs: deps.now() };
  try {
    return await work({ call, subscription, billing, interrupted });
  } catch (fault) {
    // It may have ended since it was looked at.
    if (isRefused(fault) && (await liveAtStripe(deps, billing)) === null) return over;
    throw fault;
  }
};

/**
 * Changes an account's subscription, one change at a time: the wish is on record before Stripe is asked how things stand, and until it
 * is done. `planIdOf` is the plan it leads to. Answers with how billing stands then. Refuses with `no_subscription`, with `unavailable`
 * while another change is under way, or as `work` does.
 */
export const underChange = async (
  deps: BillingDeps,
  accountId: string,
  planIdOf: (subscription: Subscription) => string,
  work: Work,
): Promise<ShownBilling | Refusal> => {
  const first = await begin(deps, accountId, planIdOf);
  const unheard = isRefusal(first) && first.refused === NO_SUBSCRIPTION.refused;
  if (unheard) await catchUp(deps, accountId);
  const begun = unheard ? await begin(deps, accountId, planIdOf) : first;
  if (isRefusal(begun)) return begun;
  try {
    const outcome = await carryOut(deps, begun, work);
    if (outcome !== 'remembered') await end(deps, accountId, begun.change.id);
    return typeof outcome === 'string' ? await view(deps, accountId) : outcome;
  } catch (fault) {
    if (isAnswered(fault)) await end(deps, accountId, begun.change.id);
    throw fault;
  }
};
