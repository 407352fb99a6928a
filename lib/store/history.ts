import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { EntryKind } from '../domain/entry.ts';
import type { HistoryLine } from '../domain/history-line.ts';
import { uuidTimePrefix } from '../domain/run-id.ts';
import { lineFromRow } from './history-row.ts';
import { historyPartition } from './keys.ts';
import type { Table } from './table.ts';

export interface HistoryQuery {
  /** Lines before this place only; `null` begins at the newest. */
  readonly before: string | null;
  readonly kind: EntryKind | null;
  /** Included. */
  readonly fromMs: number | null;
  /** Not included. */
  readonly toMs: number | null;
  readonly limit: number;
}

const OLDEST = ' ';
const NEWEST = '~';

/** The range of places a query covers: both ends included. */
export const placesOf = ({ fromMs, toMs, before }: HistoryQuery): { readonly low: string; readonly high: string } => {
  const to = toMs === null ? NEWEST : uuidTimePrefix(toMs);
  return {
    low: fromMs === null ? OLDEST : uuidTimePrefix(fromMs),
    high: before !== null && before < to ? before : to,
  };
};

export interface HistoryPage {
  readonly lines: readonly HistoryLine[];
  /** Where the next page begins: before this place; `null` where there is nothing more. */
  readonly next: string | null;
}

/** What one answer may read of a history in which the asked-for kind is rare; the page then ends early. */
const MAX_ROUNDS = 10;
const MOST_LINES = 500;
/** Where most lines are of the kind, one read is enough; where few are, each read goes further than the one before it. */
const FURTHER = 4;

/** Two more than asked for: the place the page begins before is in the range, and one beyond tells that there is more. */
const linesToRead = (limit: number, round: number): number => Math.min(MOST_LINES, (limit + 2) * FURTHER ** round);

/** An account's lines, newest first, strongly consistent: a settle is there as soon as it is answered (R23). */
export const readHistory = async (table: Table, accountId: string, query: HistoryQuery): Promise<HistoryPage> => {
  const { low, high } = placesOf(query);
  const lines: HistoryLine[] = [];
  let start: Record<string, unknown> | undefined;
  if (high < low) return { lines, next: null };
  for (let round = 0; round === 0 || (start !== undefined && round < MAX_ROUNDS); round++) {
    const { Items, LastEvaluatedKey } = await table.client.send(
      new QueryCommand({
        TableName: table.name,
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :low AND :high',
        ...(query.kind === null ? {} : { FilterExpression: 'kind = :kind' }),
        ExpressionAttributeValues: {
          ':pk': historyPartition(accountId),
          ':low': low,
          ':high': high,
          ...(query.kind === null ? {} : { ':kind': query.kind }),
        },
        ScanIndexForward: false,
        ConsistentRead: true,
        Limit: query.kind === null ? query.limit + 2 : linesToRead(query.limit, round),
        ExclusiveStartKey: start,
      }),
    );
    const found = (Items ?? []).map(lineFromRow).filter(({ place }) => place !== query.before);
    lines.push(...found);
    if (lines.length > query.limit) {
      const page = lines.slice(0, query.limit);
      return { lines: page, next: page.at(-1)?.place ?? null };
    }
    start = LastEvaluatedKey;
  }
  return { lines, next: start === undefined ? null : String(start['sk']) };
};
