import type { CreditsEvent } from '../domain/credits-event.ts';
import { iso } from './shown.ts';

/** Any number of a ledger in text that sorts. */
const sortable = (number: number): string => number.toString(16).padStart(12, '0');

/** Which of the events that one line of history can have come of comes first. */
const OF_ONE_LINE = ['credits.expired', 'credits.clawed_back', 'credits.granted', 'subscription.changed'] as const;

/**
 * What counts first at one instant, as the core has it: what time and payments do, then holds, then ends of runs, then what those
 * gave back or support refunded; notices last. Within each: the ordinal of the line, the run, the version.
 */
const within = (event: CreditsEvent): string => {
  switch (event.type) {
    case 'run.held':
      return `2.${event.hold.runUuid}`;
    case 'run.settled':
    case 'run.failed':
    case 'run.expired':
      return `3.${event.record.runUuid}`;
    case 'credits.low':
    case 'payment.failed':
    case 'enterprise.quote_requested':
      return `5.${event.id}`;
    case 'credits.granted':
    case 'credits.expired':
    case 'credits.clawed_back':
    case 'subscription.changed': {
      if (!('entry' in event)) return `5.${sortable(event.billing.ver)}`;
      const { ordinal, runUuid } = event.entry;
      return `${runUuid === undefined ? 1 : 4}.${sortable(ordinal)}.${OF_ONE_LINE.indexOf(event.type)}`;
    }
  }
};

/**
 * The place of an event among those of its account: text that sorts as they count, however and how often they are delivered. Made of
 * the event alone, so that it is the same each time it is told. No stored number could be it: a settle's record is written without a
 * look at the account, and so knows no version (R9).
 */
export const orderOf = (event: CreditsEvent): string => `${iso(event.atMs)}/${within(event)}`;
