import { type DynamoDBDocumentClient, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { convertToAttr, unmarshall } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { freshTable, testClient } from '../fresh-table.ts';
import { deviationOf } from './differential/deviations.ts';
import { genericDeeds } from './differential/generic.ts';
import { storeHistory, tellHistory } from './differential/store-history.ts';
import { contentsOf, type Deed, inOrder, type Outcome, outcomeOf, send } from './differential/stores.ts';
import { creditsTable } from './memory-table/credits-table.ts';
import { endpointOf } from './memory-table/endpoint.ts';
import { itemBytes } from './memory-table/item-size.ts';
import type { MemoryTable } from './memory-table/memory-table.ts';
import { quickClient } from './memory-table/quick-client.ts';
import { parseItem } from './memory-table/value.ts';
import { wireClient } from './memory-table/wire-client.ts';

/** The same requests each time; `DIFFERENTIAL_SEED` and `DIFFERENTIAL_RUNS` ask for others, and more. */
const seed = Number(process.env['DIFFERENTIAL_SEED'] ?? 6);
const times = Number(process.env['DIFFERENTIAL_RUNS'] ?? 1);

/** As `fc.assert`, without a page of functions: the request that differs is in the cause. */
const prove = async <T>(property: fc.IAsyncProperty<T>, numRuns: number): Promise<void> => {
  const { failed, counterexamplePath, errorInstance } = await fc.check(property, {
    numRuns: numRuns * times,
    seed,
    endOnFailure: true,
  });
  if (failed) throw new Error(`fails with seed ${seed}, path ${counterexamplePath}`, { cause: errorInstance });
};

const engine = testClient();

const told = (deed: Deed): string => JSON.stringify(inOrder(deed));

const itemsOf = (table: MemoryTable) => table.items().map((item) => unmarshall(item));
const contents = (table: MemoryTable): unknown => contentsOf(itemsOf(table));
const engineContents = async (TableName: string): Promise<unknown> => {
  const { Items = [] } = await engine.send(new ScanCommand({ TableName, ConsistentRead: true }));
  return contentsOf(Items);
};

describe('the memory table does what the engine does', () => {
  test('with random requests: answers, refusals, units, contents', async () => {
    const outcomes = { answered: 0, refused: 0 };
    const run = async (deeds: readonly ((table: string) => Deed)[]) => {
      const name = await freshTable(engine);
      const table = creditsTable(name);
      const quick = quickClient(endpointOf(table));
      for (const deed of deeds.map((make) => make(name))) {
        const theirs = await outcomeOf(deed.what, () => send(engine, deed));
        const ours = await outcomeOf(deed.what, () => send(quick, deed));
        outcomes[ours.refused === undefined ? 'answered' : 'refused']++;
        if (deviationOf(deed, theirs, ours, itemsOf(table)) !== null) {
          if (theirs.answered !== undefined && ours.refused !== undefined) return;
          continue;
        }
        expect(ours, told(deed)).toEqual(theirs);
      }
      expect(contents(table)).toEqual(await engineContents(name));
    };
    await prove(fc.asyncProperty(genericDeeds, run), 30);
    // Not a comparison of refusals only.
    expect(outcomes.answered).toBeGreaterThan(300);
    expect(outcomes.refused).toBeGreaterThan(100);
  });

  test('with the store’s own requests, as the doors send them', async () => {
    let requests = 0;
    const run = async (history: Parameters<typeof tellHistory>[1]) => {
      const { table, compared } = await tellHistory(engine, history);
      requests += compared;
      expect(contents(table)).toEqual(await engineContents(table.shape.name));
    };
    await prove(fc.asyncProperty(storeHistory, run), 6);
    expect(requests).toBeGreaterThan(250);
  });
});

test('every kind of value has the bytes it has in the engine: 1,024 cost one unit, a byte more costs two', async () => {
  const strings = [new Set(['x']), new Set(['x', 'yy'])];
  const numbers = [0, 1, 12, 100, 123, 1200, 12345, 1_767_225_600_000, -1, -12, -123, 1_000_001];
  const values = [...numbers, ...strings, new Set([1, 22, 333]), 'é', true, null, [], [1, [2]], {}, { a: { b: 1 } }];
  const TableName = await freshTable(engine);
  const table = creditsTable(TableName);
  const quick = quickClient(endpointOf(table));
  const units = async (client: DynamoDBDocumentClient, sk: string, v: unknown, length: number): Promise<unknown> => {
    const Item = { pk: 'p', sk, v, f: 'x'.repeat(length) };
    const { ConsumedCapacity } = await client.send(
      new PutCommand({ TableName, Item, ReturnConsumedCapacity: 'TOTAL' }),
    );
    return ConsumedCapacity?.CapacityUnits;
  };
  for (const [at, value] of values.entries()) {
    const bytes = itemBytes(parseItem({ pk: { S: 'p' }, sk: { S: `${at}-0` }, f: { S: '' }, v: convertToAttr(value) }));
    const both = [0, 1].map(async (more) => {
      const [sk, length] = [`${at}-${more}`, 1024 - bytes + more];
      return [await units(engine, sk, value, length), await units(quick, sk, value, length)];
    });
    expect([value, ...(await Promise.all(both))]).toEqual([value, [1, 1], [2, 2]]);
  }
});

test('the quick client answers as the SDK’s whole pipeline does', async () => {
  const run = async (deeds: readonly ((table: string) => Deed)[]) => {
    const [one, other] = [creditsTable('table'), creditsTable('table')];
    const [quick, wire] = [quickClient(endpointOf(one)), wireClient(endpointOf(other))];
    for (const deed of deeds.map((make) => make('table'))) {
      const ours = await outcomeOf(deed.what, () => send(quick, deed));
      expect(ours, told(deed)).toEqual(await outcomeOf(deed.what, () => send(wire, deed)));
    }
    expect(contents(one)).toEqual(contents(other));
  };
  await prove(fc.asyncProperty(genericDeeds, run), 30);
});

describe('where the engine does not do as DynamoDB documents, the memory table does', () => {
  const Key = { pk: 'p', sk: 'ab' };
  const refused = { name: 'ValidationException', class: 'DynamoDBServiceException' };
  const none = { code: 'None', item: null };
  const cancelled = (...reasons: readonly unknown[]) => ({
    refused: { name: 'TransactionCanceledException', class: 'TransactionCanceledException', reasons },
  });

  test.each<readonly [string, (TableName: string) => Deed, Outcome, Outcome]>([
    // what → what the engine does, what the memory table does
    [
      'an update that makes its item has nothing old to answer with',
      (TableName) => ({
        what: 'update',
        input: { TableName, Key: { pk: 'p', sk: 'new' }, UpdateExpression: 'REMOVE a', ReturnValues: 'ALL_OLD' },
      }),
      { answered: { Attributes: { pk: 'p', sk: 'new' } } },
      { answered: {} },
    ],
    [
      'a place beyond a list’s end is its end',
      (TableName) => ({
        what: 'update',
        input: {
          TableName,
          Key,
          UpdateExpression: 'SET l[2] = :v',
          ExpressionAttributeValues: { ':v': 1 },
          ReturnValues: 'ALL_NEW',
        },
      }),
      { answered: { Attributes: { ...Key, l: [null, null, 1], m: null } } },
      { answered: { Attributes: { ...Key, l: [1], m: null } } },
    ],
    [
      'a path leads through no null',
      (TableName) => ({
        what: 'update',
        input: {
          TableName,
          Key,
          UpdateExpression: 'SET m.a = :v',
          ExpressionAttributeValues: { ':v': 1 },
          ReturnValues: 'UPDATED_NEW',
        },
      }),
      { answered: { Attributes: { m: { a: 1 } } } },
      { refused },
    ],
    [
      'a sort key begins with letters of the same case only',
      (TableName) => ({
        what: 'query',
        input: {
          TableName,
          KeyConditionExpression: 'pk = :p AND begins_with(sk, :a)',
          ExpressionAttributeValues: { ':p': 'p', ':a': 'A' },
          ProjectionExpression: 'pk, sk',
        },
      }),
      { answered: { Count: 1, ScannedCount: 1, Items: [Key] } },
      { answered: { Count: 0, ScannedCount: 0, Items: [] } },
    ],
    [
      'a number begins with nothing',
      (TableName) => ({
        what: 'query',
        input: {
          TableName,
          IndexName: 'byDeadline',
          KeyConditionExpression: 'q = :q AND begins_with(e, :e)',
          ExpressionAttributeValues: { ':q': 'q', ':e': 1 },
        },
      }),
      { answered: { Count: 0, ScannedCount: 0, Items: [] } },
      { refused },
    ],
    [
      'a transaction with an expression that is wrong whatever the item is refused',
      (TableName) => ({
        what: 'transact-write',
        input: {
          TransactItems: [
            { Put: { TableName, Item: { pk: 'p', sk: 'x' } } },
            { Update: { TableName, Key, UpdateExpression: 'SET a = b, a = b' } },
          ],
        },
      }),
      cancelled(none, { code: 'ValidationError', item: null }),
      { refused },
    ],
  ])('%s', async (_, make, theirs, ours) => {
    const name = await freshTable(engine);
    const quick = quickClient(endpointOf(creditsTable(name)));
    const item: Deed = { what: 'put', input: { TableName: name, Item: { ...Key, l: [], m: null } } };
    for (const client of [engine, quick]) await send(client, item);
    const deed = make(name);
    expect(await outcomeOf(deed.what, () => send(quick, deed))).toEqual(ours);
    // Another engine, by `DYNAMODB_ENDPOINT`, may do as documented.
    expect([theirs, ours]).toContainEqual(await outcomeOf(deed.what, () => send(engine, deed)));
  });
});
