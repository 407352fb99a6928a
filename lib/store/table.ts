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
 * A client that gives up in time: three tries of at most two seconds each fit inside a Lambda's ten and API Gateway's thirty.
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

/** A tool the catalog has forgotten while a hold or a record still names it; no catalog id has a colon. */
const FORGOTTEN = 'forgotten:';

/** Tools by their catalog codes, retired ones included. A code it does not know still reads, and is written back as it was. */
export const toolCodes = (catalog: Catalog): ToolCodes => {
  const tools = [...catalog.tools, ...catalog.retired.flatMap((list) => list.tools)];
  return {
    codeOf: (id) => {
      const code = tools.find((tool) => tool.id === id)?.code;
      if (code !== undefined) return String(code);
      if (id.startsWith(FORGOTTEN)) return id.slice(FORGOTTEN.length);
      throw new Error(`the catalog has no tool ${id}`);
    },
    idOf: (code) => tools.find((tool) => String(tool.code) === code)?.id ?? FORGOTTEN + code,
  };
};
