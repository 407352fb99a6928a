import { isDeepStrictEqual } from 'node:util';
import {
  type Consumed,
  inTransaction,
  readUnits,
  shownCapacity,
  sizeOfItem,
  sumOf,
  writeConsumed,
} from './capacity.ts';
import type { Output } from './output.ts';
import { type CancellationReason, invalid, Refused, RefusedByItem } from './refused.ts';
import { knowing, listIn, objectIn, type Request, type TableShape, textIn } from './request.ts';
import type { Rows } from './rows.ts';
import { type Item, isObject } from './value.ts';
import { parseWrite, type Write, type WriteKind } from './write.ts';

const KINDS: readonly WriteKind[] = ['Put', 'Update', 'Delete', 'ConditionCheck'];
const MAX_ITEMS = 100;
const MAX_BYTES = 4 * 1024 * 1024;

const writeOf = (each: unknown, shape: TableShape): Write => {
  if (!isObject(each)) throw invalid('a transaction of no item');
  const given = KINDS.filter((kind) => each[kind] !== undefined);
  const [kind] = given;
  if (kind === undefined || given.length > 1)
    throw invalid('TransactItems can only contain one of Check, Put, Update or Delete');
  return parseWrite(kind, objectIn(each, kind), shape, false);
};

interface Outcome {
  readonly write: Write;
  readonly old: Item | undefined;
  readonly item: Item | undefined;
  readonly reason: CancellationReason;
}

const NONE: CancellationReason = { Code: 'None' };

const outcomeOf = (write: Write, old: Item | undefined): Outcome => {
  const failed = (reason: CancellationReason): Outcome => ({ write, old, item: old, reason });
  if (!write.meets(old)) {
    const shown = write.showsOld && old !== undefined ? { Item: old } : {};
    return failed({ Code: 'ConditionalCheckFailed', Message: 'The conditional request failed', ...shown });
  }
  try {
    return { write, old, item: write.next(old), reason: NONE };
  } catch (fault) {
    if (!(fault instanceof RefusedByItem)) throw fault;
    return failed({ Code: 'ValidationError', Message: fault.message });
  }
};

/** A transaction cancelled for these reasons, one for each of its items. */
export const cancelled = (reasons: readonly CancellationReason[]): Refused =>
  new Refused({
    type: 'TransactionCanceledException',
    message: `Transaction cancelled, please refer cancellation reasons for specific reasons [${reasons.map(({ Code }) => Code).join(', ')}]`,
    reasons,
  });

const answerWith = (
  request: Request,
  shape: TableShape,
  consumed: () => Consumed,
  kind: 'ReadCapacityUnits' | 'WriteCapacityUnits',
): Output => {
  const ConsumedCapacity = shownCapacity(request, shape, consumed, kind);
  return ConsumedCapacity === null ? {} : { ConsumedCapacity: [ConsumedCapacity] };
};

/** Transactions answered, by their token. */
export type Answered = Map<
  string,
  { readonly items: unknown; readonly atMs: number; readonly sizes: readonly number[] }
>;

/** A token is good for so long. */
const TOKEN_MS = 10 * 60_000;

const forget = (answered: Answered, nowMs: number): void => {
  for (const [token, { atMs }] of answered) {
    if (atMs + TOKEN_MS > nowMs) return;
    answered.delete(token);
  }
};

/** All of the writes or none. The same token within ten minutes writes nothing again, and costs reads. */
export const transactWrite = (
  request: Request,
  shape: TableShape,
  rows: Rows,
  answered: Answered,
  nowMs: number,
): Output => {
  knowing(request, ['TransactItems', 'ClientRequestToken', 'ReturnConsumedCapacity']);
  const items = listIn(request, 'TransactItems');
  if (items.length === 0 || items.length > MAX_ITEMS) throw invalid('1 to 100 items make a transaction');
  const writes = items.map((each) => writeOf(each, shape));
  if (new Set(writes.map(({ key }) => `${key.pk}\n${key.sk}`)).size < writes.length)
    throw invalid('Transaction request cannot include multiple operations on one item');

  const token = textIn(request, 'ClientRequestToken');
  forget(answered, nowMs);
  const known = token === null ? undefined : answered.get(token);
  if (known !== undefined) {
    if (!isDeepStrictEqual(known.items, items))
      throw new Refused({ type: 'IdempotentParameterMismatchException', message: 'The token is of another request' });
    const units = known.sizes.map((bytes) => ({ table: readUnits(bytes, true), indexes: {} }));
    return answerWith(request, shape, () => inTransaction(sumOf(units)), 'ReadCapacityUnits');
  }

  const outcomes = writes.map((write) => outcomeOf(write, rows.get(write.key)));
  if (outcomes.some(({ reason }) => reason !== NONE)) throw cancelled(outcomes.map(({ reason }) => reason));
  const sizes = outcomes.map(({ old, item }) => Math.max(sizeOfItem(old), sizeOfItem(item)));
  if (sizes.reduce((sum, bytes) => sum + bytes, 0) > MAX_BYTES)
    throw invalid('Transaction request size cannot exceed 4 MB');
  for (const { write, item } of outcomes) if (write.kind !== 'ConditionCheck') rows.write(write.key, item);
  if (token !== null) answered.set(token, { items, atMs: nowMs, sizes });
  return answerWith(
    request,
    shape,
    () => inTransaction(sumOf(outcomes.map(({ old, item }) => writeConsumed(shape, old, item)))),
    'WriteCapacityUnits',
  );
};
