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

/**
 * Publishes what a batch of stream records means, in order. Where the bus refuses one, or a record cannot be
 * read, the batch is taken up again from there: events before it may come twice, none is lost.
 */
export const publish = async (deps: Deps, records: readonly DynamoDBRecord[]): Promise<DynamoDBBatchResponse> => {
  const stopAt = (record: DynamoDBRecord | undefined): DynamoDBBatchResponse => ({
    batchItemFailures: [{ itemIdentifier: record?.dynamodb?.SequenceNumber ?? '' }],
  });
  const told: { readonly event: CreditsEvent; readonly record: DynamoDBRecord }[] = [];
  let unreadable: DynamoDBRecord | null = null;
  for (const record of records) {
    try {
      told.push(...eventsOf(record, deps).map((event) => ({ event, record })));
    } catch (fault) {
      console.error(
        JSON.stringify({
          level: 'ERROR',
          what: 'unreadable stream record',
          eventId: record.eventID,
          fault: fault instanceof Error ? fault.name : 'unknown',
        }),
      );
      unreadable = record;
      break;
    }
  }
  for (let at = 0; at < told.length; at += BATCH) {
    const batch = told.slice(at, at + BATCH);
    const failed = await deps.bus.put(batch.map(({ event }) => event));
    if (failed >= 0) return stopAt(batch[failed]?.record);
  }
  return unreadable === null ? { batchItemFailures: [] } : stopAt(unreadable);
};
