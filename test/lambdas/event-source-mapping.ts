import type { DynamoDBBatchResponse, DynamoDBRecord } from 'aws-lambda';

interface Mapping {
  readonly batchSize: number;
  /** Tries after the first, before what is left of a batch is given up. */
  readonly retryAttempts: number;
  readonly invoke: (records: readonly DynamoDBRecord[]) => Promise<DynamoDBBatchResponse>;
}

/**
 * Lambda's event source mapping for a stream, with `BisectBatchOnFunctionError` and `ReportBatchItemFailures`, by its developer guide: in
 * order; an error halves the batch, which does not count as a try; a reported record is where the next try begins. The guide is silent on a
 * report of the very first record, so the worst is assumed: the batch is tried again as it is, and in the end given up with all that is in it.
 * Answers what was given up: it goes to the queue by its place in the stream.
 */
export const deliverAll = async (
  records: readonly DynamoDBRecord[],
  { batchSize, retryAttempts, invoke }: Mapping,
): Promise<readonly DynamoDBRecord[]> => {
  const givenUp: DynamoDBRecord[] = [];
  const work = async (batch: readonly DynamoDBRecord[], tries: number): Promise<void> => {
    if (batch.length === 0) return;
    if (tries > retryAttempts) return void givenUp.push(...batch);
    let failed: string | undefined;
    try {
      failed = (await invoke(batch)).batchItemFailures[0]?.itemIdentifier;
    } catch {
      if (batch.length === 1) return work(batch, tries + 1);
      const half = Math.ceil(batch.length / 2);
      await work(batch.slice(0, half), tries);
      return work(batch.slice(half), tries);
    }
    if (failed === undefined) return;
    const at = batch.findIndex(({ dynamodb }) => dynamodb?.SequenceNumber === failed);
    return work(batch.slice(Math.max(at, 0)), tries + 1);
  };
  for (let at = 0; at < records.length; at += batchSize) await work(records.slice(at, at + batchSize), 0);
  return givenUp;
};
