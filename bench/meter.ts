import { ConditionalCheckFailedException, type ConsumedCapacity } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { marshalledBytes, writeUnitsOf } from './item-size.ts';

export interface Spent {
  /** HTTP requests, retries of the SDK included. */
  readonly roundTrips: number;
  readonly writeUnits: number;
  readonly readUnits: number;
}

const READS = /^(Get|BatchGet|TransactGet|Query|Scan)/;

/** What a failed condition costs: as much as the write would have, by the size of the item in the way; the answer does not say. */
const unitsOfFailure = (fault: unknown): number => {
  if (!(fault instanceof ConditionalCheckFailedException)) return 0;
  return fault.Item === undefined ? 1 : writeUnitsOf(marshalledBytes(fault.Item));
};

const consumed = (output: object): readonly ConsumedCapacity[] => {
  if (!('ConsumedCapacity' in output)) return [];
  const { ConsumedCapacity: capacity } = output;
  if (Array.isArray(capacity)) return capacity;
  return typeof capacity === 'object' && capacity !== null ? [capacity] : [];
};

/**
 * Counts what goes over the wire: round trips below the SDK's retries, capacity units as the engine reports them. Units of a
 * cancelled transaction are not counted: no answer reports them.
 */
export class Meter {
  #spent: Spent = { roundTrips: 0, writeUnits: 0, readUnits: 0 };

  constructor(client: DynamoDBDocumentClient) {
    client.middlewareStack.add(
      (next) => (args) => next({ ...args, input: { ...args.input, ReturnConsumedCapacity: 'INDEXES' } }),
      { step: 'initialize', name: 'askForCapacity' },
    );
    client.middlewareStack.add(
      (next, { commandName = '' }) =>
        async (args) => {
          this.#add({ roundTrips: 1 });
          try {
            const answer = await next(args);
            const units = consumed(answer.output).reduce((sum, each) => sum + (each.CapacityUnits ?? 0), 0);
            this.#add(READS.test(commandName) ? { readUnits: units } : { writeUnits: units });
            return answer;
          } catch (fault) {
            this.#add({ writeUnits: unitsOfFailure(fault) });
            throw fault;
          }
        },
      { step: 'deserialize', name: 'countRoundTrips', priority: 'high' },
    );
  }

  #add(more: Partial<Spent>): void {
    const { roundTrips, writeUnits, readUnits } = this.#spent;
    this.#spent = {
      roundTrips: roundTrips + (more.roundTrips ?? 0),
      writeUnits: writeUnits + (more.writeUnits ?? 0),
      readUnits: readUnits + (more.readUnits ?? 0),
    };
  }

  /** What `work` spends; nothing else may use the client meanwhile. */
  async of<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly spent: Spent }> {
    const before = this.#spent;
    const result = await work();
    const after = this.#spent;
    return {
      result,
      spent: {
        roundTrips: after.roundTrips - before.roundTrips,
        writeUnits: after.writeUnits - before.writeUnits,
        readUnits: after.readUnits - before.readUnits,
      },
    };
  }
}
