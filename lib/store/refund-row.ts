import type { RunRecord } from '../domain/run-record.ts';
import type { OwnRow } from './change-account.ts';
import { recordToRow } from './record-row.ts';

/** R27: a settled run's record with its refund, written once. */
export const refundRow = (accountId: string, refunded: RunRecord): OwnRow => ({
  Item: recordToRow(accountId, refunded),
  ConditionExpression: 'refund = :none',
  ExpressionAttributeValues: { ':none': null },
});
