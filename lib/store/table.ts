import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { CLIENT_LIMITS, onlyWhileAsked } from '../deadline/deadline.ts';
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

/** A client that gives up in time, and with the request it works for (docs/resilience.md). */
export const dynamoClient = (config: DynamoDBClientConfig): DynamoDBDocumentClient => {
  const client = new DynamoDBClient({ ...CLIENT_LIMITS, ...config });
  client.middlewareStack.add(onlyWhileAsked, { step: 'finalizeRequest' });
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
};

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
