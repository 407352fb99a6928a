import type Stripe from 'stripe';
import type { PaymentFact } from '../domain/payment-fact.ts';
import type { Fault } from '../domain/refusal.ts';
import { SECOND_MS } from '../domain/time.ts';
import { isMissing } from './buying-options.ts';
import { factsOfWholeEvent, HEARD_EVENTS, isHeard } from './event-facts.ts';
import { WITH_CHARGE } from './pack-payment.ts';
import { readAnew } from './read-anew.ts';
import type { StripeClient } from './stripe-client.ts';
import { UnknownShape } from './stripe-shape.ts';
import { thingFacts } from './thing-facts.ts';

/** What Stripe can be asked to list: the events of some days, or the things themselves, however old. */
export const SOURCES = ['events', 'invoices', 'sessions', 'subscriptions', 'refunds', 'disputes'] as const;
export type Source = (typeof SOURCES)[number];

/** What was listed and cannot be read, and the places where it is not as it should be. */
export interface Unreadable {
  readonly id: string;
  readonly faults: readonly Fault[];
}

export interface FactPage {
  readonly facts: readonly PaymentFact[];
  readonly unreadable: readonly Unreadable[];
  /** The last thing listed; `null` at the end. */
  readonly next: string | null;
}

type Facts = readonly PaymentFact[];

/** How many things are asked about at once where they say too little themselves: Stripe limits calls a second. */
const AT_ONCE = 4;

/** A thing that cannot be read is told apart, and only it: what it was keeps nothing else waiting. That Stripe does not answer is thrown. */
const readOne = async <Thing extends { readonly id: string }>(
  thing: Thing,
  factsOf: (thing: Thing) => Facts | Promise<Facts>,
): Promise<Facts | Unreadable> => {
  try {
    return await factsOf(thing);
  } catch (fault) {
    if (fault instanceof UnknownShape) return { id: thing.id, faults: fault.faults };
    if (isMissing(fault)) return { id: thing.id, faults: [{ path: '$', message: 'is no more at Stripe' }] };
    throw fault;
  }
};

const pageOf = async <Thing extends { readonly id: string }>(
  { data, has_more }: Stripe.ApiList<Thing>,
  factsOf: (thing: Thing) => Facts | Promise<Facts>,
): Promise<FactPage> => {
  // The oldest of the page first, as it happened.
  const things = [...data].reverse();
  const facts: PaymentFact[] = [];
  const unreadable: Unreadable[] = [];
  for (let at = 0; at < things.length; at += AT_ONCE) {
    for (const read of await Promise.all(things.slice(at, at + AT_ONCE).map((thing) => readOne(thing, factsOf)))) {
      if ('faults' in read) unreadable.push(read);
      else facts.push(...read);
    }
  }
  return { facts, unreadable, next: has_more ? (data.at(-1)?.id ?? null) : null };
};

/** An event as it was told, or, where that is of another API version, what its object says by now. */
const eventFacts =
  (stripe: StripeClient, asOfMs: number) =>
  async (event: Stripe.Event): Promise<Facts> => {
    try {
      return await factsOfWholeEvent(async () => stripe)(event);
    } catch (fault) {
      if (!(fault instanceof UnknownShape) || !isHeard(event)) throw fault;
      return readAnew(stripe, event, asOfMs);
    }
  };

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
  const created = { gte: Math.floor(sinceMs / SECOND_MS) };
  const page = { limit: 100, ...(after === null ? {} : { starting_after: after }) };
  const asOfMs = nowMs - (nowMs % SECOND_MS);
  const factsOf = thingFacts(stripe, asOfMs);
  switch (source) {
    case 'events':
      return pageOf(
        await stripe.events.list({ ...page, created, types: [...HEARD_EVENTS] }),
        eventFacts(stripe, asOfMs),
      );
    case 'invoices':
      return pageOf(await stripe.invoices.list({ ...page, created, status: 'paid' }), factsOf.invoice);
    case 'sessions':
      return pageOf(await stripe.checkout.sessions.list({ ...page, created, expand: [WITH_CHARGE] }), factsOf.session);
    case 'subscriptions':
      return pageOf(
        await stripe.subscriptions.list({ ...page, current_period_end: created, status: 'all' }),
        factsOf.subscription,
      );
    case 'refunds':
      return pageOf(await stripe.refunds.list({ ...page, created }), factsOf.refund);
    case 'disputes':
      return pageOf(await stripe.disputes.list({ ...page, created }), factsOf.dispute);
  }
};
