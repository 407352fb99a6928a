import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { QueryCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { catalog } from '../../lib/catalog/catalog.ts';
import type { Account } from '../../lib/domain/account.ts';
import type { HistoryLine } from '../../lib/domain/history-line.ts';
import { accountFromRow } from '../../lib/store/account-row.ts';
import { DUE_INDEX, type DueFor } from '../../lib/store/due-accounts.ts';
import { lineFromRow } from '../../lib/store/history-row.ts';
import { accountOfKey } from '../../lib/store/keys.ts';
import { dynamoClient, openTable, type Table } from '../../lib/store/table.ts';
import { readSettings } from '../../local/settings.ts';

const engineRecord = z.object({ pid: z.int(), port: z.int() });

const readEngine = (dataDir: string) => {
  const record = join(dataDir, 'engine.json');
  return existsSync(record) ? engineRecord.parse(JSON.parse(readFileSync(record, 'utf8'))) : null;
};

/** As in a power cut. An engine given from outside is not ours to end. */
export const killEngine = (dataDir: string): void => {
  const engine = readEngine(dataDir);
  if (engine !== null) process.kill(engine.pid, 'SIGKILL');
};

/** The table of a running system, past the system. Anew after each restart: the engine is another then. */
export const openTableOf = (dataDir: string, tableName: string): Table => {
  const engine = readEngine(dataDir);
  const endpoint = engine === null ? readSettings(process.env).dynamodbEndpoint : `http://127.0.0.1:${engine.port}`;
  if (endpoint === undefined) throw new Error(`no engine serves ${dataDir}`);
  const client = dynamoClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    requestHandler: { requestTimeout: 30_000 },
  });
  return openTable(client, tableName, catalog);
};

/** From now on no write of the table is told. */
export const stopStream = async ({ client, name }: Table): Promise<void> => {
  await client.send(new UpdateTableCommand({ TableName: name, StreamSpecification: { StreamEnabled: false } }));
};

/** How many accounts an index says are due at an instant, in some of its shards. */
export const countDue = async (
  { client, name }: Table,
  dueFor: DueFor,
  nowMs: number,
  shards: readonly number[],
): Promise<number> => {
  const { name: IndexName, attribute } = DUE_INDEX[dueFor];
  let due = 0;
  for (const shard of shards) {
    const { Count = 0 } = await client.send(
      new QueryCommand({
        TableName: name,
        IndexName,
        Select: 'COUNT',
        KeyConditionExpression: `q = :shard AND ${attribute} <= :now`,
        ExpressionAttributeValues: { ':shard': String(shard), ':now': nowMs },
      }),
    );
    due += Count;
  }
  return due;
};

export interface Stored {
  readonly accounts: ReadonlyMap<string, Account>;
  readonly lines: ReadonlyMap<string, readonly HistoryLine[]>;
}

/** Everything the table holds, read from one end to the other. */
export const readAll = async ({ client, name, tools }: Table): Promise<Stored> => {
  const accounts = new Map<string, Account>();
  const lines = new Map<string, HistoryLine[]>();
  let start: Record<string, unknown> | undefined;
  do {
    const { Items, LastEvaluatedKey } = await client.send(
      new ScanCommand({ TableName: name, ConsistentRead: true, ExclusiveStartKey: start }),
    );
    for (const item of Items ?? []) {
      const { accountId, part } = accountOfKey(String(item['pk']));
      if (part === 'account') accounts.set(accountId, accountFromRow(accountId, item, tools));
      else lines.set(accountId, [...(lines.get(accountId) ?? []), lineFromRow(item)]);
    }
    start = LastEvaluatedKey;
  } while (start !== undefined);
  return { accounts, lines };
};
