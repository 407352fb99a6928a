import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { accountOfKey } from './keys.ts';
import type { Table } from './table.ts';

/** What an account can be due for, and the index that knows. Both are sparse: who has nothing due is in neither. */
export const DUE_INDEX = {
  /** Holds past their deadline. */
  deadlines: { name: 'byDeadline', attribute: 'e' },
  /** Midnight, the end of a cycle, an expiry. */
  boundaries: { name: 'byBoundary', attribute: 't' },
} as const;
export type DueFor = keyof typeof DUE_INDEX;

export interface DuePage {
  readonly accountIds: readonly string[];
  /** Since when the first of them has been due, which is the longest; `null` where there is none. */
  readonly sinceMs: number | null;
  /** Where to go on in this pass; `null` at the end. */
  readonly next: Record<string, unknown> | null;
}

/**
 * One page of a shard's accounts that are due, the longest due first. Swept accounts leave the index, so that a new pass begins
 * where a crashed one stopped. Eventually consistent: an account just swept may still be there, and costs a read.
 */
export const readDue = async (
  table: Table,
  dueFor: DueFor,
  shard: string,
  nowMs: number,
  limit: number,
  from: DuePage['next'],
): Promise<DuePage> => {
  const { name, attribute } = DUE_INDEX[dueFor];
  const { Items, LastEvaluatedKey } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      IndexName: name,
      KeyConditionExpression: `q = :shard AND ${attribute} <= :now`,
      ExpressionAttributeValues: { ':shard': shard, ':now': nowMs },
      Limit: limit,
      ...(from === null ? {} : { ExclusiveStartKey: from }),
    }),
  );
  return {
    accountIds: (Items ?? []).map((item) => accountOfKey(String(item['pk'])).accountId),
    sinceMs: Items?.[0] === undefined ? null : Number(Items[0][attribute]),
    next: LastEvaluatedKey ?? null,
  };
};
