import { entryOf, readUnits, shownCapacity, sizeOfItem } from './capacity.ts';
import { type Condition, parseCondition } from './condition.ts';
import { checkCondition, holds } from './evaluate-condition.ts';
import { checkUse, givenValue, type Operand, resolvePath, type Scope } from './operand.ts';
import type { Output } from './output.ts';
import { checkProjection, projectionIn } from './read.ts';
import { invalid } from './refused.ts';
import { checkTable, flagIn, knowing, type Request, scopeOf, type TableShape, textIn } from './request.ts';
import { type IndexShape, keyOfItem, numberAt, textAt, type View } from './rows.ts';
import { at, compareText, type Item, isObject, parseItem, typeOf } from './value.ts';

const KNOWN = [
  'TableName',
  'IndexName',
  'KeyConditionExpression',
  'FilterExpression',
  'ProjectionExpression',
  'ExpressionAttributeNames',
  'ExpressionAttributeValues',
  'ScanIndexForward',
  'Limit',
  'ExclusiveStartKey',
  'ConsistentRead',
  'ReturnConsumedCapacity',
];

/** The table itself, or one of its indexes, as a query sees it. */
interface Side {
  readonly index: IndexShape | null;
  readonly hash: string;
  readonly range: string;
  readonly rangeType: 'S' | 'N';
}

const sideOf = (request: Request, shape: TableShape): Side => {
  const name = textIn(request, 'IndexName');
  if (name === null) return { index: null, hash: 'pk', range: 'sk', rangeType: 'S' };
  const index = shape.indexes.find((each) => each.name === name);
  if (index === undefined) throw invalid(`The table does not have the specified index: ${name}`);
  return { index, hash: index.hash, range: index.range, rangeType: 'N' };
};

const NOT_SUPPORTED = 'Query key condition not supported';

const nameOf = (operand: Operand, scope: Scope): string => {
  if (operand.kind !== 'path') throw invalid(NOT_SUPPORTED);
  const [name, ...nested] = resolvePath(operand.path, scope);
  if (nested.length > 0) throw invalid('KeyConditionExpressions cannot have conditions on nested attributes');
  return name;
};

const terms = (condition: Condition): readonly Condition[] =>
  condition.kind === 'and' ? [...terms(condition.left), ...terms(condition.right)] : [condition];

/** Each term: whose condition it is, and what it compares with. */
const termOf = (term: Condition, scope: Scope): { readonly name: string; readonly with: readonly Operand[] } => {
  if (term.kind === 'compare' && term.how !== '<>') return { name: nameOf(term.left, scope), with: [term.right] };
  if (term.kind === 'between') return { name: nameOf(term.of, scope), with: [term.low, term.high] };
  if (term.kind === 'begins') return { name: nameOf(term.of, scope), with: [term.what] };
  throw invalid(NOT_SUPPORTED);
};

interface KeyCondition {
  readonly hash: string;
  readonly range: Condition | null;
}

/** The hash key equals a value; the sort key meets one condition, or none. */
const keyConditionOf = (condition: Condition, { hash, range, rangeType }: Side, scope: Scope): KeyCondition => {
  const found = terms(condition).map((term) => ({ term, ...termOf(term, scope) }));
  if (found.length > 2) throw invalid('Conditions can be of length 1 or 2 only');
  const own = found.filter(({ name }) => name === hash);
  const sorted = found.filter(({ name }) => name === range);
  const [equal] = own;
  if (own.length + sorted.length < found.length || own.length !== 1 || equal === undefined)
    throw invalid(`Query condition missed key schema element: ${hash}`);
  if (sorted.length > 1) throw invalid('KeyConditionExpressions must only contain one condition per key');
  if (equal.term.kind !== 'compare' || equal.term.how !== '=') throw invalid(NOT_SUPPORTED);
  const values = found.flatMap(({ name, with: operands }) =>
    operands.map((operand) => {
      if (operand.kind !== 'given') throw invalid(NOT_SUPPORTED);
      const value = givenValue(operand, scope);
      if (typeOf(value) !== (name === hash ? 'S' : rangeType))
        throw invalid('One or more parameter values were invalid: Condition parameter type does not match schema type');
      if ('S' in value && value.S === '') throw invalid('The AttributeValue for a key attribute cannot be empty');
      return { name, value };
    }),
  );
  const value = values.find(({ name }) => name === hash)?.value;
  return { hash: value !== undefined && 'S' in value ? value.S : '', range: sorted[0]?.term ?? null };
};

/** Attributes a condition looks at. */
const namesIn = (condition: Condition, scope: Scope): readonly string[] => {
  const of = (...operands: readonly Operand[]) =>
    operands.flatMap((each) => (each.kind === 'given' ? [] : [resolvePath(each.path, scope)[0]]));
  switch (condition.kind) {
    case 'and':
    case 'or':
      return [...namesIn(condition.left, scope), ...namesIn(condition.right, scope)];
    case 'not':
      return namesIn(condition.of, scope);
    case 'compare':
      return of(condition.left, condition.right);
    case 'between':
      return of(condition.of, condition.low, condition.high);
    case 'in':
      return of(condition.of, ...condition.list);
    case 'exists':
    case 'type':
      return [resolvePath(condition.path, scope)[0]];
    case 'begins':
    case 'contains':
      return of(condition.of, condition.what);
  }
};

/** Where an item stands among those of one hash key, less or greater than another. */
const byPlace =
  ({ index, range }: Side) =>
  (a: Item, b: Item): number => {
    const [one, other] = [keyOfItem(a), keyOfItem(b)];
    if (index === null) return compareText(one.sk, other.sk);
    const order = (numberAt(a, range) ?? 0) - (numberAt(b, range) ?? 0);
    return order || compareText(one.pk, other.pk) || compareText(one.sk, other.sk);
  };

const startOf = (request: Request, side: Side, key: KeyCondition, scope: Scope): Item | null => {
  const raw = request['ExclusiveStartKey'];
  if (raw === undefined || raw === null) return null;
  if (!isObject(raw)) throw invalid('The provided starting key is invalid');
  const start = parseItem(raw);
  const names = new Set(['pk', 'sk', side.hash, side.range]);
  const complete = Object.keys(start).every((name) => names.has(name)) && Object.keys(start).length === names.size;
  const typed = ['pk', 'sk', side.hash].every((name) => textAt(start, name) !== null);
  const range = at(start, side.range);
  if (!complete || !typed || range === undefined || typeOf(range) !== side.rangeType)
    throw invalid('The provided starting key is invalid');
  if (textAt(start, side.hash) !== key.hash || (key.range !== null && !holds(key.range, start, scope)))
    throw invalid('The provided starting key is outside query boundaries based on provided conditions');
  return start;
};

const limitOf = (request: Request): number => {
  const { Limit: limit } = request;
  if (limit === undefined || limit === null) return Number.POSITIVE_INFINITY;
  if (typeof limit !== 'number' || limit < 1) throw invalid("Value at 'limit' failed to satisfy constraint");
  return limit;
};

const MAX_PAGE_BYTES = 1024 * 1024;

/** As many as one answer may look at: `Limit` items, or 1 MB. */
const pageOf = (found: readonly Item[], limit: number) => {
  let bytes = 0;
  let count = 0;
  while (count < found.length && count < limit) {
    const size = sizeOfItem(found[count]);
    if (bytes + size > MAX_PAGE_BYTES) break;
    bytes += size;
    count++;
  }
  return { page: found.slice(0, count), bytes, ended: count === found.length && count < limit };
};

export const query = (request: Request, shape: TableShape, view: View): Output => {
  knowing(request, KNOWN);
  const scope = scopeOf(request);
  const text = textIn(request, 'KeyConditionExpression');
  if (text === null) throw invalid('Either the KeyConditions or KeyConditionExpression parameter must be specified');
  const condition = parseCondition(text);
  const filterText = textIn(request, 'FilterExpression');
  const filter = filterText === null ? null : parseCondition(filterText);
  const projection = projectionIn(request, scope);
  checkUse(scope, [condition, filter, projection.parsed]);
  checkCondition(condition.meaning, scope);
  if (filter !== null) checkCondition(filter.meaning, scope);
  checkProjection(request, scope);
  const limit = limitOf(request);
  checkTable(request, shape);
  const side = sideOf(request, shape);
  const consistent = flagIn(request, 'ConsistentRead', false);
  if (side.index !== null && consistent)
    throw invalid('Consistent reads are not supported on global secondary indexes');
  const key = keyConditionOf(condition.meaning, side, scope);
  if (filter !== null && namesIn(filter.meaning, scope).some((name) => name === side.hash || name === side.range))
    throw invalid('Filter Expression can only contain non-primary key attributes');
  const start = startOf(request, side, key, scope);

  const { index } = side;
  const all =
    index === null ? view.partition(key.hash) : view.indexed(index, key.hash).map((item) => entryOf(index, item));
  const forward = flagIn(request, 'ScanIndexForward', true);
  const place = byPlace(side);
  const within = all.filter((item) => {
    if (key.range !== null && !holds(key.range, item, scope)) return false;
    return start === null || (forward ? place(item, start) > 0 : place(item, start) < 0);
  });
  const { page, bytes, ended } = pageOf(forward ? within : within.reverse(), limit);
  const items = filter === null ? page : page.filter((item) => holds(filter.meaning, item, scope));
  const last = page.at(-1);
  const units = readUnits(bytes, consistent);
  const ConsumedCapacity = shownCapacity(request, shape, () =>
    index === null ? { table: units, indexes: {} } : { table: 0, indexes: { [index.name]: units } },
  );
  return {
    Items: items.map(projection.of),
    Count: items.length,
    ScannedCount: page.length,
    ...(ended || last === undefined ? {} : { LastEvaluatedKey: startKeyOf(last, side) }),
    ...(ConsumedCapacity === null ? {} : { ConsumedCapacity }),
  };
};

const startKeyOf = (item: Item, { index }: Side): Item => entryOf(index ?? { hash: 'pk', range: 'sk' }, item);
