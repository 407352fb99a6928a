import { GetCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { ifNew, type OwnRow } from './change-account.ts';
import { requestKey } from './keys.ts';
import type { Table } from './table.ts';

/** A request with an `Idempotency-Key` and the answer it got. Written with the effect itself, kept for good. */
export interface AnsweredRequest {
  readonly key: string;
  readonly bodyHash: string;
  readonly reply: string;
}

const stored = z.object({ sk: z.string(), bodyHash: z.string(), reply: z.string() });

export const requestRow = (accountId: string, { key, bodyHash, reply }: AnsweredRequest): OwnRow => ({
  Item: { ...requestKey(accountId, key), bodyHash, reply },
  ConditionExpression: ifNew,
});

export const readRequest = async (table: Table, accountId: string, key: string): Promise<AnsweredRequest | null> => {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: requestKey(accountId, key), ConsistentRead: true }),
  );
  if (Item === undefined) return null;
  const { sk, bodyHash, reply } = stored.parse(Item);
  return { key: sk, bodyHash, reply };
};
