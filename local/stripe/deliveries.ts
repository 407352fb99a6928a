import Stripe from 'stripe';
import * as z from 'zod/mini';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../lib/domain/time.ts';
import type { Database } from './database.ts';
import { LOCAL_WEBHOOK_SECRET } from './local-keys.ts';
import type { StoredEvent } from './records.ts';

/**
 * Minutes from a failed delivery to the next try, the last of them again and again, until three days after the first: the spacing that Stripe
 * describes as "up to three days with an exponential back off". https://docs.stripe.com/webhooks#retries
 */
const RETRY_MINUTES = [1, 5, 30, 120, 300, 600, 720] as const;
const GIVE_UP_MS = 3 * DAY_MS;

/** Sends a body with its `Stripe-Signature`; answers with the HTTP status. */
export type Deliver = (rawBody: string, signatureHeader: string) => Promise<number>;

const nextAttemptMs = (event: StoredEvent, atMs: number): number | null => {
  const minutes = RETRY_MINUTES[Math.min(event.attempts, RETRY_MINUTES.length - 1)] ?? 0;
  const nextMs = atMs + minutes * MINUTE_MS;
  return nextMs > event.firstDueMs + GIVE_UP_MS ? null : nextMs;
};

interface Deliveries {
  readonly atMs: number;
  readonly events: readonly StoredEvent[];
}

/** What is to be sent next after an instant: all that falls due at the earliest one there is, older events first. */
export const nextDeliveries = (db: Database, afterMs = Number.NEGATIVE_INFINITY): Deliveries | undefined => {
  let next: { atMs: number; events: StoredEvent[] } | undefined;
  for (const event of db.events.all()) {
    const atMs = event.nextAttemptMs;
    if (atMs === null || atMs <= afterMs) continue;
    if (next === undefined || atMs < next.atMs) next = { atMs, events: [event] };
    else if (atMs === next.atMs) next.events.push(event);
  }
  return next;
};

/** Signed anew each time, as of the clock at that moment. Whatever goes wrong on the way counts as status 0. */
export const send = async (event: StoredEvent, deliver: Deliver, now: () => number): Promise<number> => {
  const header = Stripe.webhooks.generateTestHeaderString({
    payload: event.body,
    secret: LOCAL_WEBHOOK_SECRET,
    timestamp: Math.floor(now() / SECOND_MS),
  });
  try {
    return await deliver(event.body, header);
  } catch {
    return 0;
  }
};

/**
 * One try of a delivery that fell due at `atMs`, and when to try again if it fails. With deliveries off, the event is dropped for good, as Stripe
 * does when a retry meets a disabled endpoint.
 */
const attemptDelivery = async (
  db: Database,
  due: StoredEvent,
  atMs: number,
  deliver: Deliver,
  now: () => number,
): Promise<void> => {
  if (!db.settingsNow().deliver) {
    db.transact(() => db.events.put({ ...due, nextAttemptMs: null }));
    return;
  }
  const status = await send(due, deliver, now);
  const delivered = status >= 200 && status < 300;
  db.transact(() =>
    db.events.put({
      ...due,
      attempts: due.attempts + 1,
      lastStatus: status,
      delivered,
      nextAttemptMs: delivered ? null : nextAttemptMs(due, atMs),
    }),
  );
};

const told = z.object({
  data: z.object({
    object: z.object({ object: z.string(), id: z.string(), customer: z.optional(z.nullable(z.string())) }),
  }),
});

/** The customer an event names. */
const customerOf = ({ body }: StoredEvent): string | null => {
  const { object, id, customer } = told.parse(JSON.parse(body)).data.object;
  return object === 'customer' ? id : (customer ?? null);
};

/** Customers served at once. With more, the last would wait longer for its answer than a delivery waits. */
const AT_ONCE = 8;

/** One try of each. Those of one customer go one after the other as they happened; customers do not wait for each other. */
export const attemptDeliveries = async (
  db: Database,
  { atMs, events }: Deliveries,
  deliver: Deliver,
  now: () => number,
): Promise<void> => {
  const queues = new Map<string, StoredEvent[]>();
  let customer = '';
  for (const event of events) {
    // What names nobody is of the same happening as what came before it: the payment of an invoice, a refund.
    customer = customerOf(event) ?? customer;
    queues.set(customer, [...(queues.get(customer) ?? []), event]);
  }
  const waiting = [...queues.values()];
  const work = async (): Promise<void> => {
    for (let queue = waiting.shift(); queue !== undefined; queue = waiting.shift())
      for (const event of queue) await attemptDelivery(db, event, atMs, deliver, now);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
};
