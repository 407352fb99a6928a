import type { ConsumedCapacity } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { accountOfKey } from '../../lib/store/keys.ts';
import { isWrite } from '../meter.ts';
import { type MemberKind, numberOf } from './member-kind.ts';

/** What one kind of account cost. */
export interface KindCost {
  requests: number;
  writeUnits: number;
  indexUnits: number;
}

/** What went over the wire; as many numbers as there are kinds, however many accounts there are. */
export interface Tally {
  readonly byKind: Map<MemberKind, KindCost>;
  /** Write requests, the SDK's retries included. */
  writes: number;
  /** Write requests answered with a fault: their units no answer reports. */
  failedWrites: number;
  /** Queries of a due index, and what they took. */
  indexQueries: number;
  indexRows: number;
  indexReadUnits: number;
  /** Everything else read. */
  pointReads: number;
  pointReadUnits: number;
}

const fresh = (): Tally => ({
  byKind: new Map(),
  writes: 0,
  failedWrites: 0,
  indexQueries: 0,
  indexRows: 0,
  indexReadUnits: 0,
  pointReads: 0,
  pointReadUnits: 0,
});

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** The first partition key in a request: everything one request writes is of one account. */
const firstKey = (value: unknown): string | null => {
  if (Array.isArray(value)) return value.map(firstKey).find((key) => key !== null) ?? null;
  if (!isRecord(value)) return null;
  const { pk } = value;
  if (typeof pk === 'string') return pk;
  if (isRecord(pk) && typeof pk['S'] === 'string') return pk['S'];
  return (
    ['TransactItems', 'Put', 'Update', 'Delete', 'Item', 'Key']
      .map((name) => firstKey(value[name]))
      .find((key) => key !== null) ?? null
  );
};

const capacities = (output: Readonly<Record<string, unknown>>): readonly ConsumedCapacity[] => {
  const capacity = output['ConsumedCapacity'];
  if (Array.isArray(capacity)) return capacity;
  return isRecord(capacity) ? [capacity] : [];
};

const unitsOf = (all: readonly ConsumedCapacity[]) => ({
  units: all.reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0),
  indexUnits: all
    .flatMap(({ GlobalSecondaryIndexes = {} }) => Object.values(GlobalSecondaryIndexes))
    .reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0),
});

/** Counts a client's requests by the kind of account they write, below the SDK's retries. `take` hands out what came since the last. */
export const countByKind = (
  client: DynamoDBDocumentClient,
  kindOf: (at: number) => MemberKind,
): { readonly take: () => Tally } => {
  let tally = fresh();
  const write = (input: unknown, output: Readonly<Record<string, unknown>>): void => {
    const key = firstKey(input);
    if (key === null) throw new Error('a write without a key');
    const kind = kindOf(numberOf(accountOfKey(key).accountId));
    const cost = tally.byKind.get(kind) ?? { requests: 0, writeUnits: 0, indexUnits: 0 };
    const { units, indexUnits } = unitsOf(capacities(output));
    cost.requests++;
    cost.writeUnits += units;
    cost.indexUnits += indexUnits;
    tally.byKind.set(kind, cost);
  };
  const read = (commandName: string, output: Readonly<Record<string, unknown>>): void => {
    const { units } = unitsOf(capacities(output));
    if (commandName === 'QueryCommand') {
      tally.indexQueries++;
      tally.indexRows += Number(output['Count'] ?? 0);
      tally.indexReadUnits += units;
    } else {
      tally.pointReads++;
      tally.pointReadUnits += units;
    }
  };
  client.middlewareStack.add(
    (next) => (args) => next({ ...args, input: { ...args.input, ReturnConsumedCapacity: 'INDEXES' } }),
    { step: 'initialize', name: 'askForCapacity' },
  );
  client.middlewareStack.add(
    (next, { commandName = 'unknown' }) =>
      async (args) => {
        const writing = isWrite(commandName);
        if (writing) tally.writes++;
        try {
          const answer = await next(args);
          const { output } = answer;
          if (!isRecord(output)) return answer;
          if (writing) write(args.input, output);
          else read(commandName, output);
          return answer;
        } catch (fault) {
          if (writing) tally.failedWrites++;
          throw fault;
        }
      },
    { step: 'deserialize', name: 'countByKind', priority: 'high' },
  );
  return {
    take: () => {
      const taken = tally;
      tally = fresh();
      return taken;
    },
  };
};
