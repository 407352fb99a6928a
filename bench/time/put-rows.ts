import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';

/** DynamoDB's limit for one `BatchWriteItem`. */
const BATCH = 25;
const WRITERS = 4;
const MAX_TRIES = 20;

type Row = Record<string, unknown>;

const putBatch = async (client: DynamoDBDocumentClient, tableName: string, rows: readonly Row[]): Promise<void> => {
  let requests: { PutRequest?: { Item: Row | undefined } | undefined }[] = rows.map((Item) => ({
    PutRequest: { Item },
  }));
  for (let tries = 0; requests.length > 0; tries++) {
    if (tries === MAX_TRIES) throw new Error(`${requests.length} rows stay unprocessed`);
    const { UnprocessedItems } = await client.send(new BatchWriteCommand({ RequestItems: { [tableName]: requests } }));
    requests = UnprocessedItems?.[tableName] ?? [];
  }
};

/** Writes rows as fast as batches go. Takes them one by one as there is room: however many there are, few are in memory. */
export const putRows = async (
  client: DynamoDBDocumentClient,
  tableName: string,
  rows: Iterable<Row>,
): Promise<void> => {
  const source = rows[Symbol.iterator]();
  const writer = async (): Promise<void> => {
    for (;;) {
      const batch: Row[] = [];
      while (batch.length < BATCH) {
        const next = source.next();
        if (next.done === true) break;
        batch.push(next.value);
      }
      if (batch.length === 0) return;
      await putBatch(client, tableName, batch);
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, writer));
};
