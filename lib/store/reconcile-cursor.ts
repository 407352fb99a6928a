import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { Table } from './table.ts';

const count = z.int();
const cursor = z.object({
  ver: z.int(),
  /** When the last run that missed nothing began; `null`: none yet. */
  doneMs: z.nullable(z.int()),
  /** The run under way, left where its last page ended; `null`: none. */
  run: z.nullable(
    z.object({
      startedMs: z.int(),
      sinceMs: z.int(),
      source: z.string(),
      after: z.nullable(z.string()),
      counts: z.object({
        heard: count,
        repaired: count,
        mismatched: count,
        undone: count,
        failed: count,
        /** Not in a run left by an earlier version. */
        unreadable: z._default(count, 0),
      }),
    }),
  ),
});

/** How far a reconciliation has come (R21). */
export type ReconcileCursor = z.infer<typeof cursor>;

const keyOf = (mode: string) => ({ pk: 'R#stripe', sk: mode });

export const readCursor = async (table: Table, mode: string): Promise<ReconcileCursor> => {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keyOf(mode), ConsistentRead: true }),
  );
  return Item === undefined ? { ver: 0, doneMs: null, run: null } : cursor.parse(Item);
};

/** Moves the cursor on from what was read; throws where another run has moved it meanwhile: one of two is enough. */
export const writeCursor = async (
  table: Table,
  mode: string,
  seen: ReconcileCursor,
  next: Omit<ReconcileCursor, 'ver'>,
): Promise<ReconcileCursor> => {
  const moved = { ...next, ver: seen.ver + 1 };
  await table.client.send(
    new PutCommand({
      TableName: table.name,
      Item: { ...keyOf(mode), ...moved },
      ConditionExpression: 'attribute_not_exists(pk) OR ver = :seen',
      ExpressionAttributeValues: { ':seen': seen.ver },
    }),
  );
  return moved;
};
