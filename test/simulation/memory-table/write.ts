import { applyUpdate, checkUpdate, touchedOf } from './apply-update.ts';
import { sizeOfItem } from './capacity.ts';
import { type Condition, parseCondition } from './condition.ts';
import { checkCondition, holds } from './evaluate-condition.ts';
import { MAX_ITEM_BYTES } from './item-size.ts';
import { checkUse, type Scope } from './operand.ts';
import { invalid, invalidForItem, NotKnown, type Refused } from './refused.ts';
import {
  checkTable,
  itemOfKey,
  KEY_NAMES,
  keyIn,
  knowing,
  objectIn,
  parseKey,
  type Request,
  scopeOf,
  type TableShape,
  textIn,
  wordIn,
} from './request.ts';
import type { Key } from './rows.ts';
import type { Parsed } from './tokens.ts';
import { type Action, parseUpdate } from './update.ts';
import { at, type Item, parseItem } from './value.ts';

export type WriteKind = 'Put' | 'Update' | 'Delete' | 'ConditionCheck';

/** One write of one item, understood and found sound as far as that goes without the item. */
export interface Write {
  readonly kind: WriteKind;
  readonly key: Key;
  /** Whether an item, or its absence, meets the condition. */
  readonly meets: (old: Item | undefined) => boolean;
  /** The item after it; throws `RefusedByItem`. */
  readonly next: (old: Item | undefined) => Item | undefined;
  /** Whether a failed condition hands the item back. */
  readonly showsOld: boolean;
  /** What `UPDATED_OLD` and `UPDATED_NEW` show. */
  readonly touched: (item: Item) => Item;
}

const EMPTY: Item = {};

/** `TableName`, condition and its parts are common to all four. */
const COMMON = [
  'TableName',
  'ConditionExpression',
  'ExpressionAttributeNames',
  'ExpressionAttributeValues',
  'ReturnValuesOnConditionCheckFailure',
];
const OWN: Readonly<Record<WriteKind, readonly string[]>> = {
  Put: [...COMMON, 'Item'],
  Update: [...COMMON, 'Key', 'UpdateExpression'],
  Delete: [...COMMON, 'Key'],
  ConditionCheck: [...COMMON, 'Key'],
};
const SINGLE = ['ReturnValues', 'ReturnConsumedCapacity', 'ReturnItemCollectionMetrics'];
const SINGLE_OF: Readonly<Record<WriteKind, readonly string[]>> = {
  Put: [...OWN.Put, ...SINGLE],
  Update: [...OWN.Update, ...SINGLE],
  Delete: [...OWN.Delete, ...SINGLE],
  ConditionCheck: OWN.ConditionCheck,
};

/** An index's attributes are of its types, and none of its strings is empty. */
const checkIndexed = (shape: TableShape, item: Item): void => {
  for (const { name, hash, range } of shape.indexes) {
    const [one, other] = [at(item, hash), at(item, range)];
    const mismatch = (one !== undefined && !('S' in one)) || (other !== undefined && !('N' in other));
    if (mismatch)
      throw invalidForItem(`One or more parameter values were invalid: Type mismatch for Index Key of ${name}`);
    if (one !== undefined && 'S' in one && one.S === '')
      throw invalidForItem(`Empty string value for an index key of ${name}`);
  }
};

const checkSize = (item: Item, fault: (message: string) => Refused): void => {
  if (sizeOfItem(item) > MAX_ITEM_BYTES) throw fault('Item size has exceeded the maximum allowed size');
};

const conditionOf = (request: Request): Parsed<Condition> | null => {
  const text = textIn(request, 'ConditionExpression');
  return text === null ? null : parseCondition(text);
};

const putOf = (request: Request, shape: TableShape) => {
  const item = parseItem(objectIn(request, 'Item'));
  const key = keyIn(item);
  checkSize(item, invalid);
  const next = (): Item => {
    checkIndexed(shape, item);
    return item;
  };
  return { key, update: null, next };
};

const updateOf = (request: Request, shape: TableShape, scope: Scope) => {
  const key = parseKey(request['Key']);
  const text = textIn(request, 'UpdateExpression');
  const update = text === null ? null : parseUpdate(text);
  const next = (old: Item | undefined): Item => {
    const item = applyUpdate(update?.meaning ?? [], old ?? itemOfKey(key), scope);
    checkIndexed(shape, item);
    checkSize(item, invalidForItem);
    return item;
  };
  return { key, update, next };
};

const partsOf = (kind: WriteKind, request: Request, shape: TableShape, scope: Scope) => {
  if (kind === 'Put') return putOf(request, shape);
  if (kind === 'Update') return updateOf(request, shape, scope);
  const key = parseKey(request['Key']);
  return { key, update: null, next: (old: Item | undefined) => (kind === 'Delete' ? undefined : old) };
};

/** Reads a write; refuses what is wrong with it whatever the item is. */
export const parseWrite = (kind: WriteKind, request: Request, shape: TableShape, single: boolean): Write => {
  knowing(request, (single ? SINGLE_OF : OWN)[kind]);
  if (textIn(request, 'ReturnItemCollectionMetrics') !== null) throw new NotKnown('item collection metrics');
  const scope = scopeOf(request);
  const condition = conditionOf(request);
  if (kind === 'ConditionCheck' && condition === null) throw invalid('ConditionExpression must not be null');
  const { key, update, next } = partsOf(kind, request, shape, scope);
  checkUse(scope, [condition, update]);
  const actions: readonly Action[] = update?.meaning ?? [];
  if (condition !== null) checkCondition(condition.meaning, scope);
  if (update !== null) checkUpdate(actions, KEY_NAMES, scope);
  checkTable(request, shape);
  const meets = (old: Item | undefined) => condition === null || holds(condition.meaning, old ?? EMPTY, scope);
  return {
    kind,
    key,
    meets,
    next,
    showsOld: wordIn(request, 'ReturnValuesOnConditionCheckFailure', ['NONE', 'ALL_OLD']) === 'ALL_OLD',
    touched: (item) => touchedOf(actions, item, scope),
  };
};
