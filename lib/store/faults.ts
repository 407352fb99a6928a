import {
  ConditionalCheckFailedException,
  TransactionCanceledException,
  TransactionConflictException,
} from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Table } from './table.ts';

/** The stored item a failed condition hands back, free of charge; `null` where there is none. The document client leaves it marshalled. */
export const itemOfFailedCondition = (fault: unknown): Record<string, unknown> | null => {
  if (!(fault instanceof ConditionalCheckFailedException)) throw fault;
  return fault.Item === undefined ? null : unmarshall(fault.Item);
};

const RACED = new Set([
  'None',
  'ConditionalCheckFailed',
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
]);

/** Whether a transaction lost against another writer: a condition of it failed, it met a write under way, or a
 * partition was busy: all are worth another try. Anything else is thrown. */
export const lostTheRace = (fault: unknown): true => {
  if (fault instanceof ConditionalCheckFailedException) return true;
  if (!(fault instanceof TransactionCanceledException)) throw fault;
  const codes = (fault.CancellationReasons ?? []).map((reason) => reason.Code ?? 'None');
  const raced = codes.every((code) => RACED.has(code));
  if (!raced) throw fault;
  return true;
};

export const MAX_TRIES = 20;

/** Up to 10, 20, 40 … 320 ms, at random: parallel losers must not meet again. */
export const backOff = (table: Table, tries: number): Promise<void> =>
  table.pause(Math.ceil(Math.random() * 10 * 2 ** Math.min(tries, 5)));

/** A plain write that meets a transaction is refused, not queued, and the SDK does not retry it. */
export const retryingConflicts = async <T>(table: Table, write: () => Promise<T>): Promise<T> => {
  for (let tries = 0; ; tries++) {
    try {
      return await write();
    } catch (fault) {
      if (!(fault instanceof TransactionConflictException) || tries >= MAX_TRIES) throw fault;
    }
    await backOff(table, tries);
  }
};

/** Too many writers at once, for longer than is worth waiting. Nothing was written. */
export class Contended extends Error {
  override readonly name = 'Contended';
}
