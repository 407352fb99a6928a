import { execFile } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { Bundle } from './bundle.ts';
import { median } from './quantile.ts';

const run = promisify(execFile);

/** A Lambda that does nothing with the SDK clients and commands the hot doors use. */
export const EMPTY_HANDLER = `
import { ConditionalCheckFailedException, DynamoDBClient, TransactionCanceledException, TransactionConflictException } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, DynamoDBDocumentClient, GetCommand, PutCommand, TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { unmarshall } from '@aws-sdk/util-dynamodb';
const used = [ConditionalCheckFailedException, TransactionCanceledException, TransactionConflictException, BatchGetCommand,
  GetCommand, PutCommand, TransactWriteCommand, UpdateCommand, GetSecretValueCommand, unmarshall];
const clients = [DynamoDBDocumentClient.from(new DynamoDBClient({})), new SecretsManagerClient({})];
export const handler = async () => used.length + clients.length;
`;

/** What a function finds in its environment, so that it makes its handler and its clients as it does in Lambda's init phase. */
const LAMBDA_ENVIRONMENT = {
  PATH: process.env['PATH'],
  AWS_LAMBDA_FUNCTION_NAME: 'bench',
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'bench',
  AWS_SECRET_ACCESS_KEY: 'bench',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  TABLE_NAME: 'bench',
  SIGNING_SECRET_ARN: 'bench',
  STAGE: 'dev',
};

const timed = (file: string): string => `
const start = performance.now();
const { handler } = await import(${JSON.stringify(pathToFileURL(file).href)});
const took = performance.now() - start;
if (typeof handler !== 'function') throw new Error('no handler');
process.stdout.write(String(took));
`;

const importMs = async ({ file }: Bundle): Promise<number> => {
  const script = timed(file);
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], {
    env: LAMBDA_ENVIRONMENT,
  });
  return Number(stdout);
};

/** Milliseconds each bundle takes to import in a process of its own: the median of so many alternating imports. */
export const importTimes = async (bundles: readonly Bundle[], times: number): Promise<readonly number[]> => {
  const samples = bundles.map((): number[] => []);
  // The first of each only warms the file cache.
  for (let round = -1; round < times; round++) {
    for (const [at, bundle] of bundles.entries()) {
      const took = await importMs(bundle);
      if (round >= 0) samples[at]?.push(took);
    }
  }
  return samples.map(median);
};
