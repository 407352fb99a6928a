import type Stripe from 'stripe';
import type { Order } from '../domain/billing.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../domain/time.ts';
import { again, isRefused, once } from './buying-options.ts';
import type { StripeClient } from './stripe-client.ts';

/** How long a session can be paid. Stripe takes 30 minutes to 24 hours from when it is made. */
const OPEN_MS = HOUR_MS;

/**
 * How long an order without a session on record may still be given one: what Stripe may have made for it before a crash ends with the
 * order's hour, and nobody has been told where it is.
 */
const RETAKE_MS = 10 * MINUTE_MS;

export const canStillOpen = (order: Order, nowMs: number): boolean => nowMs < order.createdMs + RETAKE_MS;

/** How a session of ours stands. */
export interface CheckoutState {
  readonly sessionId: string;
  readonly status: 'open' | 'complete' | 'expired';
  /** Where it can be paid; `null`: nowhere any more, or by nobody: its customer is deleted. */
  readonly url: string | null;
  /** What it has led to. */
  readonly subscriptionId: string | null;
}

const statusOf = ({ status }: Stripe.Checkout.Session): CheckoutState['status'] => {
  if (status === 'open') return 'open';
  return status === 'complete' ? 'complete' : 'expired';
};

const hasCustomer = ({ customer }: Stripe.Checkout.Session): boolean =>
  customer === null || typeof customer === 'string' || customer.deleted !== true;

const stateOf = (session: Stripe.Checkout.Session): CheckoutState => ({
  sessionId: session.id,
  status: statusOf(session),
  url: hasCustomer(session) ? session.url : null,
  subscriptionId: typeof session.subscription === 'string' ? session.subscription : (session.subscription?.id ?? null),
});

/** R16: the order's session: the same one for every repeat with this customer. Throws where the customer is deleted. */
export const openSession = async (
  stripe: StripeClient,
  order: Order,
  { customerId, appUrl }: { readonly customerId: string; readonly appUrl: string },
): Promise<CheckoutState> => {
  const metadata = { orderId: order.id, accountId: order.accountId };
  const sold =
    order.item.kind === 'plan'
      ? ({ mode: 'subscription', subscription_data: { metadata } } as const)
      : ({ mode: 'payment', payment_intent_data: { metadata } } as const);
  const session = await stripe.checkout.sessions.create(
    {
      ...sold,
      customer: customerId,
      client_reference_id: order.id,
      metadata,
      line_items: [{ price: order.priceId, quantity: 1 }],
      expires_at: Math.floor((order.createdMs + OPEN_MS) / SECOND_MS),
      success_url: `${appUrl}?checkout=done&session={CHECKOUT_SESSION_ID}`,
      cancel_url: `${appUrl}?checkout=cancelled`,
    },
    once(`checkout:${order.id}:${customerId}`),
  );
  return stateOf(session);
};

export const readSession = async (stripe: StripeClient, sessionId: string): Promise<CheckoutState> =>
  stateOf(await stripe.checkout.sessions.retrieve(sessionId, { expand: ['customer'] }, again));

/** From now on it cannot be paid; answers with how it ended, which may be that somebody was faster and has paid. */
export const expireSession = async (stripe: StripeClient, sessionId: string): Promise<CheckoutState> => {
  try {
    return stateOf(await stripe.checkout.sessions.expire(sessionId, {}, once(`checkout-expired:${sessionId}`)));
  } catch (fault) {
    if (!isRefused(fault)) throw fault;
  }
  return readSession(stripe, sessionId);
};
