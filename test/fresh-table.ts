import { randomUUID } from 'node:crypto';
import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { inject } from 'vitest';
import { DUE_INDEX } from '../lib/store/due-accounts.ts';
import { dynamoClient } from '../lib/store/table.ts';

/** A client of the tests' engine. */
export const testClient = (): DynamoDBDocumentClient =>
  dynamoClient({
    endpoint: inject('dynamodbEndpoint'),
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    // A burst of writers on one SQLite file waits longer than a Lambda should.
    requestHandler: { requestTimeout: 30_000 },
  });

/** A table of one's own, with the stack's keys. */
export const freshTable = async (client: DynamoDBDocumentClient): Promise<string> => {
  const TableName = `test-${randomUUID()}`;
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
        { AttributeName: 'q', AttributeType: 'S' },
        { AttributeName: 'e', AttributeType: 'N' },
        { AttributeName: 't', AttributeType: 'N' },
      ],
      GlobalSecondaryIndexes: Object.values(DUE_INDEX).map(({ name, attribute }) => ({
        IndexName: name,
        KeySchema: [
          { AttributeName: 'q', KeyType: 'HASH' },
          { AttributeName: attribute, KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      })),
    }),
  );
  return TableName;
};
