import type { Billing, Subscription } from '../domain/billing.ts';
import type { CreditsEvent } from '../domain/credits-event.ts';
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

/** An event's detail as listeners get it: a run as `GET /v1/runs/{runId}` shows it, an entry as `GET /v1/usage` does. */
export const shownEvent = (event: CreditsEvent): Record<string, unknown> => {
  const { id, accountId, atMs, type } = event;
  const head = { id, accountId, at: iso(atMs) };
  switch (type) {
    case 'run.held':
      return { ...head, run: shownHold({ accountId, runUuid: event.hold.runUuid }, event.hold) };
    case 'run.settled':
    case 'run.failed':
    case 'run.expired':
      return { ...head, run: shownRecord({ accountId, runUuid: event.record.runUuid }, event.record) };
    case 'credits.granted':
    case 'credits.expired':
    case 'credits.clawed_back':
      return { ...head, entry: entryLine(accountId, event.place, event.entry) };
    case 'subscription.changed':
      return 'entry' in event
        ? { ...head, entry: entryLine(accountId, event.place, event.entry) }
        : { ...head, subscription: shownSubscription(event) };
    case 'payment.failed': {
      const { failure } = event;
      return {
        ...head,
        amount: failure.amount,
        currency: failure.currency,
        nextAttemptAt: isoOrNull(failure.nextAttemptMs),
      };
    }
    case 'enterprise.quote_requested':
      return { ...head, quoteId: event.quote.id, asked: event.quote.asked };
    case 'credits.low':
      return { ...head, available: event.available, lowBalanceAt: event.lowBalanceAt };
  }
};
