import { randomUUID } from 'node:crypto';
import {
  BatchGetCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactGetCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { type Endpoint, timeoutError } from './endpoint.ts';
import { exceptionOf } from './exception.ts';
import type { Operation } from './memory-table.ts';
import { nativeOutput, requestOf } from './native.ts';
import { NotKnown } from './refused.ts';

/** How the client tries again: as `dynamoClient`'s SDK does, by a clock and a chance of one's own. */
export interface Retries {
  readonly maxAttempts: number;
  readonly pause: (ms: number) => Promise<void>;
  /** From 0 to 1, 1 not included. */
  readonly random: () => number;
  /** A name no other transaction has. */
  readonly token: () => string;
}

const AS_THE_PRODUCT: Retries = {
  maxAttempts: 3,
  pause: async () => undefined,
  random: Math.random,
  token: randomUUID,
};

const commandOf = (command: unknown): { readonly operation: Operation; readonly input: object } => {
  if (command instanceof UpdateCommand) return { operation: 'UpdateItem', input: command.input };
  if (command instanceof GetCommand) return { operation: 'GetItem', input: command.input };
  if (command instanceof PutCommand) return { operation: 'PutItem', input: command.input };
  if (command instanceof TransactWriteCommand) return { operation: 'TransactWriteItems', input: command.input };
  if (command instanceof QueryCommand) return { operation: 'Query', input: command.input };
  if (command instanceof BatchGetCommand) return { operation: 'BatchGetItem', input: command.input };
  if (command instanceof DeleteCommand) return { operation: 'DeleteItem', input: command.input };
  if (command instanceof TransactGetCommand) return { operation: 'TransactGetItems', input: command.input };
  throw new NotKnown('this command');
};

const THROTTLED = new Set(['ProvisionedThroughputExceededException', 'ThrottlingException']);

/** The SDK's first delay before another attempt, which doubles; `null` where it makes none. */
const firstDelayMs = (fault: Error): number | null => {
  if (THROTTLED.has(fault.name)) return 1000;
  return fault.name === 'TimeoutError' || fault.name === 'InternalServerError' ? 50 : null;
};

/**
 * A document client whose commands go to an endpoint without the SDK's pipeline: its marshalling, its exceptions and its retries, and
 * none of its signing. What it answers is checked against `wireClient`.
 */
export const quickClient = (endpoint: Endpoint, retries: Partial<Retries> = {}): DynamoDBDocumentClient => {
  const { maxAttempts, pause, random, token } = { ...AS_THE_PRODUCT, ...retries };

  const send = async (command: unknown): Promise<object> => {
    const { operation, input } = commandOf(command);
    const wanted = requestOf(operation, input);
    // The SDK makes one for all attempts, so that a transaction that took effect unheard is not done again.
    const request = operation === 'TransactWriteItems' ? { ClientRequestToken: token(), ...wanted } : wanted;
    for (let attempt = 1; ; attempt++) {
      const reply = await endpoint(operation, request);
      if (reply.ok) return { $metadata: { httpStatusCode: 200, attempts: attempt }, ...nativeOutput(reply.output) };
      const fault = 'timedOut' in reply ? timeoutError() : exceptionOf(reply.refusal);
      const delayMs = firstDelayMs(fault);
      if (delayMs === null || attempt >= maxAttempts) throw fault;
      await pause(Math.floor(random() * delayMs * 2 ** (attempt - 1)));
    }
  };
  return Object.assign(Object.create(DynamoDBDocumentClient.prototype), { send });
};
