import { join } from 'node:path';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type _Record as StreamRecord,
} from '@aws-sdk/client-dynamodb-streams';
import * as z from 'zod/mini';
import { readDataFile, writeDataFile } from './data-file.ts';

/** How far each shard of a stream has been told. */
const positions = z.object({ stream: z.string(), shards: z.record(z.string(), z.string()) });
const answer = z.object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })) });

export interface StreamParts {
  readonly endpoint: string;
  readonly tableName: string;
  readonly dataDir: string;
  readonly batchSize: number;
  /** Calls the function behind the stream. */
  readonly invoke: (event: unknown) => Promise<unknown>;
}

const QUIET_MS = 250;

/**
 * Lambda's event source mapping for the table's stream, on one machine: batches in order, taken up again from the first record that
 * failed; its place is kept, so that nothing is lost over a restart.
 */
export const openStream = ({ endpoint, tableName, dataDir, batchSize, invoke }: StreamParts) => {
  const path = join(dataDir, 'stream.json');
  const database = new DynamoDBClient({ endpoint });
  const streams = new DynamoDBStreamsClient({ endpoint });
  let told = readDataFile(path, positions) ?? { stream: '', shards: {} };

  const deliver = async (shard: string, records: readonly StreamRecord[]): Promise<boolean> => {
    const { batchItemFailures } = answer.parse(await invoke({ Records: records }));
    const failed = batchItemFailures[0]?.itemIdentifier;
    const sequences = records.map((record) => record.dynamodb?.SequenceNumber ?? '');
    const done = failed === undefined ? sequences : sequences.slice(0, sequences.indexOf(failed));
    const last = done.at(-1);
    if (last !== undefined) {
      told = { ...told, shards: { ...told.shards, [shard]: last } };
      writeDataFile(path, told);
    }
    return failed === undefined;
  };

  const drainShard = async (StreamArn: string, ShardId: string): Promise<void> => {
    const after = told.shards[ShardId];
    const from =
      after === undefined
        ? ({ ShardIteratorType: 'TRIM_HORIZON' } as const)
        : ({ ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: after } as const);
    let { ShardIterator } = await streams.send(new GetShardIteratorCommand({ StreamArn, ShardId, ...from }));
    while (ShardIterator !== undefined) {
      const { Records, NextShardIterator } = await streams.send(
        new GetRecordsCommand({ ShardIterator, Limit: batchSize }),
      );
      if (Records === undefined || Records.length === 0 || !(await deliver(ShardId, Records))) return;
      ShardIterator = NextShardIterator;
    }
  };

  const drainAll = async (): Promise<void> => {
    const { Table } = await database.send(new DescribeTableCommand({ TableName: tableName }));
    const StreamArn = Table?.LatestStreamArn;
    if (StreamArn === undefined) return;
    if (StreamArn !== told.stream) told = { stream: StreamArn, shards: {} };
    const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
    for (const { ShardId } of StreamDescription?.Shards ?? []) {
      if (ShardId !== undefined) await drainShard(StreamArn, ShardId);
    }
  };

  let running: Promise<void> = Promise.resolve();
  /** Tells all that is in the stream now. */
  const drain = (): Promise<void> => {
    running = running.catch(() => undefined).then(drainAll);
    return running;
  };

  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  const follow = async (): Promise<void> => {
    await drain().catch((fault: unknown) => console.error(`The stream could not be told: ${String(fault)}`));
    if (!closed) timer = setTimeout(follow, QUIET_MS);
  };

  return {
    drain,
    /** From now on what happens is told by itself. */
    follow: (): void => void follow(),
    close: async (): Promise<void> => {
      closed = true;
      clearTimeout(timer);
      await running.catch(() => undefined);
      database.destroy();
      streams.destroy();
    },
  };
};
