import type { DynamoDBBatchResponse, DynamoDBRecord } from 'aws-lambda';
import * as z from 'zod/mini';
import { eventsOfAccount } from '../../lib/domain/credits-event.ts';
import { chargedBy, heldOf, type RunRecord, sum } from '../../lib/domain/run-record.ts';
import type { ToolCodes } from '../../lib/store/account-row.ts';
import { absorbedLater, changeOf, type Image } from '../../lib/store/stream-change.ts';
import type { Counts } from '../../lib/telemetry/telemetry.ts';

const image = z.optional(z.custom<Image>((value) => typeof value === 'object' && value !== null));

const ofRecord = (record: RunRecord): Counts => {
  switch (record.outcome) {
    case 'settled':
      return { RunsSettled: 1, CreditsSettled: chargedBy(record), CreditsAbsorbed: record.absorbed };
    case 'failed':
      return { RunsFailed: 1 };
    case 'expired':
      return { RunsExpired: 1 };
  }
};

const ofWrite = ({ dynamodb }: DynamoDBRecord, tools: ToolCodes): Counts => {
  const [before, after] = [image.parse(dynamodb?.OldImage), image.parse(dynamodb?.NewImage)];
  const later = absorbedLater(before, after);
  if (later > 0) return { CreditsAbsorbed: later };
  const change = changeOf(before, after, tools);
  if (change?.what === 'line' && change.line.line === 'run') return ofRecord(change.line.record);
  if (change?.what !== 'account') return {};
  const holds = eventsOfAccount(change.before, change.after, 0).flatMap((event) =>
    event.type === 'run.held' ? [event.hold] : [],
  );
  return holds.length === 0 ? {} : { RunsHeld: holds.length, CreditsHeld: sum(holds.map(heldOf)) };
};

/** Those before the one at which the batch stopped; it is taken up again from there. */
const toldOf = (records: readonly DynamoDBRecord[], { batchItemFailures: [failed] }: DynamoDBBatchResponse) =>
  failed === undefined
    ? records
    : records.slice(
        0,
        records.findIndex(({ dynamodb }) => dynamodb?.SequenceNumber === failed.itemIdentifier),
      );

/**
 * What runs held, charged and absorbed by the part of a batch that was told. Taken from the stream, so that the doors that do it need not
 * say so themselves, and nothing is counted that was not written. A settle after the lapse absorbs by a second write of the record (R11).
 */
export const tally = (records: readonly DynamoDBRecord[], answer: DynamoDBBatchResponse, tools: ToolCodes): Counts => {
  const each = toldOf(records, answer).map((record) => Object.entries(ofWrite(record, tools)));
  const totals = new Map<string, number>();
  for (const [name, value] of each.flat()) totals.set(name, (totals.get(name) ?? 0) + value);
  return Object.fromEntries(totals);
};
