import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { dynamoClient } from '../lib/store/table.ts';
import { prepareAwsEnvironment } from '../local/aws-environment.ts';
import { startEngine } from '../local/engine.ts';

/** The engine that is measured: the one at `DYNAMODB_ENDPOINT`, or the embedded one with an empty database of its own. */
export interface BenchEngine {
  /** For the reader of the figures. */
  readonly name: string;
  /** A client with the product's own settings, except that a burst of writers on one SQLite file may wait longer than a Lambda should. */
  readonly connect: () => DynamoDBDocumentClient;
  readonly close: () => Promise<void>;
}

const PACKAGE = '@dynoxide/linux-x64';

const embeddedName = (): string => {
  const file = createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`);
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(file, 'utf8')));
  return `${PACKAGE} ${version} (embedded, SQLite on disk)`;
};

const connectTo = (endpoint: string) => (): DynamoDBDocumentClient =>
  dynamoClient({ endpoint, requestHandler: { connectionTimeout: 500, requestTimeout: 30_000 } });

export const openEngine = async (): Promise<BenchEngine> => {
  const given = process.env['DYNAMODB_ENDPOINT'];
  prepareAwsEnvironment(process.env, given === undefined);
  if (given !== undefined) return { name: given, connect: connectTo(given), close: async () => undefined };
  const dataDir = mkdtempSync(join(tmpdir(), 'credits-bench-'));
  const engine = await startEngine(dataDir, new AbortController().signal);
  return {
    name: embeddedName(),
    connect: connectTo(engine.endpoint),
    close: async () => {
      await engine.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
};

/** A table of its own, with the stack's keys. */
export const createTable = async (client: DynamoDBDocumentClient): Promise<string> => {
  const TableName = `bench-${randomUUID()}`;
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
    }),
  );
  return TableName;
};
