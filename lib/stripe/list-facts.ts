import type Stripe from 'stripe';
import type { PaymentFact } from '../domain/payment-fact.ts';
import { SECOND_MS } from '../domain/time.ts';
import { factsOfEvent, HEARD_EVENTS } from './event-facts.ts';
import { factsOfInvoice } from './invoice-facts.ts';
import { factOfDispute, factOfRefund } from './money-back-facts.ts';
import { packPaidBy, WITH_CHARGE } from './pack-payment.ts';
import { factsOfSession } from './session-facts.ts';
import type { StripeClient } from './stripe-client.ts';
import { factOfSubscription } from './subscription-facts.ts';

/** What Stripe can be asked to list: the events of some days, or the things themselves, however old. */
export const SOURCES = ['events', 'invoices', 'sessions', 'subscriptions', 'refunds', 'disputes'] as const;
export type Source = (typeof SOURCES)[number];

export interface FactPage {
  readonly facts: readonly PaymentFact[];
  /** The last thing listed; `null` at the end. */
  readonly next: string | null;
}

const pageOf = async <Thing extends { readonly id: string }>(
  { data, has_more }: Stripe.ApiList<Thing>,
  factsOf: (thing: Thing) => readonly PaymentFact[] | Promise<readonly PaymentFact[]>,
): Promise<FactPage> => {
  const facts: PaymentFact[] = [];
  // The oldest of the page first, as it happened; one after the other, because what is asked in addition counts for Stripe's limit too.
  for (const thing of [...data].reverse()) facts.push(...(await factsOf(thing)));
  return { facts, next: has_more ? (data.at(-1)?.id ?? null) : null };
};

const some = (fact: PaymentFact | null): readonly PaymentFact[] => (fact === null ? [] : [fact]);

/**
 * One page, a hundred at most, of what Stripe has of a source since an instant, newest first, in our words. What a thing itself does not
 * date is dated by the whole second of `nowMs`, in which it was asked.
 */
export const listFacts = async (
  stripe: StripeClient,
  source: Source,
  sinceMs: number,
  after: string | null,
  nowMs: number,
): Promise<FactPage> => {
  const since = { gte: Math.floor(sinceMs / SECOND_MS) };
  const page = { limit: 100, ...(after === null ? {} : { starting_after: after }) };
  const asOfMs = nowMs - (nowMs % SECOND_MS);
  switch (source) {
    case 'events':
      return pageOf(await stripe.events.list({ ...page, created: since, types: [...HEARD_EVENTS] }), factsOfEvent);
    case 'invoices':
      return pageOf(await stripe.invoices.list({ ...page, created: since, status: 'paid' }), factsOfInvoice);
    case 'sessions':
      return pageOf(
        await stripe.checkout.sessions.list({ ...page, created: since, expand: [WITH_CHARGE] }),
        async (session) =>
          session.status === 'complete' ? packPaidBy(stripe, session) : factsOfSession(session, asOfMs),
      );
    case 'subscriptions':
      return pageOf(
        await stripe.subscriptions.list({ ...page, current_period_end: since, status: 'all' }),
        (subscription) => [{ ...factOfSubscription(subscription, asOfMs), listed: true }],
      );
    case 'refunds':
      return pageOf(await stripe.refunds.list({ ...page, created: since }), (refund) =>
        some(factOfRefund(refund, asOfMs)),
      );
    case 'disputes':
      return pageOf(await stripe.disputes.list({ ...page, created: since }), (dispute) =>
        some(factOfDispute(dispute, asOfMs)),
      );
  }
};
