import { ConditionalCheckFailedException, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand, QueryCommand, TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { creditsTable } from './credits-table.ts';
import { endpointOf } from './endpoint.ts';
import { quickClient } from './quick-client.ts';

const TableName = 'table';
const Key = { pk: 'p', sk: 's' };
let nowMs = 0;
let table = creditsTable(TableName);
let client = quickClient(endpointOf(table));
beforeEach(() => {
  nowMs = 0;
  table = creditsTable(TableName, () => nowMs);
  client = quickClient(endpointOf(table));
});

type Values = Record<string, unknown>;
const given = (values: Values) => (Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: values });
const put = (item: Values, key: Values = Key) => client.send(new PutCommand({ TableName, Item: { ...item, ...key } }));
const stored = async (key: Values = Key): Promise<Values> => {
  const { Item = {} } = await client.send(new GetCommand({ TableName, Key: key, ConsistentRead: true }));
  const { pk: _, sk: __, ...rest } = Item;
  return rest;
};
const refusal = (answer: Promise<unknown>): Promise<string> =>
  answer.then(
    () => 'answered',
    (fault: unknown) => (fault instanceof Error ? fault.name : 'not an error'),
  );

describe('a condition', () => {
  const ITEM = {
    n: 10,
    s: 'abc',
    z: '',
    yes: true,
    nil: null,
    ss: new Set(['x', 'y']),
    nums: new Set([1, 2]),
    l: [1, 'two', { deep: [true] }],
    m: { n: 3, m: { s: 'é' } },
  };

  test.each<readonly [string, Values, boolean | string]>([
    // Comparison is by type first: a number never equals, precedes or follows a string.
    ['n = :v', { ':v': 10 }, true],
    ['n = :v', { ':v': '10' }, false],
    ['n <> :v', { ':v': '10' }, true],
    ['n > :v', { ':v': 9 }, true],
    ['n > :v', { ':v': '9' }, false],
    ['n <= :v', { ':v': 10 }, true],
    ['s < :v', { ':v': 'abd' }, true],
    ['z < s', {}, true],
    ['ss = :v', { ':v': new Set(['y', 'x']) }, true],
    ['m.m = :v', { ':v': { s: 'é' } }, true],
    ['l = :v', { ':v': [1, 'two'] }, false],
    // What is not there is unequal to everything, and neither less nor more.
    ['gone = :v', { ':v': 1 }, false],
    ['gone <> :v', { ':v': 1 }, true],
    ['gone < :v', { ':v': 1 }, false],
    ['gone <= n', {}, false],
    ['m.n = :v AND l[2].deep[0] = :yes', { ':v': 3, ':yes': true }, true],
    ['l[9] = :v', { ':v': 1 }, false],
    ['n BETWEEN :a AND :b', { ':a': 10, ':b': 11 }, true],
    ['n BETWEEN :a AND :b', { ':a': 11, ':b': 12 }, false],
    ['n BETWEEN :a AND :b', { ':a': 12, ':b': 11 }, 'ValidationException'],
    ['n IN (:a, :b)', { ':a': '10', ':b': 10 }, true],
    ['gone IN (:a)', { ':a': 1 }, false],
    ['attribute_exists(m.m.s) AND attribute_not_exists(m.m.t)', {}, true],
    ['attribute_exists(nil)', {}, true],
    ['attribute_type(nil, :t) AND attribute_type(nums, :n)', { ':t': 'NULL', ':n': 'NS' }, true],
    ['attribute_type(n, :t)', { ':t': 'number' }, 'ValidationException'],
    ['begins_with(s, :v)', { ':v': 'ab' }, true],
    ['begins_with(n, :v)', { ':v': '1' }, false],
    ['begins_with(s, :v)', { ':v': 1 }, 'ValidationException'],
    ['contains(s, :v)', { ':v': 'bc' }, true],
    ['contains(ss, :v)', { ':v': 'x' }, true],
    ['contains(nums, :v)', { ':v': '1' }, false],
    ['contains(l, :v)', { ':v': 'two' }, true],
    ['NOT contains(gone, :v)', { ':v': 'x' }, true],
    ['size(m.m.s) = :two', { ':two': 2 }, true],
    ['size(ss) = :two AND size(m) = :two AND size(l) > :two', { ':two': 2 }, true],
    ['size(gone) < :v', { ':v': 1 }, false],
    // NOT binds tighter than AND, AND than OR.
    ['NOT n = :no AND yes = :yes', { ':no': 1, ':yes': true }, true],
    ['n = :no AND n = :no OR yes = :yes', { ':no': 1, ':yes': true }, true],
    ['n = :no AND (n = :no OR yes = :yes)', { ':no': 1, ':yes': true }, false],
    ['n = :v or gone = :v', { ':v': 10 }, true],
    ['yes < :v', { ':v': true }, 'ValidationException'],
    ['n = n', {}, 'ValidationException'],
    ['((n = :v))', { ':v': 10 }, 'ValidationException'],
    ['n = :v', { ':v': 10, ':w': 1 }, 'ValidationException'],
    ['n = :v AND n = :w', { ':v': 10 }, 'ValidationException'],
    ['#n = :v', { ':v': 10 }, 'ValidationException'],
    ['status = :v', { ':v': 10 }, 'ValidationException'],
    ['n == :v', { ':v': 10 }, 'ValidationException'],
    ['n', {}, 'ValidationException'],
    ['', {}, 'ValidationException'],
  ])('%s %j: %s', async (ConditionExpression, values, expected) => {
    await put(ITEM);
    const write = new PutCommand({ TableName, Item: { ...Key, done: 1 }, ConditionExpression, ...given(values) });
    const wanted = expected === true ? 'answered' : expected === false ? 'ConditionalCheckFailedException' : expected;
    expect(await refusal(client.send(write))).toBe(wanted);
    expect(await stored()).toEqual(expected === true ? { done: 1 } : ITEM);
  });
});

describe('an update', () => {
  test.each<readonly [Values, string, Values, Values | string]>([
    // item, expression, values → the item after
    [{ a: 1 }, 'SET b = a + :v, a = a - :v', { ':v': 3 }, { a: -2, b: 4 }],
    [{ a: 1 }, 'SET a = if_not_exists(a, :v), b = if_not_exists(b, :v)', { ':v': 9 }, { a: 1, b: 9 }],
    [{ a: 1, b: 2 }, 'SET a = b, b = a', {}, { a: 2, b: 1 }],
    [{ l: [1] }, 'SET l = list_append(:v, l)', { ':v': [0] }, { l: [0, 1] }],
    [{ m: { a: 1 } }, 'SET m.b = :v', { ':v': null }, { m: { a: 1, b: null } }],
    [{}, 'SET m.b = :v', { ':v': 1 }, 'ValidationException'],
    [{ m: 'text' }, 'SET m.b = :v', { ':v': 1 }, 'ValidationException'],
    // A place beyond a list's end is its end.
    [{ l: [1] }, 'SET l[7] = :b, l[3] = :a', { ':a': 'a', ':b': 'b' }, { l: [1, 'a', 'b'] }],
    [{ l: [1, 2, 3, 4] }, 'REMOVE l[0], l[2] SET l[3] = :v', { ':v': 9 }, { l: [2, 9] }],
    [{ l: [1] }, 'REMOVE l[5], gone', {}, { l: [1] }],
    [{ a: 1 }, 'REMOVE m.b', {}, 'ValidationException'],
    [{ m: { a: 1 } }, 'REMOVE m.a', {}, { m: {} }],
    [{ a: 1 }, 'ADD a :v, b :v', { ':v': -2 }, { a: -1, b: -2 }],
    [{ s: new Set(['x']) }, 'ADD s :v', { ':v': new Set(['x', 'y']) }, { s: new Set(['x', 'y']) }],
    [{ s: new Set(['x', 'y']) }, 'DELETE s :v', { ':v': new Set(['x']) }, { s: new Set(['y']) }],
    [{ s: new Set(['x']) }, 'DELETE s :v', { ':v': new Set(['x']) }, {}],
    [{ s: new Set(['x']) }, 'ADD s :v', { ':v': new Set([1]) }, 'ValidationException'],
    [{ a: 'text' }, 'SET a = a + :v', { ':v': 1 }, 'ValidationException'],
    [{}, 'SET b = a', {}, 'ValidationException'],
    [{}, 'SET a = :v + :v', { ':v': 'text' }, 'ValidationException'],
    [{}, 'SET a = :v, a = :v', { ':v': 1 }, 'ValidationException'],
    [{ m: {} }, 'SET m = :v, m.a = :v', { ':v': 1 }, 'ValidationException'],
    [{}, 'SET sk = :v', { ':v': 'x' }, 'ValidationException'],
    [{}, 'SET a = :v SET b = :v', { ':v': 1 }, 'ValidationException'],
    [{}, 'ADD a :v', { ':v': [1] }, 'ValidationException'],
    // The index's types: `e` is a number.
    [{ a: 1 }, 'SET e = :v', { ':v': 'soon' }, 'ValidationException'],
  ])('of %j: %s %j', async (item, UpdateExpression, values, expected) => {
    await put(item);
    const refused = await refusal(
      client.send(new UpdateCommand({ TableName, Key, UpdateExpression, ...given(values) })),
    );
    expect(refused).toBe(typeof expected === 'string' ? expected : 'answered');
    expect(await stored()).toEqual(typeof expected === 'string' ? item : expected);
  });

  test.each([
    ['NONE', undefined],
    ['ALL_OLD', { ...Key, a: 1, m: { x: 1, y: 2 } }],
    ['ALL_NEW', { ...Key, a: 2, m: { x: 5, y: 2 }, b: 3 }],
    ['UPDATED_OLD', { a: 1, m: { x: 1 } }],
    ['UPDATED_NEW', { a: 2, m: { x: 5 }, b: 3 }],
  ] as const)('answers %s with %j', async (ReturnValues, expected) => {
    await put({ a: 1, m: { x: 1, y: 2 } });
    const { Attributes } = await client.send(
      new UpdateCommand({
        TableName,
        Key,
        UpdateExpression: 'SET a = :a, m.x = :x, b = :b',
        ExpressionAttributeValues: { ':a': 2, ':x': 5, ':b': 3 },
        ReturnValues,
      }),
    );
    expect(Attributes).toEqual(expected);
  });

  test('refuses what it cannot represent, rather than round it', async () => {
    await put({ a: Number.MAX_SAFE_INTEGER });
    const add = new UpdateCommand({
      TableName,
      Key,
      UpdateExpression: 'ADD a :v',
      ExpressionAttributeValues: { ':v': 1 },
    });
    expect(await refusal(client.send(add))).toBe('NotKnown');
    expect(await refusal(put({ a: 0.5 }))).toBe('NotKnown');
  });
});

describe('an expression', () => {
  /** So many comparisons, joined: twice as many operators less one. */
  const comparisons = (count: number) => Array.from({ length: count }, () => 'n=:v').join(' OR ');
  test.each([
    ['of 299 operators', comparisons(150), 'answered'],
    ['of 300, size among them', comparisons(150).replace('n=', 'size(s)='), 'answered'],
    [
      'of 301, two of them size',
      comparisons(150).replace('n=:v OR n=', 'size(s)=:v OR size(s)='),
      'ValidationException',
    ],
    ['of 301 operators', comparisons(151), 'ValidationException'],
    ['of 301, NOT among them', `NOT NOT ${comparisons(150)}`, 'ValidationException'],
    ['of 4,096 bytes', 'n = :v'.padEnd(4096), 'answered'],
    ['of 4,097 bytes', 'n = :v'.padEnd(4097), 'ValidationException'],
  ])('as a condition, %s: %s', async (_, ConditionExpression, expected) => {
    await put({ n: 1 });
    const write = new PutCommand({ TableName, Item: Key, ConditionExpression, ...given({ ':v': 1 }) });
    expect(await refusal(client.send(write))).toBe(expected);
  });

  test.each([
    ['additions', 300, (at: number) => `a${at}=n+:v`, 'answered'],
    ['additions', 301, (at: number) => `a${at}=n-:v`, 'ValidationException'],
    ['values, which are none', 301, (at: number) => `a${at}=:v`, 'answered'],
  ] as const)('as an update, of %s, %i: refused or not', async (_, count, one, expected) => {
    await put({ n: 1 });
    const UpdateExpression = `SET ${Array.from({ length: count }, (_, at) => one(at)).join(',')}`;
    const write = new UpdateCommand({ TableName, Key, UpdateExpression, ...given({ ':v': 1 }) });
    expect(await refusal(client.send(write))).toBe(expected);
  });
});

describe('refusals', () => {
  test('a failed condition hands the item back as the SDK does: marshalled', async () => {
    await put({ a: 1 });
    const write = new PutCommand({
      TableName,
      Item: Key,
      ConditionExpression: 'attribute_not_exists(pk)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    const fault = await client.send(write).catch((thrown: unknown) => thrown);
    expect(fault).toBeInstanceOf(ConditionalCheckFailedException);
    expect(fault).toMatchObject({ Item: { pk: { S: 'p' }, sk: { S: 's' }, a: { N: '1' } } });
  });

  test('a transaction writes nothing where one of its writes is refused, and gives the reasons in the order of the request', async () => {
    await put({ a: 'text' });
    const write = (sk: string) => ({
      Put: { TableName, Item: { pk: 'p', sk }, ConditionExpression: 'attribute_exists(pk)' },
    });
    const fits = { Put: { TableName, Item: { pk: 'p', sk: 'new' } } };
    const adds = { Update: { TableName, Key, UpdateExpression: 'ADD a :v', ExpressionAttributeValues: { ':v': 1 } } };
    const fault = await client
      .send(new TransactWriteCommand({ TransactItems: [fits, write('none'), adds] }))
      .catch((thrown: unknown) => thrown);
    expect(fault).toBeInstanceOf(TransactionCanceledException);
    expect(fault).toMatchObject({
      CancellationReasons: [{ Code: 'None' }, { Code: 'ConditionalCheckFailed' }, { Code: 'ValidationError' }],
    });
    expect(table.items()).toHaveLength(1);
  });

  const puts = (count: number) =>
    Array.from({ length: count }, (_, at) => ({ Put: { TableName, Item: { pk: 'p', sk: `${at}` } } }));
  test.each([
    ['100 items are a transaction', () => new TransactWriteCommand({ TransactItems: puts(100) }), 'answered'],
    ['101 are not', () => new TransactWriteCommand({ TransactItems: puts(101) }), 'ValidationException'],
    [
      'an item twice is not',
      () => new TransactWriteCommand({ TransactItems: [...puts(2), ...puts(1)] }),
      'ValidationException',
    ],
  ])('%s', async (_, command, expected) => {
    expect(await refusal(client.send(command()))).toBe(expected);
  });

  test.each([
    ['400 KB are an item', { a: 'x'.repeat(400 * 1024 - 7) }, 'answered'],
    ['a byte more is not', { a: 'x'.repeat(400 * 1024 - 6) }, 'ValidationException'],
    ['a key that is empty', { sk: '' }, 'ValidationException'],
    ['a key of another type', { sk: 1 }, 'ValidationException'],
  ])('%s', async (_, item, expected) => {
    expect(await refusal(client.send(new PutCommand({ TableName, Item: { ...Key, ...item } })))).toBe(expected);
  });

  test('another table is not found', async () => {
    expect(await refusal(client.send(new GetCommand({ TableName: 'other', Key })))).toBe('ResourceNotFoundException');
  });

  test('a parameter it would ignore is not ignored', async () => {
    const legacy = new QueryCommand({ TableName, KeyConditionExpression: 'pk = :p', Select: 'COUNT' });
    expect(await refusal(client.send(legacy))).toBe('NotKnown');
  });
});

describe('a transaction sent again', () => {
  const send = (token: string, a: number) =>
    client.send(
      new TransactWriteCommand({
        ClientRequestToken: token,
        TransactItems: [
          {
            Update: { TableName, Key, UpdateExpression: 'ADD a :v', ExpressionAttributeValues: { ':v': a } },
          },
        ],
      }),
    );

  test('with its token writes once within ten minutes, and again after', async () => {
    await send('one', 1);
    nowMs = 10 * 60_000 - 1;
    await send('one', 1);
    expect(await stored()).toEqual({ a: 1 });
    nowMs++;
    await send('one', 1);
    expect(await stored()).toEqual({ a: 2 });
  });

  test('with the token of another is refused', async () => {
    await send('one', 1);
    expect(await refusal(send('one', 2))).toBe('IdempotentParameterMismatchException');
  });
});
