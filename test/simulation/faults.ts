import type { Endpoint, Reply } from './memory-table/endpoint.ts';
import { isEventual, type MemoryTable, type Operation } from './memory-table/memory-table.ts';
import type { Refusal } from './memory-table/refused.ts';
import type { Request } from './memory-table/request.ts';
import { type Item, isObject, parseItem } from './memory-table/value.ts';
import { pick } from './random.ts';

/** What can happen to one attempt at a request. */
export const FAULTS = [
  /** Refused for want of capacity; the SDK tries again, but not a transaction. */
  'throttled',
  /** A write meets a transaction, or a transaction another write. */
  'conflict',
  /** No answer, and nothing done. */
  'lostRequest',
  /** Done, and no answer. */
  'lostAnswer',
  /** No answer in time, and done later: by then the caller may have tried again, and others may have come in between. */
  'late',
  /** An internal error of theirs, with nothing done. */
  'failedBefore',
  /** An internal error of theirs, and done. */
  'failedAfter',
  /** A read that need not be consistent, or one of an index, sees how things were some writes ago. */
  'stale',
  /** A batch answers some of what was asked, and says so. */
  'unprocessed',
] as const;
export type Fault = (typeof FAULTS)[number];

export interface FaultSettings {
  /** Each fault's probability for an attempt it can befall, from 0 to 1. What is left out never happens. */
  readonly rates: Partial<Readonly<Record<Fault, number>>>;
  readonly random: () => number;
  /** Awaited when a request is about to reach the table, and when it has, before the caller knows: here others may come first. */
  readonly turn: (moment: 'sent' | 'done', operation: Operation, request: Request) => Promise<void>;
  /** How many writes behind a stale read is, at most. */
  readonly maxWritesAgo: number;
  /** Does a late request's work some time after; left out, what is late never comes. */
  readonly later?: (work: () => void) => void;
}

export interface FaultyTable {
  readonly endpoint: Endpoint;
  /** The same table and the same chance, for a caller with turns of its own. */
  readonly through: (turn: FaultSettings['turn']) => Endpoint;
  /** How often each fault has happened so far. */
  readonly counts: Readonly<Record<Fault, number>>;
  /** Attempts so far, with fault or without. */
  readonly attempts: () => number;
}

const WRITES: readonly Operation[] = ['PutItem', 'UpdateItem', 'DeleteItem'];
const TRANSACTIONS: readonly Operation[] = ['TransactWriteItems', 'TransactGetItems'];

const canBefall = (fault: Fault, operation: Operation, request: Request): boolean => {
  if (fault === 'conflict') return WRITES.includes(operation) || TRANSACTIONS.includes(operation);
  if (fault === 'stale') return isEventual(operation, request);
  if (fault === 'late') return WRITES.includes(operation) || operation === 'TransactWriteItems';
  return fault !== 'unprocessed' || operation === 'BatchGetItem';
};

const refused = (type: Refusal['type'], message: string): Reply => ({ ok: false, refusal: { type, message } });

/** A transaction cancelled because of one of its items. */
const cancelled = (request: Request, code: string, random: () => number): Reply => {
  const { TransactItems: items } = request;
  const count = Array.isArray(items) ? items.length : 1;
  const which = Math.floor(random() * count);
  const reasons = Array.from({ length: count }, (_, at) => ({ Code: at === which ? code : 'None' }));
  const codes = reasons.map(({ Code }) => Code).join(', ');
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
  return { ok: false, refusal: { type: 'TransactionCanceledException', message, reasons } };
};

const throttled = (operation: Operation, request: Request, random: () => number): Reply => {
  const [code, type] = pick(random, [
    ['ThrottlingError', 'ThrottlingException'],
    ['ProvisionedThroughputExceeded', 'ProvisionedThroughputExceededException'],
  ] as const);
  if (TRANSACTIONS.includes(operation)) return cancelled(request, code, random);
  return refused(type, 'Throughput exceeds the current capacity of your table or index');
};

const conflict = (operation: Operation, request: Request, random: () => number): Reply =>
  TRANSACTIONS.includes(operation)
    ? cancelled(request, 'TransactionConflict', random)
    : refused('TransactionConflictException', 'Transaction is ongoing for the item');

const keysOf = (keys: unknown): readonly Item[] =>
  Array.isArray(keys) ? keys.filter(isObject).map((key) => parseItem(key)) : [];

/** A batch that answers some of its keys and leaves the others, at least one. */
const partly = (table: MemoryTable, request: Request, random: () => number): Reply => {
  const tables = isObject(request['RequestItems']) ? request['RequestItems'] : {};
  const wanted = tables[table.shape.name];
  if (!isObject(wanted)) return table.answer('BatchGetItem', request);
  const keys = keysOf(wanted['Keys']);
  const answered = Math.floor(random() * keys.length);
  const named = (some: readonly Item[]) => ({ [table.shape.name]: { ...wanted, Keys: some } });
  const left = { UnprocessedKeys: named(keys.slice(answered)) };
  if (answered === 0) return { ok: true, output: { Responses: { [table.shape.name]: [] }, ...left } };
  const reply = table.answer('BatchGetItem', { ...request, RequestItems: named(keys.slice(0, answered)) });
  return reply.ok ? { ok: true, output: { ...reply.output, ...left } } : reply;
};

const INTERNAL = refused('InternalServerError', 'Internal server error');
const NO_ANSWER: Reply = { ok: false, timedOut: true };

/** A table with faults in front of it, by chance from a seed: one draw decides for each attempt whether one befalls it, and which. */
export const faultyTable = (table: MemoryTable, settings: FaultSettings): FaultyTable => {
  const { rates, random, maxWritesAgo, later } = settings;
  const counts: Record<Fault, number> = {
    throttled: 0,
    conflict: 0,
    lostRequest: 0,
    lostAnswer: 0,
    late: 0,
    failedBefore: 0,
    failedAfter: 0,
    stale: 0,
    unprocessed: 0,
  };
  let attempts = 0;

  const drawn = (operation: Operation, request: Request): Fault | null => {
    let left = random();
    for (const fault of FAULTS) {
      if (!canBefall(fault, operation, request)) continue;
      left -= rates[fault] ?? 0;
      if (left < 0) return fault;
    }
    return null;
  };

  const reply = (fault: Fault | null, operation: Operation, request: Request): Reply => {
    switch (fault) {
      case null:
        return table.answer(operation, request);
      case 'throttled':
        return throttled(operation, request, random);
      case 'conflict':
        return conflict(operation, request, random);
      case 'lostRequest':
        return NO_ANSWER;
      case 'late':
        later?.(() => void table.answer(operation, request));
        return NO_ANSWER;
      case 'failedBefore':
        return INTERNAL;
      case 'lostAnswer':
        table.answer(operation, request);
        return NO_ANSWER;
      case 'failedAfter':
        table.answer(operation, request);
        return INTERNAL;
      case 'stale':
        return table.answer(operation, request, 1 + Math.floor(random() * maxWritesAgo));
      case 'unprocessed':
        return partly(table, request, random);
    }
  };

  const through =
    (turn: FaultSettings['turn']): Endpoint =>
    async (operation, request) => {
      await turn('sent', operation, request);
      attempts++;
      const fault = drawn(operation, request);
      if (fault !== null) counts[fault]++;
      const answer = reply(fault, operation, request);
      await turn('done', operation, request);
      return answer;
    };

  return { endpoint: through(settings.turn), through, counts, attempts: () => attempts };
};
