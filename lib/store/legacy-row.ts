import { PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { readBillingRow } from './billing.ts';
import { ifNew, type OwnRow } from './change-account.ts';
import { lostTheRace } from './faults.ts';
import { billingRowKey } from './keys.ts';
import type { Table } from './table.ts';

const legacyRefund = z.object({
  accountId: z.string(),
  paymentIntentId: z.string(),
  reason: z.string(),
  actor: z.string(),
  askedAtMs: z.int(),
  /** `null`: it is not known yet that the money has gone back. */
  refund: z.nullable(
    z.object({
      refundId: z.string(),
      amount: z.int(),
      currency: z.string(),
      creditsTakenBack: z.int(),
      refundedAtMs: z.int(),
    }),
  ),
});

/** R28: a refund of a payment of before the relaunch: what was asked, written before Stripe is, and what came of it. */
export type LegacyRefund = z.infer<typeof legacyRefund>;

const itemOf = (row: LegacyRefund): Record<string, unknown> => ({
  ...billingRowKey(row.accountId, 'legacy', row.paymentIntentId),
  ...row,
});

/** Written once, with the line that its account's owner sees. */
export const legacyRow = (row: LegacyRefund): OwnRow => ({ Item: itemOf(row), ConditionExpression: ifNew });

export const readLegacyRefund = async (
  table: Table,
  accountId: string,
  paymentIntentId: string,
): Promise<LegacyRefund | null> => {
  const item = await readBillingRow(table, accountId, 'legacy', paymentIntentId);
  return item === undefined ? null : legacyRefund.parse(item);
};

/** Notes what came of it, once: answers with what stands there, which another request may have written. */
export const finishLegacyRefund = async (table: Table, done: LegacyRefund): Promise<LegacyRefund> => {
  const put = {
    TableName: table.name,
    Item: itemOf(done),
    ConditionExpression: 'refund = :none',
    ExpressionAttributeValues: { ':none': null },
  };
  try {
    await table.client.send(new PutCommand(put));
    return done;
  } catch (fault) {
    lostTheRace(fault);
  }
  return (await readLegacyRefund(table, done.accountId, done.paymentIntentId)) ?? done;
};
