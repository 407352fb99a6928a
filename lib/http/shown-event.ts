import type { Billing, Subscription } from '../domain/billing.ts';
import type { CreditsEvent } from '../domain/credits-event.ts';
import { eventSchemas, type PublishedEvent } from './contract/events/event-schemas.ts';
import { orderOf } from './event-order.ts';
import { iso } from './shown.ts';
import { shownHold, shownRecord } from './shown-run.ts';
import { entryLine } from './shown-usage.ts';

const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms));

const shownSubscription = ({ billing, subscription }: { billing: Billing; subscription: Subscription }) => ({
  id: subscription.id,
  status: subscription.status,
  renews: subscription.renews,
  periodEndsAt: iso(subscription.periodEndMs),
  nextPlan: billing.nextPlanId,
});

const tellingOf = (event: CreditsEvent): Record<string, unknown> => {
  const { accountId } = event;
  switch (event.type) {
    case 'run.held':
      return { run: shownHold({ accountId, runUuid: event.hold.runUuid }, event.hold) };
    case 'run.settled':
    case 'run.failed':
    case 'run.expired':
      return { run: shownRecord({ accountId, runUuid: event.record.runUuid }, event.record) };
    case 'credits.granted':
    case 'credits.expired':
    case 'credits.clawed_back':
      return { entry: entryLine(accountId, event.place, event.entry) };
    case 'subscription.changed':
      return 'entry' in event
        ? { entry: entryLine(accountId, event.place, event.entry) }
        : { subscription: shownSubscription(event) };
    case 'payment.failed': {
      const { amount, currency, subscriptionId, nextAttemptMs } = event.failure;
      return { amount, currency, subscriptionId, nextAttemptAt: isoOrNull(nextAttemptMs) };
    }
    case 'enterprise.quote_requested':
      return { quoteId: event.quote.id, asked: event.quote.asked };
    case 'credits.low':
      return { available: event.available, lowBalanceAt: event.lowBalanceAt };
  }
};

/**
 * An event as listeners get it: a run as `GET /v1/runs/{runId}` shows it, an entry as `GET /v1/usage` does. Throws where it is not what
 * the catalog of events says.
 */
export const shownEvent = (event: CreditsEvent): PublishedEvent => {
  const { id, accountId, atMs, type } = event;
  const told = { id, order: orderOf(event), accountId, at: iso(atMs), ...tellingOf(event) };
  return { type, atMs, detail: eventSchemas[type].parse(told) };
};
