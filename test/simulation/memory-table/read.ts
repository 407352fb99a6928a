import { inTransaction, readUnits, shownCapacity, sizeOfItem, sumOf } from './capacity.ts';
import { checkOverlap, type Path, projected } from './document.ts';
import { checkUse, parseProjection, resolvePath, type Scope } from './operand.ts';
import type { Output } from './output.ts';
import { invalid, NotKnown } from './refused.ts';
import {
  checkTable,
  flagIn,
  knowing,
  listIn,
  objectIn,
  parseKey,
  type Request,
  scopeOf,
  type TableShape,
  textIn,
} from './request.ts';
import type { View } from './rows.ts';
import type { Parsed } from './tokens.ts';
import { type Item, isObject } from './value.ts';

export interface Projection {
  readonly parsed: Parsed<unknown> | null;
  readonly of: (item: Item) => Item;
}

/** What a `ProjectionExpression` keeps of an item: all, where there is none. */
export const projectionIn = (request: Request, scope: Scope): Projection => {
  const text = textIn(request, 'ProjectionExpression');
  if (text === null) return { parsed: null, of: (item) => item };
  const parsed = parseProjection(text);
  let paths: readonly Path[] | null = null;
  const resolved = () => {
    paths ??= parsed.meaning.map((path) => resolvePath(path, scope));
    return paths;
  };
  return { parsed, of: (item) => projected(item, resolved()) };
};

/** Refuses what the request's expressions have wrong between them. */
export const checkProjection = (request: Request, scope: Scope): void => {
  const text = textIn(request, 'ProjectionExpression');
  if (text !== null) checkOverlap(parseProjection(text).meaning.map((path) => resolvePath(path, scope)));
};

const READ = ['ProjectionExpression', 'ExpressionAttributeNames'];
const GET = ['TableName', 'Key', ...READ];

const readOne = (request: Request, known: readonly string[], shape: TableShape, view: View) => {
  knowing(request, known);
  const scope = scopeOf(request);
  const key = parseKey(request['Key']);
  const projection = projectionIn(request, scope);
  checkUse(scope, [projection.parsed]);
  checkProjection(request, scope);
  checkTable(request, shape);
  const item = view.get(key);
  return { key, bytes: sizeOfItem(item), found: item === undefined ? {} : { Item: projection.of(item) } };
};

export const getItem = (request: Request, shape: TableShape, view: View): Output => {
  const { bytes, found } = readOne(request, [...GET, 'ConsistentRead', 'ReturnConsumedCapacity'], shape, view);
  const units = readUnits(bytes, flagIn(request, 'ConsistentRead', false));
  const ConsumedCapacity = shownCapacity(request, shape, () => ({ table: units, indexes: {} }));
  return ConsumedCapacity === null ? found : { ...found, ConsumedCapacity };
};

const MAX_BATCH = 100;
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

export const batchGet = (request: Request, shape: TableShape, view: View): Output => {
  knowing(request, ['RequestItems', 'ReturnConsumedCapacity']);
  const tables = Object.entries(objectIn(request, 'RequestItems'));
  const [first, ...others] = tables;
  if (first === undefined) throw invalid("1 validation error detected: 'requestItems' must not be empty");
  if (others.length > 0) throw new NotKnown('a second table');
  const [name, wanted] = first;
  if (!isObject(wanted)) throw invalid(`1 validation error detected: 'requestItems.${name}' must not be null`);
  knowing(wanted, ['Keys', 'ConsistentRead', ...READ]);
  const scope = scopeOf(wanted);
  const projection = projectionIn(wanted, scope);
  checkUse(scope, [projection.parsed]);
  checkProjection(wanted, scope);
  const keys = listIn(wanted, 'Keys');
  if (keys.length === 0) throw invalid("1 validation error detected: 'keys' must not be empty");
  if (keys.length > MAX_BATCH) throw invalid('Too many items requested for the BatchGetItem call');
  const parsed = keys.map(parseKey);
  if (new Set(parsed.map((key) => JSON.stringify(key))).size < parsed.length)
    throw invalid('Provided list of item keys contains duplicates');
  checkTable({ TableName: name }, shape);
  const items = parsed.map((key) => view.get(key));
  if (items.reduce((sum, item) => sum + sizeOfItem(item), 0) > MAX_ANSWER_BYTES)
    throw new NotKnown('so long an answer');
  const consistent = flagIn(wanted, 'ConsistentRead', false);
  const ConsumedCapacity = shownCapacity(request, shape, () =>
    sumOf(items.map((item) => ({ table: readUnits(sizeOfItem(item), consistent), indexes: {} }))),
  );
  return {
    Responses: { [name]: items.flatMap((item) => (item === undefined ? [] : [projection.of(item)])) },
    UnprocessedKeys: {},
    ...(ConsumedCapacity === null ? {} : { ConsumedCapacity: [ConsumedCapacity] }),
  };
};

/** Reads of one instant, at twice the price. */
export const transactGet = (request: Request, shape: TableShape, view: View): Output => {
  knowing(request, ['TransactItems', 'ReturnConsumedCapacity']);
  const items = listIn(request, 'TransactItems');
  if (items.length === 0 || items.length > MAX_BATCH) throw invalid('1 to 100 items make a transaction');
  const read = items.map((each) => {
    if (!isObject(each)) throw invalid('a transaction of no item');
    knowing(each, ['Get']);
    return readOne(objectIn(each, 'Get'), GET, shape, view);
  });
  if (new Set(read.map(({ key }) => JSON.stringify(key))).size < read.length)
    throw invalid('Transaction request cannot include multiple operations on one item');
  const ConsumedCapacity = shownCapacity(
    request,
    shape,
    () => inTransaction(sumOf(read.map(({ bytes }) => ({ table: readUnits(bytes, true), indexes: {} })))),
    'ReadCapacityUnits',
  );
  return {
    Responses: read.map(({ found }) => found),
    ...(ConsumedCapacity === null ? {} : { ConsumedCapacity: [ConsumedCapacity] }),
  };
};
