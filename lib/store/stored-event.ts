import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import {
  type CreditsEvent,
  eventOfFailure,
  eventOfHold,
  eventOfQuote,
  eventsOfLineAgain,
} from '../domain/credits-event.ts';
import { uuidTimePrefix } from '../domain/run-id.ts';
import { DAY_MS, ESTIMATE_VALID_MS, MINUTE_MS } from '../domain/time.ts';
import { accountFromRow } from './account-row.ts';
import { failureFromRow } from './billing-row.ts';
import { lineFromRow } from './history-row.ts';
import { accountKey, accountOfKey, billingKey, historyPartition } from './keys.ts';
import { quoteFromRow } from './quote-row.ts';
import type { Row } from './scan-table.ts';
import type { Table } from './table.ts';

/**
 * What was told when a row was written, from the row as it is now: a line of history, a notice, the runs an account holds. Nothing for
 * what keeps only its last state. Throws where it is no row of ours.
 */
export const eventsOfRow = (row: Row, { tools }: Table): readonly CreditsEvent[] => {
  const { accountId, part } = accountOfKey(String(row['pk']));
  const sk = String(row['sk']);
  switch (part) {
    case 'history':
      return eventsOfLineAgain(accountId, lineFromRow(row));
    case 'account':
      return accountFromRow(accountId, row, tools).holds.map((hold) => eventOfHold(accountId, hold));
    case 'billing':
      if (sk.startsWith('failure#')) return [eventOfFailure(accountId, failureFromRow(row))];
      return sk.startsWith('quote#') ? [eventOfQuote(accountId, quoteFromRow(row))] : [];
    default:
      return [];
  }
};

/** A run's place is that of its estimate; it may be approved until that lapses and end a day after (R7). */
const ENDS_AFTER_MS = ESTIMATE_VALID_MS + MINUTE_MS + DAY_MS;

/** Every row of one account that can have been told of as of these instants, oldest first within each partition, page by page. */
export async function* accountRows(
  table: Table,
  accountId: string,
  fromMs: number | null,
  toMs: number | null,
): AsyncGenerator<readonly Row[]> {
  const low = fromMs === null ? ' ' : uuidTimePrefix(Math.max(0, fromMs - ENDS_AFTER_MS));
  const high = toMs === null ? '~' : uuidTimePrefix(toMs);
  const ranges = [
    { pk: historyPartition(accountId), low, high },
    { pk: accountKey(accountId).pk, low: ' ', high: '~' },
    { pk: billingKey(accountId).pk, low: 'failure#', high: 'quote#~' },
  ];
  for (const range of ranges) {
    let start: Record<string, unknown> | undefined;
    do {
      const { Items, LastEvaluatedKey } = await table.client.send(
        new QueryCommand({
          TableName: table.name,
          KeyConditionExpression: 'pk = :pk AND sk BETWEEN :low AND :high',
          ExpressionAttributeValues: { ':pk': range.pk, ':low': range.low, ':high': range.high },
          ConsistentRead: true,
          ExclusiveStartKey: start,
        }),
      );
      yield Items ?? [];
      start = LastEvaluatedKey;
    } while (start !== undefined);
  }
}
