import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Catalog, Tool } from '../domain/catalog.ts';
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
  const tools = [...catalog.tools, ...catalog.retired.flatMap((list) => list.tools)];
  const find = (is: (tool: Tool) => boolean, what: string): Tool => {
    const tool = tools.find(is);
    if (tool === undefined) throw new Error(`the catalog has no tool ${what}`);
    return tool;
  };
  return {
    codeOf: (id) => String(find((tool) => tool.id === id, id).code),
    idOf: (code) => find((tool) => String(tool.code) === code, code).id,
  };
};
