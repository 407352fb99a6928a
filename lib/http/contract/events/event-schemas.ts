import * as z from 'zod/mini';
import { SUBSCRIPTION_STATUSES } from '../../../domain/billing.ts';
import type { CreditsEvent } from '../../../domain/credits-event.ts';
import { entry, run } from '../account.ts';
import { count, credits, instant } from '../words.ts';

export type EventType = CreditsEvent['type'];

/** What every event begins with. */
const head = {
  id: z.string(),
  order: z.string(),
  accountId: z.string(),
  at: instant,
};

const held = z.object({ ...head, run: z.extend(run, { status: z.literal('held'), endedAt: z.null() }) });
const settled = z.object({ ...head, run: z.extend(run, { status: z.literal('settled'), endedAt: instant }) });
const failed = z.object({ ...head, run: z.extend(run, { status: z.literal('failed'), endedAt: instant }) });
const expired = z.object({ ...head, run: z.extend(run, { status: z.literal('expired'), endedAt: instant }) });

/** A line of the history that is no run. */
const line = z.extend(
  z.omit(entry, {
    tool: true,
    status: true,
    estimate: true,
    held: true,
    charged: true,
    released: true,
    endedAt: true,
    refund: true,
  }),
  { kind: z.enum(['grant', 'expiry', 'reset', 'refund', 'clawback', 'adjustment']), reason: z.string() },
);
const ofLine = z.object({ ...head, entry: line });

const standing = z.object({
  ...head,
  subscription: z.object({
    id: z.string(),
    status: z.enum(SUBSCRIPTION_STATUSES),
    renews: z.boolean(),
    periodEndsAt: instant,
    nextPlan: z.nullable(z.string()),
  }),
});

/** The detail of each type of event. What is published has passed its schema; fields may come later, none goes or changes its meaning. */
export const eventSchemas = {
  'run.held': held,
  'run.settled': settled,
  'run.failed': failed,
  'run.expired': expired,
  'credits.granted': ofLine,
  'credits.expired': ofLine,
  'credits.clawed_back': ofLine,
  'credits.low': z.object({ ...head, available: credits, lowBalanceAt: credits }),
  'subscription.changed': z.union([z.object({ ...head, entry: z.extend(line, { planId: z.string() }) }), standing]),
  'payment.failed': z.object({
    ...head,
    amount: count,
    currency: z.string(),
    subscriptionId: z.nullable(z.string()),
    nextAttemptAt: z.nullable(instant),
  }),
  'enterprise.quote_requested': z.object({
    ...head,
    quoteId: z.string(),
    asked: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  }),
} as const satisfies Record<EventType, z.ZodMiniType>;

export type EventDetail = z.infer<(typeof eventSchemas)[EventType]>;

/** An event as it goes to the bus. */
export interface PublishedEvent {
  readonly type: EventType;
  readonly atMs: number;
  readonly detail: EventDetail;
}
