import { randomUUID } from 'node:crypto';
import type * as z from 'zod/mini';
import type { Order } from '../../lib/domain/billing.ts';
import { isRefusal, type Refusal } from '../../lib/domain/refusal.ts';
import { liveAt } from '../../lib/domain/standing.ts';
import type { Command } from '../../lib/http/command.ts';
import type { createCheckout } from '../../lib/http/contract/billing.ts';
import { applyFact } from '../../lib/payments/apply-fact.ts';
import { changeBilling } from '../../lib/store/billing.ts';
import { orderRow } from '../../lib/store/billing-row.ts';
import { Contended } from '../../lib/store/faults.ts';
import {
  type CheckoutState,
  canStillOpen,
  expireSession,
  openSession,
  readSession,
} from '../../lib/stripe/checkout-session.ts';
import { withCustomer } from './customer.ts';
import type { BillingDeps } from './dependencies.ts';
import { type Offer, offerOf, slotOf } from './offer.ts';

type Asked = Command<unknown, unknown, z.infer<typeof createCheckout.body>>;
type Opened = z.infer<typeof createCheckout.reply>;

/** The order that stands for this kind of thing: the one that is there, or a new one, written before Stripe is asked. */
const placed = async (deps: BillingDeps, accountId: string, offer: Offer): Promise<Order | Refusal> => {
  const nowMs = deps.now();
  const slot = slotOf(offer.item);
  const order = { id: randomUUID(), accountId, ...offer, createdMs: nowMs, sessionId: null };
  const billing = await changeBilling(deps.table, accountId, (known) => {
    if (offer.item.kind === 'plan' && liveAt(known.subscription, nowMs)) return { refused: 'already_subscribed' };
    if (known.orders[slot] !== undefined) return null;
    return { billing: { ...known, orders: { ...known.orders, [slot]: order } }, rows: [orderRow(order)] };
  });
  return isRefusal(billing) ? billing : (billing.orders[slot] ?? order);
};

/** Whether the order still stands, now with its session. */
const recorded = async (deps: BillingDeps, order: Order, sessionId: string): Promise<boolean> => {
  const slot = slotOf(order.item);
  const billing = await changeBilling(deps.table, order.accountId, (known) => {
    const current = known.orders[slot];
    if (current?.id !== order.id || current.sessionId !== null) return null;
    const opened = { ...current, sessionId };
    return { billing: { ...known, orders: { ...known.orders, [slot]: opened } }, rows: [orderRow(opened)] };
  });
  return !isRefusal(billing) && billing.orders[slot]?.id === order.id;
};

/** How the order's session stands, made if it is not there yet; `null`: it never will be, or the order is another's by now. */
const sessionOf = async (deps: BillingDeps, order: Order, customerId: string): Promise<CheckoutState | null> => {
  const stripe = await deps.stripe();
  if (order.sessionId !== null) return readSession(stripe, order.sessionId);
  if (!canStillOpen(order, deps.now())) return null;
  const state = await openSession(stripe, order, { customerId, appUrl: deps.appUrl });
  return (await recorded(deps, order, state.sessionId)) ? state : null;
};

/** Whether a session has led to a subscription that lives or is about to; Stripe may not have told of it yet. */
const hasSubscribed = async (deps: BillingDeps, state: CheckoutState | null): Promise<boolean> => {
  if (state?.status !== 'complete' || state.subscriptionId === null) return false;
  const told = await deps.ask.subscription(state.subscriptionId);
  if (told === null) return false;
  await applyFact(deps, { fact: 'subscription', ...told });
  return told.subscription.status !== 'canceled' && told.subscription.status !== 'incomplete_expired';
};

const TRIES = 4;

/** The page for an offer, that of the order that stands where it sells the same. Throws where Stripe has the customer no more. */
const pageFor = async (
  deps: BillingDeps,
  accountId: string,
  offer: Offer,
  customerId: string,
): Promise<Opened | Refusal> => {
  for (let tries = 0; tries < TRIES; tries++) {
    const order = await placed(deps, accountId, offer);
    if (isRefusal(order)) return order;
    const state = await sessionOf(deps, order, customerId);
    const { sessionId, url, status } = state ?? { sessionId: '', url: null, status: 'expired' };
    if (status === 'open' && url !== null && order.item.id === offer.item.id) return { url, sessionId };
    const ended = status === 'open' ? await expireSession(await deps.stripe(), sessionId) : state;
    if (await hasSubscribed(deps, ended)) return { refused: 'already_subscribed' };
    await applyFact(deps, { fact: 'checkout_closed', orderId: order.id, customerId });
  }
  throw new Contended('a checkout: too many at once');
};

/**
 * R16: a Checkout page for a plan or a pack. While it can be paid, the same wish leads to the same page; another plan's page is closed
 * first, so that two open pages never sell two plans, and so is one whose customer is deleted. Refuses with `already_subscribed`, or
 * `validation_failed` what is not for sale.
 */
export const checkout = async (deps: BillingDeps, { caller, body }: Asked): Promise<Opened | Refusal> => {
  const offer = offerOf(deps, body);
  if (isRefusal(offer)) return offer;
  return withCustomer(deps, caller.sub, (customerId) => pageFor(deps, caller.sub, offer, customerId));
};
