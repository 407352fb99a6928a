import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import {
  type _Record,
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDBRecord } from 'aws-lambda';
import { inject } from 'vitest';
import type { World } from './world.ts';

const asLambdaRecord = ({ eventID, eventName, dynamodb }: _Record): DynamoDBRecord =>
  JSON.parse(JSON.stringify({ eventID, eventName, dynamodb }));

/** All that the stream of a world's table tells, as Lambda would hand it over. */
export const streamOf = async (world: World): Promise<DynamoDBRecord[]> => {
  const { Table } = await world.deps.table.client.send(new DescribeTableCommand({ TableName: world.deps.table.name }));
  const StreamArn = Table?.LatestStreamArn;
  const streams = new DynamoDBStreamsClient({
    endpoint: inject('dynamodbEndpoint'),
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
  const records: DynamoDBRecord[] = [];
  for (const { ShardId } of StreamDescription?.Shards ?? []) {
    let { ShardIterator } = await streams.send(
      new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' }),
    );
    while (ShardIterator !== undefined) {
      const { Records, NextShardIterator } = await streams.send(new GetRecordsCommand({ ShardIterator }));
      records.push(...(Records ?? []).map(asLambdaRecord));
      ShardIterator = Records?.length ? NextShardIterator : undefined;
    }
  }
  streams.destroy();
  return records;
};
