import {
  BatchGetCommand,
  type BatchGetCommandInput,
  type BatchGetCommandOutput,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { FAULTS, type Fault, type FaultSettings, faultyTable } from './faults.ts';
import { creditsTable } from './memory-table/credits-table.ts';
import { endpointOf } from './memory-table/endpoint.ts';
import type { MemoryTable } from './memory-table/memory-table.ts';
import { quickClient } from './memory-table/quick-client.ts';
import { wireClient } from './memory-table/wire-client.ts';
import { createRandom } from './random.ts';

const TableName = 'table';
const Key = { pk: 'p', sk: 's' };

let table: MemoryTable;
beforeEach(() => {
  table = creditsTable(TableName);
});

const settings = (rates: FaultSettings['rates'], seed = 1): FaultSettings => ({
  rates,
  random: createRandom(seed),
  turn: async () => undefined,
  maxWritesAgo: 3,
});

const add = () =>
  new UpdateCommand({ TableName, Key, UpdateExpression: 'ADD a :v', ExpressionAttributeValues: { ':v': 1 } });
const transact = () =>
  new TransactWriteCommand({
    TransactItems: [
      { Update: { TableName, Key, UpdateExpression: 'ADD a :v', ExpressionAttributeValues: { ':v': 1 } } },
    ],
  });
const stored = async (): Promise<unknown> => {
  const { Item } = await quickClient(endpointOf(table)).send(new GetCommand({ TableName, Key }));
  return Item?.['a'] ?? 0;
};
const thrown = (answer: Promise<unknown>): Promise<unknown> =>
  answer.then(
    () => 'answered',
    (fault: unknown) => (fault instanceof Error ? fault.name : fault),
  );

describe('a fault that always happens', () => {
  test.each<readonly [Fault, () => UpdateCommand | TransactWriteCommand, string | RegExp, number, number]>([
    // fault, request → thrown, attempts, what was added
    ['throttled', add, /^(ThrottlingException|ProvisionedThroughputExceededException)$/, 3, 0],
    ['throttled', transact, 'TransactionCanceledException', 1, 0],
    ['conflict', add, 'TransactionConflictException', 1, 0],
    ['conflict', transact, 'TransactionCanceledException', 1, 0],
    ['lostRequest', add, 'TimeoutError', 3, 0],
    // The SDK sends again what took effect unheard.
    ['lostAnswer', add, 'TimeoutError', 3, 3],
    // A transaction's token does not let it happen twice.
    ['lostAnswer', transact, 'TimeoutError', 3, 1],
    ['failedBefore', add, 'InternalServerError', 3, 0],
    ['failedAfter', add, 'InternalServerError', 3, 3],
  ])('%s, %o', async (fault, command, expected, attempts, added) => {
    const faulty = faultyTable(table, settings({ [fault]: 1 }));
    const client = quickClient(faulty.endpoint);
    const name = await thrown(command() instanceof UpdateCommand ? client.send(add()) : client.send(transact()));
    expect(name).toMatch(expected);
    expect(faulty.attempts()).toBe(attempts);
    expect(faulty.counts).toMatchObject({ [fault]: attempts });
    expect(await stored()).toBe(added);
  });

  test.each(['lostAnswer', 'failedAfter', 'lostRequest'] as const)(
    '%s is met by the SDK as by the quick client',
    async (fault) => {
      const outcomes = [wireClient, quickClient].map(async (open) => {
        const own = creditsTable(TableName);
        const faulty = faultyTable(own, settings({ [fault]: 1 }));
        const name = await thrown(open(faulty.endpoint).send(add()));
        return { name, attempts: faulty.attempts(), items: own.items() };
      });
      const [wire, quick] = await Promise.all(outcomes);
      expect(quick).toEqual(wire);
    },
  );
});

test('a stale read sees an earlier image, one of an index too, and a consistent one does not', async () => {
  const sure = quickClient(endpointOf(table));
  const client = quickClient(faultyTable(table, { ...settings({ stale: 1 }), maxWritesAgo: 1 }).endpoint);
  await sure.send(new PutCommand({ TableName, Item: { ...Key, a: 1, q: 'x', e: 1 } }));
  await sure.send(new PutCommand({ TableName, Item: { ...Key, a: 2 } }));
  const { Item: early } = await client.send(new GetCommand({ TableName, Key }));
  const { Item: sureItem } = await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }));
  const { Items } = await client.send(
    new QueryCommand({
      TableName,
      IndexName: 'byDeadline',
      KeyConditionExpression: 'q = :q',
      ExpressionAttributeValues: { ':q': 'x' },
    }),
  );
  expect([early?.['a'], sureItem?.['a'], Items]).toEqual([1, 2, [{ ...Key, q: 'x', e: 1 }]]);
});

test('a batch answered in part says what is left, and all of it is found in the end', async () => {
  const sure = quickClient(endpointOf(table));
  const keys = ['a', 'b', 'c', 'd'].map((sk) => ({ pk: 'p', sk }));
  for (const key of keys) await sure.send(new PutCommand({ TableName, Item: key }));
  const faulty = faultyTable(table, settings({ unprocessed: 0.7 }));
  const client = quickClient(faulty.endpoint);
  const found: unknown[] = [];
  let left: BatchGetCommandInput['RequestItems'] = { [TableName]: { Keys: keys } };
  while (left !== undefined && Object.keys(left).length > 0) {
    const answer: BatchGetCommandOutput = await client.send(new BatchGetCommand({ RequestItems: left }));
    found.push(...(answer.Responses?.[TableName] ?? []));
    left = answer.UnprocessedKeys;
  }
  expect(found).toEqual(keys);
  expect(faulty.counts.unprocessed).toBeGreaterThan(0);
});

test('the same seed brings the same faults, another one others', async () => {
  const told = async (seed: number): Promise<string> => {
    const own = creditsTable(TableName);
    const rates = Object.fromEntries(FAULTS.map((fault) => [fault, 0.05]));
    const faulty = faultyTable(own, settings(rates, seed));
    const client = quickClient(faulty.endpoint, { random: createRandom(seed) });
    const names: unknown[] = [];
    for (let at = 0; at < 60; at++)
      names.push(await thrown(at % 3 === 0 ? client.send(transact()) : client.send(add())));
    return JSON.stringify([names, faulty.counts, own.items()]);
  };
  expect(await told(1)).toBe(await told(1));
  expect(await told(1)).not.toBe(await told(2));
});

test('others may come before a request, and between its effect and its answer', async () => {
  const moments: unknown[] = [];
  const faulty = faultyTable(table, {
    ...settings({}),
    turn: async (moment, operation) => {
      moments.push([moment, operation, table.items().length]);
    },
  });
  await quickClient(faulty.endpoint).send(add());
  expect(moments).toEqual([
    ['sent', 'UpdateItem', 0],
    ['done', 'UpdateItem', 1],
  ]);
});
