import { isDeepStrictEqual } from 'node:util';
import type Stripe from 'stripe';
import { STRIPE_API_VERSION } from './local-keys.ts';
import type { Moment } from './moment.ts';
import { newId } from './new-id.ts';

type EventType = Stripe.Event['type'];
type DataOf<Type extends EventType> = Extract<Stripe.Event, { type: Type }>['data'];

/** What was before, of what is different now: an event's `previous_attributes`. */
export const changed = <Shape extends object>(before: Shape, after: Shape): Partial<Shape> => {
  const previous: Partial<Shape> = {};
  for (const key in before) if (!isDeepStrictEqual(before[key], after[key])) previous[key] = before[key];
  return previous;
};

/** Puts an event on record with its object as it is now, and in the queue for the webhook unless deliveries are off. */
export const announce = <Type extends EventType>(
  { db, atMs, nowS, request }: Moment,
  type: Type,
  object: DataOf<Type>['object'],
  previous?: DataOf<Type>['previous_attributes'],
): void => {
  const id = newId('evt');
  const { deliver } = db.settingsNow();
  const event = {
    id,
    object: 'event',
    api_version: STRIPE_API_VERSION,
    created: nowS,
    data: { object, ...(previous !== undefined && { previous_attributes: previous }) },
    livemode: false,
    pending_webhooks: deliver ? 1 : 0,
    request: { id: request?.id ?? null, idempotency_key: request?.idempotencyKey ?? null },
    type,
  } satisfies Omit<Stripe.Event, 'data' | 'type'> & { data: unknown; type: EventType };
  db.events.put({
    id,
    createdS: nowS,
    type,
    // Stripe's own bodies are indented too: who verifies a re-serialized body finds out here.
    body: JSON.stringify(event, null, 2),
    firstDueMs: atMs,
    attempts: 0,
    lastStatus: null,
    delivered: false,
    nextAttemptMs: deliver ? atMs : null,
  });
};
