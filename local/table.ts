import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  DynamoDBClient,
  ResourceInUseException,
  ResourceNotFoundException,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import { StartupProblem } from './startup-problem.ts';
import { type Template, theOnly } from './template.ts';

const keySchema = z.array(z.object({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }));
const projection = z.object({
  ProjectionType: z.enum(['ALL', 'KEYS_ONLY', 'INCLUDE']),
  NonKeyAttributes: z.optional(z.array(z.string())),
});
const tableProperties = z.object({
  KeySchema: keySchema,
  AttributeDefinitions: z.array(z.object({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) })),
  GlobalSecondaryIndexes: z.optional(
    z.array(z.object({ IndexName: z.string(), KeySchema: keySchema, Projection: projection })),
  ),
  StreamSpecification: z.optional(
    z.object({ StreamViewType: z.enum(['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES']) }),
  ),
});

/** The stack's table as a request that makes it under a name: keys, indexes and stream; what concerns only a deployment is left out. */
export const readTable = (template: Template, name: string): CreateTableCommandInput => {
  const [, { Properties }] = theOnly(template, 'AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable');
  const { KeySchema, AttributeDefinitions, GlobalSecondaryIndexes, StreamSpecification } =
    tableProperties.parse(Properties);
  return {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema,
    AttributeDefinitions,
    ...(GlobalSecondaryIndexes && {
      GlobalSecondaryIndexes: GlobalSecondaryIndexes.map(({ IndexName, KeySchema, Projection }) => ({
        IndexName,
        KeySchema,
        Projection: {
          ProjectionType: Projection.ProjectionType,
          ...(Projection.NonKeyAttributes && { NonKeyAttributes: Projection.NonKeyAttributes }),
        },
      })),
    }),
    ...(StreamSpecification && { StreamSpecification: { StreamEnabled: true, ...StreamSpecification } }),
  };
};

const shape = (
  table: Pick<TableDescription | CreateTableCommandInput, 'KeySchema' | 'GlobalSecondaryIndexes'>,
): string => {
  const keys = (schema: CreateTableCommandInput['KeySchema']) => (schema ?? []).map((key) => key.AttributeName);
  const indexes = (table.GlobalSecondaryIndexes ?? []).map((index) => [index.IndexName, ...keys(index.KeySchema)]);
  return JSON.stringify([keys(table.KeySchema), indexes.sort()]);
};

/** Node's own error for several addresses that all refuse has no message. */
const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message || ('code' in error && String(error.code)) || error.name : String(error);

/** Makes the table where it is missing. One that is there with other keys or indexes is a `StartupProblem`. */
export const ensureTable = async (endpoint: string, table: CreateTableCommandInput): Promise<void> => {
  const client = new DynamoDBClient({ endpoint, maxAttempts: 2 });
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: table.TableName }));
    if (Table && shape(Table) !== shape(table)) {
      throw new StartupProblem(
        `The table ${table.TableName} at ${endpoint} was made by another version of the stack. Set CREDITS_DATA_DIR to a new directory, or delete the old one (.local).`,
      );
    }
  } catch (error) {
    if (error instanceof StartupProblem) throw error;
    if (!(error instanceof ResourceNotFoundException)) {
      throw new StartupProblem(`No DynamoDB answers at ${endpoint}: ${reasonOf(error)}`);
    }
    await client.send(new CreateTableCommand(table)).catch((problem: unknown) => {
      // Another start was faster.
      if (!(problem instanceof ResourceInUseException)) throw problem;
    });
  } finally {
    client.destroy();
  }
};
