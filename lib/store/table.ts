import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Catalog } from '../domain/catalog.ts';
import type { ToolCodes } from './account-row.ts';

/** The table as the store's verbs need it. */
export interface Table {
  readonly client: DynamoDBDocumentClient;
  readonly name: string;
  readonly catalog: Catalog;
  readonly tools: ToolCodes;
  /** Waits before a retry; passed in so that a simulated clock can rule it. */
  readonly pause: (ms: number) => Promise<void>;
}

/**
 * A client that gives up in time: three tries of at most a second each fit well inside a Lambda's ten and API Gateway's
 * thirty seconds.
 */
export const dynamoClient = (config: DynamoDBClientConfig): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(
    new DynamoDBClient({ maxAttempts: 3, requestHandler: { connectionTimeout: 500, requestTimeout: 1500 }, ...config }),
    { marshallOptions: { removeUndefinedValues: true } },
  );

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export const openTable = (
  client: DynamoDBDocumentClient,
  name: string,
  catalog: Catalog,
  pause: Table['pause'] = sleep,
): Table => ({ client, name, catalog, tools: toolCodes(catalog), pause });

/** Tools by their catalog codes, retired ones included. Throws for one it does not know. */
export const toolCodes = (catalog: Catalog): ToolCodes => {
  const tools = [...catalog.retired.flatMap((list) => list.tools), ...catalog.tools];
  const codes = new Map(tools.map((tool) => [tool.id, String(tool.code)]));
  const ids = new Map(tools.map((tool) => [String(tool.code), tool.id]));
  const known = (map: ReadonlyMap<string, string>) => (key: string) => {
    const value = map.get(key);
    if (value === undefined) throw new Error(`the catalog has no tool ${key}`);
    return value;
  };
  return { codeOf: known(codes), idOf: known(ids) };
};
