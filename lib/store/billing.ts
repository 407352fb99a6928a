import { GetCommand, PutCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { type Billing, newBilling, type Order } from '../domain/billing.ts';
import { isRefusal, type Refusal } from '../domain/refusal.ts';
import { billingFromRow, billingRow, order } from './billing-row.ts';
import type { OwnRow } from './change-account.ts';
import { backOff, Contended, lostTheRace, MAX_TRIES } from './faults.ts';
import { billingKey, billingRowKey, customerKey, paymentKey, purchaseKey } from './keys.ts';
import { purchaseFromRow, type StoredPurchase } from './purchase-row.ts';
import type { Table } from './table.ts';

const read = async (table: Table, Key: Record<string, string>): Promise<unknown> =>
  (await table.client.send(new GetCommand({ TableName: table.name, Key, ConsistentRead: true }))).Item;

/** An account's dealings with Stripe; new ones where there are none. One strongly consistent read. */
export const readBilling = async (table: Table, accountId: string): Promise<Billing> => {
  const item = await read(table, billingKey(accountId));
  return item === undefined ? newBilling(accountId) : billingFromRow(item);
};

const customer = z.object({ accountId: z.string() });
const payment = z.object({ key: z.string(), paymentId: z.string() });

/** Whose Stripe customer it is; `null`: none of ours. */
export const accountOfCustomer = async (table: Table, customerId: string): Promise<string | null> => {
  const item = await read(table, customerKey(customerId));
  return item === undefined ? null : customer.parse(item).accountId;
};

/** What was offered under an order's id; `null`: nothing. */
export const readOrder = async (table: Table, accountId: string, orderId: string): Promise<Order | null> => {
  const item = await read(table, billingRowKey(accountId, 'order', orderId));
  return item === undefined ? null : order.parse(item);
};

export const readPurchase = async (table: Table, key: string): Promise<StoredPurchase | null> => {
  const item = await read(table, purchaseKey(key));
  return item === undefined ? null : purchaseFromRow(item);
};

/** Which purchase a payment was for, and by what name it stands there; `null`: not known. */
export const readPayment = async (
  table: Table,
  id: string,
): Promise<{ readonly key: string; readonly paymentId: string } | null> => {
  const item = await read(table, paymentKey(id));
  return item === undefined ? null : payment.parse(item);
};

/** Whether a row of an account's billing is there: a notice, a quote, a legacy refund, a subscription undone. */
export const readBillingRow = (
  table: Table,
  accountId: string,
  what: Parameters<typeof billingRowKey>[1],
  id: string,
): Promise<unknown> => read(table, billingRowKey(accountId, what, id));

export interface BillingChange {
  readonly billing: Billing;
  /** Rows of its own, committed with it. */
  readonly rows?: readonly OwnRow[];
}

/**
 * Changes an account's dealings alone, where no credits move. `decide` writes nothing and runs again where another writer came first;
 * `null` is nothing to change.
 */
export const changeBilling = async (
  table: Table,
  accountId: string,
  decide: (billing: Billing) => Promise<BillingChange | Refusal | null> | BillingChange | Refusal | null,
): Promise<Billing | Refusal> => {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    if (tries > 0) await backOff(table, tries);
    const before = await readBilling(table, accountId);
    const decision = await decide(before);
    if (decision === null) return before;
    if (isRefusal(decision)) return decision;
    const put = { TableName: table.name, ...billingRow(before, decision.billing) };
    const rows = (decision.rows ?? []).map((row) => ({ Put: { TableName: table.name, ...row } }));
    try {
      if (rows.length === 0) await table.client.send(new PutCommand(put));
      else await table.client.send(new TransactWriteCommand({ TransactItems: [{ Put: put }, ...rows] }));
      return { ...decision.billing, ver: before.ver + 1 };
    } catch (fault) {
      lostTheRace(fault);
    }
  }
  throw new Contended(`${billingKey(accountId).pk}: too many writers`);
};
