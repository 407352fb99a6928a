import { DeleteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { setPreferencesOf } from '../domain/preferences.ts';
import { readAccount } from './account-view.ts';
import { changeBilling } from './billing.ts';
import { changeAccount, ifNew } from './change-account.ts';
import {
  FORGOTTEN,
  findPersonalData,
  type Key,
  mayBePaid,
  type NotForgotten,
  type PersonalData,
  type Wording,
} from './personal-data.ts';
import type { Table } from './table.ts';

/** Nobody is left who could approve: the standing rule and the notice end, on condition that no run is held. */
const endConsent = async (table: Table, accountId: string, nowMs: number): Promise<NotForgotten | null> => {
  if ((await readAccount(table, accountId)) === null) return null;
  let held = false;
  await changeAccount(table, accountId, nowMs, (account) => {
    held = account.holds.length > 0;
    const next = setPreferencesOf(account, { autoApproveUpTo: null, lowBalanceAt: null });
    return held || next === account ? null : { account: next, entries: [] };
  });
  return held ? 'runs_held' : null;
};

/** The next purchase would begin with a customer of its own. Whose the old one was stays known: money may still come back from it. */
const endCustomer = async (table: Table, accountId: string, nowMs: number): Promise<NotForgotten | null> => {
  let paying: NotForgotten | null = null;
  await changeBilling(table, accountId, (billing) => {
    paying = mayBePaid(billing, nowMs);
    return paying !== null || billing.customerId === null ? null : { billing: { ...billing, customerId: null } };
  });
  return paying;
};

const SET: Readonly<Record<Wording['fields'][number], string>> = {
  reason: 'SET reason = :forgotten',
  note: 'REMOVE note',
  'refund.note': 'SET refund.note = :none',
};

/** Words only: no credits, instants, kinds or ids are in an expression. */
const blank = async (table: Table, { key, fields }: Wording): Promise<void> => {
  for (const field of fields) {
    const values = { reason: { ':forgotten': FORGOTTEN }, note: undefined, 'refund.note': { ':none': null } }[field];
    await table.client.send(
      new UpdateCommand({
        TableName: table.name,
        Key: key,
        UpdateExpression: SET[field],
        ConditionExpression: `NOT ${ifNew}`,
        ...(values !== undefined && { ExpressionAttributeValues: values }),
      }),
    );
  }
};

const erase = async (table: Table, key: Key): Promise<void> => {
  await table.client.send(new DeleteCommand({ TableName: table.name, Key: key }));
};

/**
 * Forgets who an account's owner was and what they said: quotes are deleted, words in its lines blanked, the customer at Stripe deleted by
 * `deleteCustomer`, the link to it cut, the standing rule ended. Every amount stays, and the ledger still adds up (I1, I2). Refuses
 * while credits are held or Stripe may still be paid something. Crashed, it is called again: each step is done once or once more.
 */
export const forgetAccount = async (
  table: Table,
  accountId: string,
  nowMs: number,
  deleteCustomer: (customerId: string) => Promise<void>,
): Promise<PersonalData | NotForgotten> => {
  const found = await findPersonalData(table, accountId, nowMs);
  if (typeof found === 'string') return found;
  const held = await endConsent(table, accountId, nowMs);
  if (held !== null) return held;
  if (found.customerId !== null) {
    // Deleted before the link is cut: a crash in between leaves the id to be deleted again.
    await deleteCustomer(found.customerId);
    const paying = await endCustomer(table, accountId, nowMs);
    if (paying !== null) return paying;
  }
  for (const wording of found.wordings) await blank(table, wording);
  for (const key of found.quotes) await erase(table, key);
  return found;
};
