import { GetCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { accountKey, accountOfKey, purchaseKey } from './keys.ts';
import type { Table } from './table.ts';

/** One of so many parts of the table, by the hash of its keys: the items of one partition are all in one part, one after another. */
export interface Part {
  readonly part: number;
  readonly of: number;
}

export type Row = Readonly<Record<string, unknown>>;

/**
 * A part of the table, page by page and one page in memory. Costs half a read unit for each 4 KB that is there, whatever is asked for:
 * eventually consistent, so that a write of the last second may be missed.
 */
export async function* scanPart(
  table: Table,
  { part, of }: Part,
  { keysOnly, pageSize }: { readonly keysOnly: boolean; readonly pageSize: number },
): AsyncGenerator<readonly Row[]> {
  let start: Record<string, unknown> | undefined;
  do {
    const { Items, LastEvaluatedKey } = await table.client.send(
      new ScanCommand({
        TableName: table.name,
        Segment: part,
        TotalSegments: of,
        Limit: pageSize,
        ExclusiveStartKey: start,
        ...(keysOnly ? { ProjectionExpression: 'pk, sk' } : {}),
      }),
    );
    yield Items ?? [];
    start = LastEvaluatedKey;
  } while (start !== undefined);
}

/** What a row's key says the row is part of, as far as the ledger goes; `null`: of nothing in it. */
export type Subject =
  | { readonly is: 'account' | 'history'; readonly accountId: string }
  | { readonly is: 'purchase'; readonly key: string }
  | null;

const PURCHASE = purchaseKey('').pk;

export const subjectOf = (row: Row): Subject => {
  const pk = String(row['pk']);
  if (pk.startsWith(PURCHASE)) return { is: 'purchase', key: pk.slice(PURCHASE.length) };
  const { accountId, part } = accountOfKey(pk);
  return part === 'account' || part === 'history' ? { is: part, accountId } : null;
};

/** Whether an account's item is there at all. */
export const hasAccount = async (table: Table, accountId: string): Promise<boolean> => {
  const get = { TableName: table.name, Key: accountKey(accountId), ProjectionExpression: 'pk', ConsistentRead: true };
  return (await table.client.send(new GetCommand(get))).Item !== undefined;
};
