import type Stripe from 'stripe';
import * as z from 'zod/mini';
import type { PackPaid } from '../domain/payment-fact.ts';
import { DAY_MS, SECOND_MS } from '../domain/time.ts';
import { factsOfSession } from './session-facts.ts';
import type { StripeClient } from './stripe-client.ts';
import { instant, shaped, text } from './stripe-shape.ts';

/** To be asked for with a list of sessions (with one: without `data.`): when each was paid is on its charge. */
export const WITH_CHARGE = 'data.payment_intent.latest_charge';

const charged = z.object({
  payment_intent: z.object({
    latest_charge: z.object({ created: instant, payment_method_details: z.nullable(z.object({ type: text })) }),
  }),
});

/** The slowest of the methods that pay later takes two weeks. https://docs.stripe.com/payments/payment-methods#payment-notification */
const SETTLED_MS = 15 * DAY_MS;
const SETTLED = 'checkout.session.async_payment_succeeded';

/**
 * When a session of ours was paid, as its webhook would have said. A card's charge is made when it is paid; that of a bank debit when it
 * is begun, and only the event knows when it came. Stripe keeps events 30 days; later than that it counts from its beginning.
 */
const paidAtMs = async (stripe: StripeClient, session: Stripe.Checkout.Session): Promise<number> => {
  const { created, payment_method_details: method } = shaped(charged, 'session', session).payment_intent.latest_charge;
  if (method?.type === 'card') return created;
  const range = { gte: created / SECOND_MS, lte: (created + SETTLED_MS) / SECOND_MS };
  for await (const event of stripe.events.list({ type: SETTLED, created: range, limit: 100 })) {
    if (event.type === SETTLED && event.data.object.id === session.id) return event.created * SECOND_MS;
  }
  return created;
};

/** The pack that a session sold, as Stripe tells of it when it is asked; nothing where it is not paid or sold something else. */
export const packPaidBy = async (
  stripe: StripeClient,
  session: Stripe.Checkout.Session,
): Promise<readonly PackPaid[]> => {
  const sold = factsOfSession(session, 0).some(({ fact }) => fact === 'pack_paid');
  if (!sold) return [];
  return factsOfSession(session, await paidAtMs(stripe, session)).filter((fact) => fact.fact === 'pack_paid');
};
