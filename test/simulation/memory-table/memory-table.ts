import { shownCapacity, writeConsumed } from './capacity.ts';
import type { Output } from './output.ts';
import { query } from './query.ts';
import { batchGet, getItem, transactGet } from './read.ts';
import { type Refusal, Refused } from './refused.ts';
import { type Request, type TableShape, wordIn } from './request.ts';
import { createRows, type Key, type View } from './rows.ts';
import { type Answered, transactWrite } from './transact.ts';
import { type Item, isObject } from './value.ts';
import { parseWrite, type Write } from './write.ts';

export const OPERATIONS = [
  'GetItem',
  'BatchGetItem',
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'Query',
  'TransactWriteItems',
  'TransactGetItems',
] as const;
export type Operation = (typeof OPERATIONS)[number];

export type Answer = { readonly ok: true; readonly output: Output } | { readonly ok: false; readonly refusal: Refusal };

export interface MemoryTable {
  readonly shape: TableShape;
  /** Does a request at once and as a whole; eventually consistent reads see the table as it was so many writes ago. */
  readonly answer: (operation: Operation, request: Request, writesAgo?: number) => Answer;
  /** Every item, in no order. Not for changing. */
  readonly items: () => readonly Item[];
}

/** Whether a request may see an older image: a read that does not ask for the newest. An index cannot. */
export const isEventual = (operation: Operation, request: Request): boolean => {
  if (operation === 'GetItem' || operation === 'Query') return request['ConsistentRead'] !== true;
  if (operation !== 'BatchGetItem') return false;
  return Object.values(request['RequestItems'] ?? {}).some(
    (wanted) => isObject(wanted) && wanted['ConsistentRead'] !== true,
  );
};

const RETURN_VALUES = {
  Put: ['NONE', 'ALL_OLD'],
  Delete: ['NONE', 'ALL_OLD'],
  Update: ['NONE', 'ALL_OLD', 'UPDATED_OLD', 'ALL_NEW', 'UPDATED_NEW'],
} as const;

const attributesOf = (how: string, write: Write, old: Item | undefined, item: Item | undefined): Item | undefined => {
  switch (how) {
    case 'ALL_OLD':
      return old;
    case 'ALL_NEW':
      return item;
    case 'UPDATED_OLD':
      return old === undefined ? undefined : unlessEmpty(write.touched(old));
    case 'UPDATED_NEW':
      return item === undefined ? undefined : unlessEmpty(write.touched(item));
    default:
      return undefined;
  }
};

const answered = (output: Output): Answer => ({ ok: true, output });

const conditionFailed = (item: Item | undefined): Answer => ({
  ok: false,
  refusal: {
    type: 'ConditionalCheckFailedException',
    message: 'The conditional request failed',
    ...(item === undefined ? {} : { item }),
  },
});

const unlessEmpty = (item: Item): Item | undefined => (Object.keys(item).length === 0 ? undefined : item);

/** One item written: as it was and as it is. */
export interface Change {
  readonly before: Item | undefined;
  readonly after: Item | undefined;
}

/**
 * An in-memory DynamoDB table, keyed `pk`, `sk` (both strings). `now` rules how long a transaction's token is remembered. `written` hears of
 * every request that has written, all of its items at once.
 */
export const createMemoryTable = (
  shape: TableShape,
  now: () => number = () => 0,
  written: (changes: readonly Change[]) => void = () => undefined,
): MemoryTable => {
  const kept = createRows(shape.indexes);
  let changes: Change[] = [];
  const rows = {
    ...kept,
    write: (key: Key, after: Item | undefined): void => {
      changes.push({ before: kept.get(key), after });
      kept.write(key, after);
    },
  };
  const tokens: Answered = new Map();

  const writeOne = (kind: 'Put' | 'Update' | 'Delete', request: Request): Answer => {
    const how = wordIn<string>(request, 'ReturnValues', [...RETURN_VALUES[kind]]);
    const write = parseWrite(kind, request, shape, true);
    const old = rows.get(write.key);
    if (!write.meets(old)) return conditionFailed(write.showsOld ? old : undefined);
    const item = write.next(old);
    rows.write(write.key, item);
    const Attributes = attributesOf(how, write, old, item);
    const ConsumedCapacity = shownCapacity(request, shape, () => writeConsumed(shape, old, item));
    return answered({
      ...(Attributes === undefined ? {} : { Attributes }),
      ...(ConsumedCapacity === null ? {} : { ConsumedCapacity }),
    });
  };

  const answerOf = (operation: Operation, request: Request, view: View): Answer => {
    switch (operation) {
      case 'GetItem':
        return answered(getItem(request, shape, view));
      case 'BatchGetItem':
        return answered(batchGet(request, shape, view));
      case 'Query':
        return answered(query(request, shape, view));
      case 'TransactGetItems':
        return answered(transactGet(request, shape, view));
      case 'PutItem':
        return writeOne('Put', request);
      case 'UpdateItem':
        return writeOne('Update', request);
      case 'DeleteItem':
        return writeOne('Delete', request);
      case 'TransactWriteItems':
        return answered(transactWrite(request, shape, rows, tokens, now()));
    }
  };

  return {
    shape,
    items: rows.all,
    answer: (operation, request, writesAgo = 0) => {
      try {
        const stale = writesAgo > 0 && isEventual(operation, request);
        const answer = answerOf(operation, request, stale ? rows.before(writesAgo) : rows);
        if (changes.length === 0) return answer;
        const done = changes;
        changes = [];
        written(done);
        return answer;
      } catch (fault) {
        if (!(fault instanceof Refused)) throw fault;
        return { ok: false, refusal: fault.refusal };
      }
    },
  };
};
