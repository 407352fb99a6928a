import { ConditionalCheckFailedException, type ConsumedCapacity } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { marshalledBytes, writeUnitsOf } from './item-size.ts';

export interface Spent {
  /** The command of each HTTP request, retries of the SDK included. */
  readonly requests: readonly string[];
  readonly writeUnits: number;
  /** Those of the write units that the table's indexes took. */
  readonly indexUnits: number;
  readonly readUnits: number;
}

const READS = /^(Get|BatchGet|TransactGet|Query|Scan)/;

export const isWrite = (command: string): boolean => !READS.test(command);

/** What a failed condition costs: as much as the write would have, by the size of the item in the way; the answer does not say. */
const unitsOfFailure = (fault: unknown): number => {
  if (!(fault instanceof ConditionalCheckFailedException)) return 0;
  return fault.Item === undefined ? 1 : writeUnitsOf(marshalledBytes(fault.Item));
};

const consumed = (output: object | undefined): readonly ConsumedCapacity[] => {
  if (output === undefined || !('ConsumedCapacity' in output)) return [];
  const { ConsumedCapacity: capacity } = output;
  if (Array.isArray(capacity)) return capacity;
  return typeof capacity === 'object' && capacity !== null ? [capacity] : [];
};

/**
 * Counts what goes over the wire: requests below the SDK's retries, capacity units as the engine reports them. Units of a
 * cancelled transaction are not counted: no answer reports them.
 */
export class Meter {
  #requests: string[] = [];
  #writeUnits = 0;
  #indexUnits = 0;
  #readUnits = 0;

  constructor(client: DynamoDBDocumentClient) {
    client.middlewareStack.add(
      (next) => (args) => next({ ...args, input: { ...args.input, ReturnConsumedCapacity: 'INDEXES' } }),
      { step: 'initialize', name: 'askForCapacity' },
    );
    client.middlewareStack.add(
      (next, { commandName = 'unknown' }) =>
        async (args) => {
          this.#requests.push(commandName);
          try {
            const answer = await next(args);
            for (const capacity of consumed(answer.output)) this.#add(commandName, capacity);
            return answer;
          } catch (fault) {
            this.#writeUnits += unitsOfFailure(fault);
            throw fault;
          }
        },
      { step: 'deserialize', name: 'countRequests', priority: 'high' },
    );
  }

  #add(
    commandName: string,
    { CapacityUnits: units = 0, GlobalSecondaryIndexes: indexes = {} }: ConsumedCapacity,
  ): void {
    if (isWrite(commandName)) {
      this.#writeUnits += units;
      for (const index of Object.values(indexes)) this.#indexUnits += index.CapacityUnits ?? 0;
    } else {
      this.#readUnits += units;
    }
  }

  /** What `work` spends; nothing else may use the client meanwhile. */
  async of<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly spent: Spent }> {
    const first = this.#requests.length;
    const writeUnits = this.#writeUnits;
    const indexUnits = this.#indexUnits;
    const readUnits = this.#readUnits;
    const result = await work();
    const spent = {
      requests: this.#requests.slice(first),
      writeUnits: this.#writeUnits - writeUnits,
      indexUnits: this.#indexUnits - indexUnits,
      readUnits: this.#readUnits - readUnits,
    };
    return { result, spent };
  }
}
