import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, type CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { dynamoClient } from '../lib/store/table.ts';
import { prepareAwsEnvironment } from '../local/aws-environment.ts';
import { startEngine } from '../local/engine.ts';
import { synthesize } from '../local/synthesize.ts';
import { readTable } from '../local/table.ts';
import { readTemplate } from '../local/template.ts';

export const ROOT = join(import.meta.dirname, '..');

/** A client and an empty table that nobody else uses. */
export interface Own {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
}

/** What is measured and on what: the stack as it synthesizes, and the engine at `DYNAMODB_ENDPOINT` or the embedded one. */
export interface Bench {
  /** The engine, for the reader of the figures. */
  readonly engine: string;
  /** The directory of the stack's cloud assembly, of the sources as they are now. */
  readonly synthesize: () => Promise<string>;
  /** The stack's table with its indexes; without its stream, which costs a writer nothing in AWS and ever more in the embedded engine. */
  readonly openStackTable: () => Promise<Own>;
  /** The same without indexes. */
  readonly openPlainTable: () => Promise<Own>;
  readonly close: () => Promise<void>;
}

const PACKAGE = '@dynoxide/linux-x64';

const embeddedName = (): string => {
  const file = createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`);
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(file, 'utf8')));
  return `${PACKAGE} ${version} (embedded, SQLite on disk)`;
};

/** The engine at `DYNAMODB_ENDPOINT`, or the embedded one with an empty database of its own. */
const openEngine = async (): Promise<{ name: string; endpoint: string; close: () => Promise<void> }> => {
  const given = process.env['DYNAMODB_ENDPOINT'];
  prepareAwsEnvironment(process.env, given === undefined);
  if (given !== undefined) return { name: given, endpoint: given, close: async () => undefined };
  const dataDir = mkdtempSync(join(tmpdir(), 'credits-bench-'));
  const engine = await startEngine(dataDir, new AbortController().signal);
  return {
    name: embeddedName(),
    endpoint: engine.endpoint,
    close: async () => {
      await engine.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
};

/** The product's own settings, except that a burst of writers on one SQLite file may wait longer than a Lambda should. */
const connect = (endpoint: string): DynamoDBDocumentClient =>
  dynamoClient({ endpoint, requestHandler: { connectionTimeout: 500, requestTimeout: 30_000 } });

/** A table without its indexes, and without the attributes only they need. */
const plain = ({ GlobalSecondaryIndexes: _, AttributeDefinitions, ...table }: CreateTableCommandInput) => ({
  ...table,
  AttributeDefinitions: AttributeDefinitions?.filter(({ AttributeName }) =>
    table.KeySchema?.some((key) => key.AttributeName === AttributeName),
  ),
});

export const openBench = async (): Promise<Bench> => {
  const synthesizeNow = () => synthesize(ROOT, () => undefined, new AbortController().signal);
  const { StreamSpecification: _, ...stackTable } = readTable(readTemplate(await synthesizeNow()), 'credits');
  const { name, endpoint, close } = await openEngine();
  const clients: DynamoDBDocumentClient[] = [];
  const open = async (definition: CreateTableCommandInput): Promise<Own> => {
    const client = connect(endpoint);
    clients.push(client);
    const table = `bench-${randomUUID()}`;
    await client.send(new CreateTableCommand({ ...definition, TableName: table }));
    return { client, table };
  };
  return {
    engine: name,
    synthesize: synthesizeNow,
    openStackTable: () => open(stackTable),
    openPlainTable: () => open(plain(stackTable)),
    close: async () => {
      for (const client of clients) client.destroy();
      await close();
    },
  };
};
