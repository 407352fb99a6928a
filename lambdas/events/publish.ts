import type { DynamoDBBatchResponse, DynamoDBRecord } from 'aws-lambda';
import * as z from 'zod/mini';
import {
  type CreditsEvent,
  eventOfFailure,
  eventOfQuote,
  eventsOfAccount,
  eventsOfBilling,
  eventsOfLine,
} from '../../lib/domain/credits-event.ts';
import type { PublishedEvent } from '../../lib/http/contract/events/event-schemas.ts';
import { shownEvent } from '../../lib/http/shown-event.ts';
import type { ToolCodes } from '../../lib/store/account-row.ts';
import { changeOf, type Image } from '../../lib/store/stream-change.ts';
import { BATCH, type EventBus } from './event-bus.ts';

interface Deps {
  readonly bus: EventBus;
  readonly tools: ToolCodes;
  readonly now: () => number;
}

/** aws-lambda's types and the SDK's name the same image differently. */
const image = z.optional(z.custom<Image>((value) => typeof value === 'object' && value !== null));

const eventsOf = ({ dynamodb }: DynamoDBRecord, { tools, now }: Deps): readonly CreditsEvent[] => {
  const change = changeOf(image.parse(dynamodb?.OldImage), image.parse(dynamodb?.NewImage), tools);
  if (change === null) return [];
  switch (change.what) {
    case 'line':
      return eventsOfLine(change.accountId, change.line);
    case 'account':
      return eventsOfAccount(change.before, change.after, now());
    case 'billing':
      return eventsOfBilling(change.before, change.after);
    case 'failure':
      return [eventOfFailure(change.accountId, change.failure)];
    case 'quote':
      return [eventOfQuote(change.accountId, change.quote)];
  }
};

interface Told {
  readonly event: PublishedEvent;
  /** The record it comes of, by its place in the batch. */
  readonly at: number;
}

/** What the records mean, up to the first that cannot be read. */
const toldBy = (deps: Deps, records: readonly DynamoDBRecord[]): { readonly told: Told[]; readonly upTo: number } => {
  const told: Told[] = [];
  for (const [at, record] of records.entries()) {
    try {
      told.push(...eventsOf(record, deps).map((event) => ({ event: shownEvent(event), at })));
    } catch (fault) {
      console.error(
        JSON.stringify({
          level: 'ERROR',
          what: 'unreadable stream record',
          eventId: record.eventID,
          fault: fault instanceof Error ? fault.name : 'unknown',
        }),
      );
      return { told, upTo: at };
    }
  }
  return { told, upTo: records.length };
};

/** The first record of a batch cannot be told. Thrown, so that Lambda splits the batch until what fails is alone. */
export class NotTold extends Error {
  override readonly name = 'NotTold';
}

/**
 * Takes the batch up again from the record that failed. Where that is the first, reporting it would have Lambda try the whole rest again
 * and, in the end, give the whole rest up with it; an error has it halve the batch instead (`BisectBatchOnFunctionError`).
 */
const failAt = (records: readonly DynamoDBRecord[], at: number): DynamoDBBatchResponse => {
  if (at === 0) throw new NotTold(`record 0 of ${records.length}`);
  return { batchItemFailures: [{ itemIdentifier: records[at]?.dynamodb?.SequenceNumber ?? '' }] };
};

/**
 * Publishes what a batch of stream records means, in order. Where the bus refuses one, or a record cannot be read, the batch is taken
 * up again from there: events before it may come twice, none is lost. Throws where there is nothing before it.
 */
export const publish = async (deps: Deps, records: readonly DynamoDBRecord[]): Promise<DynamoDBBatchResponse> => {
  const { told, upTo } = toldBy(deps, records);
  for (let from = 0; from < told.length; from += BATCH) {
    const batch = told.slice(from, from + BATCH);
    const refused = batch[await deps.bus.put(batch.map(({ event }) => event))];
    if (refused !== undefined) return failAt(records, refused.at);
  }
  return upTo === records.length ? { batchItemFailures: [] } : failAt(records, upTo);
};
