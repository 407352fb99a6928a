import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { catalog } from '../lib/catalog/catalog.ts';
import { dynamoClient, openTable, type Table } from '../lib/store/table.ts';
import { prepareAwsEnvironment } from '../local/aws-environment.ts';
import { startEngine } from '../local/engine.ts';
import { readSettings } from '../local/settings.ts';

export interface OpenTable {
  readonly table: Table;
  /** In words, for whoever reads what comes of it. */
  readonly where: string;
  /** The embedded engine of a system that runs on this machine; or of none. */
  readonly runsHere: boolean;
  readonly close: () => Promise<void>;
}

const environment = z.object({ TABLE_NAME: z.optional(z.string()), DYNAMODB_ENDPOINT: z.optional(z.string()) });
const engineRecord = z.object({ port: z.int() });

/** The engine of a system that runs; `null`: none does. */
const runningEndpoint = async (dataDir: string): Promise<string | null> => {
  const path = join(dataDir, 'engine.json');
  if (!existsSync(path)) return null;
  const endpoint = `http://127.0.0.1:${engineRecord.parse(JSON.parse(readFileSync(path, 'utf8'))).port}`;
  return fetch(endpoint).then(
    () => endpoint,
    () => null,
  );
};

/**
 * The table a command works on: `TABLE_NAME` on AWS, or at `DYNAMODB_ENDPOINT`; without a name, this machine's own, through its engine where
 * the system runs, else through one started for as long as the command takes.
 */
export const whichTable = async (env: NodeJS.ProcessEnv): Promise<OpenTable> => {
  const { TABLE_NAME, DYNAMODB_ENDPOINT } = environment.parse(env);
  const at = (endpoint: string | undefined, name: string) =>
    openTable(dynamoClient(endpoint === undefined ? {} : { endpoint }), name, catalog);
  const close = async () => undefined;
  if (TABLE_NAME !== undefined) {
    const where = `${TABLE_NAME} at ${DYNAMODB_ENDPOINT ?? 'AWS'}`;
    return { table: at(DYNAMODB_ENDPOINT, TABLE_NAME), where, runsHere: false, close };
  }
  const { dataDir, tableName } = readSettings(env);
  prepareAwsEnvironment(env, DYNAMODB_ENDPOINT === undefined);
  if (DYNAMODB_ENDPOINT !== undefined) {
    return {
      table: at(DYNAMODB_ENDPOINT, tableName),
      where: `${tableName} at ${DYNAMODB_ENDPOINT}`,
      runsHere: false,
      close,
    };
  }
  const running = await runningEndpoint(dataDir);
  if (running !== null) {
    return { table: at(running, tableName), where: `${dataDir}, while it runs`, runsHere: true, close };
  }
  if (!existsSync(join(dataDir, 'dynamodb.sqlite')))
    throw new Error(`There is no data in ${dataDir}: npm start makes some.`);
  const engine = await startEngine(dataDir, new AbortController().signal);
  return { table: at(engine.endpoint, tableName), where: dataDir, runsHere: false, close: engine.stop };
};
