import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { Account } from '../domain/account.ts';
import type { HistoryLine } from '../domain/history-line.ts';
import { accountFromRow } from './account-row.ts';
import { entryPlace } from './entry-row.ts';
import { backOff } from './faults.ts';
import { lineFromRow } from './history-row.ts';
import { accountKey, historyPartition } from './keys.ts';
import type { Table } from './table.ts';

/** A row that cannot be read, or stands where it should not. `place`: in the history; `null`: the account's own item. */
export interface BadRow {
  readonly place: string | null;
  readonly what: string;
}

/** An account as stored, all its history, and what of it is no row of ours. */
export interface Ledger {
  readonly account: Account | null;
  readonly lines: readonly HistoryLine[];
  readonly bad: readonly BadRow[];
}

const faultOf = (fault: unknown): string =>
  fault instanceof z.core.$ZodError
    ? fault.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join(', ')
    : String(fault);

const readItem = async (table: Table, accountId: string): Promise<Record<string, unknown> | null> => {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: accountKey(accountId), ConsistentRead: true }),
  );
  return Item ?? null;
};

const readLine = (item: Record<string, unknown>): HistoryLine | BadRow => {
  const place = String(item['sk']);
  try {
    const line = lineFromRow(item);
    const own = line.line === 'run' ? line.record.runUuid : entryPlace(line.entry);
    return own === place ? line : { place, what: `its own place is ${own}` };
  } catch (fault) {
    return { place, what: `cannot be read: ${faultOf(fault)}` };
  }
};

const readAllLines = async (table: Table, accountId: string): Promise<readonly (HistoryLine | BadRow)[]> => {
  const lines: (HistoryLine | BadRow)[] = [];
  let start: Record<string, unknown> | undefined;
  do {
    const { Items, LastEvaluatedKey } = await table.client.send(
      new QueryCommand({
        TableName: table.name,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': historyPartition(accountId) },
        ConsistentRead: true,
        ExclusiveStartKey: start,
      }),
    );
    lines.push(...(Items ?? []).map(readLine));
    start = LastEvaluatedKey;
  } while (start !== undefined);
  return lines;
};

const accountOf = (table: Table, accountId: string, item: Record<string, unknown>): Account | BadRow => {
  try {
    return accountFromRow(accountId, item, table.tools);
  } catch (fault) {
    return { place: null, what: `cannot be read: ${faultOf(fault)}` };
  }
};

const isBad = <T extends object>(row: T | BadRow): row is BadRow => 'what' in row;

const STEADY_TRIES = 6;

/**
 * An account with its history, and whatever `beside` reads, as of one moment: every change of credits but a run's record also changes the
 * account's version, so what was read between two reads of one version belongs together. `null`: it would not hold still.
 */
export const readLedger = async <T>(
  table: Table,
  accountId: string,
  beside: () => Promise<T>,
): Promise<{ readonly ledger: Ledger; readonly beside: T } | null> => {
  for (let tries = 0; tries < STEADY_TRIES; tries++) {
    if (tries > 0) await backOff(table, tries);
    const before = await readItem(table, accountId);
    const rows = await readAllLines(table, accountId);
    const also = await beside();
    const after = await readItem(table, accountId);
    if (before?.['v'] !== after?.['v']) continue;
    const account = before === null ? null : accountOf(table, accountId, before);
    const badAccount = account !== null && isBad(account) ? [account] : [];
    const lines = rows.filter((row): row is HistoryLine => !isBad(row));
    return {
      ledger: {
        account: account === null || isBad(account) ? null : account,
        lines,
        bad: [...badAccount, ...rows.filter(isBad)],
      },
      beside: also,
    };
  }
  return null;
};
