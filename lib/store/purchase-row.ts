import * as z from 'zod/mini';
import type { Purchase } from '../domain/purchase.ts';
import { ifNew, type OwnRow } from './change-account.ts';
import { paymentKey, purchaseKey } from './keys.ts';

const amount = z.int().check(z.gte(0));
const ms = z.int();

const payment = z.object({
  amount,
  refunds: z.record(z.string(), z.object({ amount, failedAtMs: z.nullable(ms) })),
  charge: z.nullable(z.object({ refunded: amount, asOfMs: ms })),
  disputes: z.record(z.string(), z.object({ amount, state: z.enum(['open', 'won', 'lost']), asOfMs: ms })),
});

const purchase = z.object({
  ver: z.int(),
  key: z.string(),
  accountId: z.string(),
  grantId: z.nullable(z.int()),
  credits: amount,
  payments: z.record(z.string(), payment),
  period: z.optional(z.object({ subscriptionId: z.string(), planId: z.string(), endMs: ms, levelMs: ms })),
});

/** A purchase as stored; `ver` is its row's. */
export type StoredPurchase = Purchase & { readonly ver: number };

export const purchaseFromRow = (item: unknown): StoredPurchase => {
  const { period, ...row } = purchase.parse(item);
  return period === undefined ? row : { ...row, period };
};

/** The next state of a purchase, written only over the one it was made from: I5, one grant for what was paid for. */
export const purchaseRow = (before: StoredPurchase | null, next: Purchase): OwnRow => ({
  Item: { ...purchaseKey(next.key), ...next, ver: (before?.ver ?? 0) + 1 },
  ...(before === null
    ? { ConditionExpression: ifNew }
    : { ConditionExpression: 'ver = :seen', ExpressionAttributeValues: { ':seen': before.ver } }),
});

/** Which purchase a payment intent, charge or invoice was for: never another, once known. `of` is its name within the purchase. */
export const paymentRow = (id: string, of: { readonly key: string; readonly paymentId: string }): OwnRow => ({
  Item: { ...paymentKey(id), key: of.key, paymentId: of.paymentId },
  ConditionExpression: 'attribute_not_exists(pk) OR #key = :key',
  ExpressionAttributeNames: { '#key': 'key' },
  ExpressionAttributeValues: { ':key': of.key },
});
