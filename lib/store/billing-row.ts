import * as z from 'zod/mini';
import { type Billing, type Order, SUBSCRIPTION_STATUSES } from '../domain/billing.ts';
import type { FailedPayment } from '../domain/credits-event.ts';
import { ifNew, type OwnRow } from './change-account.ts';
import { billingKey, billingRowKey, customerKey } from './keys.ts';

const text = z.string();
const ms = z.int();

const subscription = z.object({
  id: text,
  itemId: text,
  priceId: text,
  status: z.enum(SUBSCRIPTION_STATUSES),
  renews: z.boolean(),
  createdMs: ms,
  anchorMs: ms,
  periodStartMs: ms,
  periodEndMs: ms,
  scheduleId: z.nullable(text),
  asOfMs: ms,
});

export const order = z.object({
  id: text,
  accountId: text,
  item: z.object({ kind: z.enum(['plan', 'pack']), id: text, credits: z.int() }),
  priceId: text,
  amount: z.int(),
  currency: text,
  createdMs: ms,
  sessionId: z.nullable(text),
});

const billing = z.object({
  accountId: text,
  ver: z.int(),
  customerId: z.nullable(text),
  subscription: z.nullable(subscription),
  nextPlanId: z.nullable(text),
  orders: z.record(text, order),
  change: z.nullable(z.object({ id: text, planId: text, fromPriceId: text })),
  failure: z.nullable(z.object({ atMs: ms, nextAttemptMs: z.nullable(ms) })),
});

export const billingFromRow = (item: unknown): Billing => billing.parse(item);

/** The next state of an account's dealings, written only over the one it was made from. */
export const billingRow = (before: Billing, next: Billing): OwnRow => ({
  Item: { ...billingKey(next.accountId), ...next, ver: before.ver + 1 },
  ...(before.ver === 0
    ? { ConditionExpression: ifNew }
    : { ConditionExpression: 'ver = :seen', ExpressionAttributeValues: { ':seen': before.ver } }),
});

/** Whose customer it is: written once, with the billing item that names it. */
export const customerRow = (customerId: string, accountId: string): OwnRow => ({
  Item: { ...customerKey(customerId), accountId },
  ConditionExpression: 'attribute_not_exists(pk) OR accountId = :account',
  ExpressionAttributeValues: { ':account': accountId },
});

/** What was offered at which price: kept for good, for a payment that comes late. Its session is filled in once. */
export const orderRow = (placed: Order): OwnRow => ({
  Item: { ...billingRowKey(placed.accountId, 'order', placed.id), ...placed },
  ConditionExpression: 'attribute_not_exists(pk) OR sessionId = :none OR sessionId = :session',
  ExpressionAttributeValues: { ':none': null, ':session': placed.sessionId },
});

const failure = z.object({
  id: text,
  atMs: ms,
  amount: z.int(),
  currency: text,
  subscriptionId: z.nullable(text),
  nextAttemptMs: z.nullable(ms),
});

/** R19: a payment that failed, once for each attempt; the stream tells the owner. */
export const failureRow = (accountId: string, failed: FailedPayment): OwnRow => ({
  Item: { ...billingRowKey(accountId, 'failure', failed.id), ...failed },
  ConditionExpression: ifNew,
});

/** A subscription bought beside a live one, and the invoice that told: written before Stripe is asked to undo it, and for good. */
export const undoneRow = (
  accountId: string,
  undone: { readonly subscriptionId: string; readonly invoiceId: string; readonly atMs: number },
): OwnRow => ({
  Item: { ...billingRowKey(accountId, 'undone', undone.subscriptionId), ...undone },
  ConditionExpression: ifNew,
});

export const failureFromRow = (item: unknown): FailedPayment => failure.parse(item);
