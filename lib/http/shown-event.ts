import type { CreditsEvent } from '../domain/credits-event.ts';
import { iso } from './shown.ts';
import { shownHold, shownRecord } from './shown-run.ts';
import { entryLine } from './shown-usage.ts';

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
    case 'subscription.changed':
      return { ...head, entry: entryLine(accountId, event.place, event.entry) };
    case 'credits.low':
      return { ...head, available: event.available, lowBalanceAt: event.lowBalanceAt };
  }
};
