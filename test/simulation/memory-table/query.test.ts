import {
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactGetCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { creditsTable } from './credits-table.ts';
import { endpointOf } from './endpoint.ts';
import { quickClient } from './quick-client.ts';

const TableName = 'table';
const Key = { pk: 'p', sk: 's' };
let client = quickClient(endpointOf(creditsTable(TableName)));
beforeEach(() => {
  client = quickClient(endpointOf(creditsTable(TableName)));
});

type Values = Record<string, unknown>;
const given = (values: Values) => (Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: values });
const put = (item: Values, key: Values = Key) => client.send(new PutCommand({ TableName, Item: { ...item, ...key } }));
const refusal = (answer: Promise<unknown>): Promise<string> =>
  answer.then(
    () => 'answered',
    (fault: unknown) => (fault instanceof Error ? fault.name : 'not an error'),
  );

describe('a query', () => {
  const query = async (expression: string, values: Values, more: Values = {}) => {
    const { Items = [], LastEvaluatedKey } = await client.send(
      new QueryCommand({ TableName, KeyConditionExpression: expression, ...given(values), ...more }),
    );
    return { found: Items.map((item) => `${item['sk']}`).join(' '), last: LastEvaluatedKey };
  };
  beforeEach(async () => {
    for (const [at, sk] of ['b', 'a', 'c', 'ab', '\u{1f600}', '\uffff'].entries())
      await put({ i: at, q: at % 2 === 0 ? 'even' : 'odd', ...(at < 4 ? { e: 10 - at } : {}) }, { pk: 'p', sk });
  });

  test.each<readonly [string, Values, Values, string]>([
    // By the bytes of UTF-8, in which an emoji comes after U+FFFF.
    ['pk = :p', { ':p': 'p' }, {}, 'a ab b c \uffff \u{1f600}'],
    ['pk = :p AND sk BETWEEN :a AND :b', { ':p': 'p', ':a': 'ab', ':b': 'c' }, {}, 'ab b c'],
    ['pk = :p AND sk < :b', { ':p': 'p', ':b': 'b' }, { ScanIndexForward: false }, 'ab a'],
    ['pk = :p AND begins_with(sk, :a)', { ':p': 'p', ':a': 'a' }, {}, 'a ab'],
    ['pk = :p', { ':p': 'p', ':n': 2 }, { FilterExpression: 'i > :n', Limit: 4 }, 'ab'],
    ['q = :q', { ':q': 'even' }, { IndexName: 'byDeadline' }, 'c b'],
    ['q = :q AND e <= :now', { ':q': 'odd', ':now': 8 }, { IndexName: 'byDeadline' }, 'ab'],
    ['q = :q', { ':q': 'odd' }, { IndexName: 'byBoundary' }, ''],
  ])('%s %j %j finds %j', async (expression, values, more, expected) => {
    expect((await query(expression, values, more)).found).toBe(expected);
  });

  test('in pages finds each item once, either way', async () => {
    for (const ScanIndexForward of [true, false]) {
      const found: string[] = [];
      let last: unknown;
      do {
        const page = await query('pk = :p', { ':p': 'p' }, { Limit: 2, ScanIndexForward, ExclusiveStartKey: last });
        if (page.found !== '') found.push(page.found);
        last = page.last;
      } while (last !== undefined);
      expect(found).toEqual(
        ScanIndexForward ? ['a ab', 'b c', '\uffff \u{1f600}'] : ['\u{1f600} \uffff', 'c b', 'ab a'],
      );
    }
  });

  test('sees an index’s keys only, and one past its own', async () => {
    const { Items } = await client.send(
      new QueryCommand({
        TableName,
        IndexName: 'byDeadline',
        KeyConditionExpression: 'q = :q',
        ExpressionAttributeValues: { ':q': 'odd' },
        Limit: 1,
      }),
    );
    expect(Items).toEqual([{ pk: 'p', sk: 'ab', q: 'odd', e: 7 }]);
  });

  test('of an index cannot be consistent', async () => {
    expect(await refusal(query('q = :q', { ':q': 'odd' }, { IndexName: 'byDeadline', ConsistentRead: true }))).toBe(
      'ValidationException',
    );
  });
});

describe('units', () => {
  const metered = { ReturnConsumedCapacity: 'TOTAL' } as const;
  const kb = (count: number): Values => ({ a: 'x'.repeat(count * 1024 - 7) });
  const update = (UpdateExpression: string, values: Values = {}) =>
    client.send(new UpdateCommand({ TableName, Key, UpdateExpression, ...given(values), ...metered }));

  test.each<readonly [string, Values | null, () => Promise<{ readonly ConsumedCapacity?: unknown }>, number]>([
    ['a small write', null, () => client.send(new PutCommand({ TableName, Item: Key, ...metered })), 1],
    [
      'a write by its larger image: the old',
      kb(3),
      () => client.send(new PutCommand({ TableName, Item: Key, ...metered })),
      3,
    ],
    ['a write that enters an index', null, () => update('SET q = :q, e = :e', { ':q': 'x', ':e': 1 }), 2],
    ['a write that moves in an index', { q: 'x', e: 1 }, () => update('SET e = :e', { ':e': 2 }), 3],
    ['a write that leaves an index', { q: 'x', e: 1 }, () => update('REMOVE e'), 2],
    ['a write that leaves its index alone', { q: 'x', e: 1 }, () => update('SET a = :a', { ':a': 2 }), 1],
    [
      'a consistent read of 5 KB',
      kb(5),
      () => client.send(new GetCommand({ TableName, Key, ConsistentRead: true, ...metered })),
      2,
    ],
    ['the same, not consistent', kb(5), () => client.send(new GetCommand({ TableName, Key, ...metered })), 1],
    [
      'a read of nothing',
      null,
      () => client.send(new GetCommand({ TableName, Key, ConsistentRead: true, ...metered })),
      1,
    ],
  ])('%s: %#', async (_, item, request, expected) => {
    if (item !== null) await put(item);
    expect(await request()).toMatchObject({ ConsumedCapacity: { CapacityUnits: expected } });
  });

  test('a transaction costs its items twice', async () => {
    await put(kb(2));
    const write = await client.send(
      new TransactWriteCommand({
        TransactItems: [{ Put: { TableName, Item: Key } }, { Put: { TableName, Item: { pk: 'p', sk: 'new' } } }],
        ...metered,
      }),
    );
    expect(write.ConsumedCapacity).toMatchObject([{ CapacityUnits: 6 }]);
    const read = await client.send(
      new TransactGetCommand({ TransactItems: [{ Get: { TableName, Key } }], ...metered }),
    );
    expect(read.ConsumedCapacity).toMatchObject([{ CapacityUnits: 2 }]);
  });
});
