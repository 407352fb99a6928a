import { BatchGetCommand, GetCommand } from '@aws-sdk/lib-dynamodb';
import type { Account } from '../domain/account.ts';
import { type Advanced, advance } from '../domain/advance.ts';
import { FREE_PLAN_ID, planOrFree } from '../domain/catalog.ts';
import { openAccount } from '../domain/open-account.ts';
import type { RunRecord } from '../domain/run-record.ts';
import { accountFromRow } from './account-row.ts';
import { backOff, Contended, MAX_TRIES } from './faults.ts';
import { accountKey, historyKey } from './keys.ts';
import { recordFromRow } from './record-row.ts';
import type { Table } from './table.ts';

/** The account as stored; `null` where nobody has written it. One strongly consistent read. */
export const readAccount = async (table: Table, accountId: string): Promise<Account | null> => {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: accountKey(accountId), ConsistentRead: true }),
  );
  return Item === undefined ? null : accountFromRow(accountId, Item, table.tools);
};

/** The record of a run that has ended; `null` where it has not. */
export const readRecord = async (table: Table, accountId: string, runUuid: string): Promise<RunRecord | null> => {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: historyKey(accountId, runUuid), ConsistentRead: true }),
  );
  return Item === undefined ? null : recordFromRow(Item);
};

const BATCH_GET_LIMIT = 100;

/**
 * Outcomes on record of runs the account still holds: what a crash between a settle's two writes leaves. With them a view is
 * exact before anything has been cleaned up.
 */
const readEndings = async (table: Table, account: Account): Promise<ReadonlyMap<string, RunRecord>> => {
  const endings = new Map<string, RunRecord>();
  let keys = account.holds.map((hold) => historyKey(account.id, hold.runUuid));
  let tries = 0;
  while (keys.length > 0) {
    const batch = { Keys: keys.slice(0, BATCH_GET_LIMIT), ConsistentRead: true };
    const { Responses, UnprocessedKeys } = await table.client.send(
      new BatchGetCommand({ RequestItems: { [table.name]: batch } }),
    );
    for (const item of Responses?.[table.name] ?? []) {
      const record = recordFromRow(item);
      endings.set(record.runUuid, record);
    }
    const left = new Set((UnprocessedKeys?.[table.name]?.Keys ?? []).map((key) => String(key['sk'])));
    keys = keys.slice(BATCH_GET_LIMIT).concat(keys.filter((key) => left.has(key.sk)));
    if (left.size === 0) continue;
    if (++tries > MAX_TRIES) throw new Contended('records stay unprocessed');
    await backOff(table, tries);
  }
  return endings;
};

export interface View extends Advanced {
  /** What is stored now; `null` where nobody has written the account. */
  readonly stored: Account | null;
}

/**
 * The account as it is at `nowMs`, exact, with whatever has yet to be written to make it so; stops after `maxLines` of that.
 * Writes nothing. An account nobody has written is a new one, on the free plan.
 */
export const viewAccount = async (
  table: Table,
  accountId: string,
  nowMs: number,
  maxLines = Number.POSITIVE_INFINITY,
): Promise<View> => {
  const stored = await readAccount(table, accountId);
  if (stored === null) return newAccount(table, accountId, nowMs);
  const endings = await readEndings(table, stored);
  return { stored, ...advance(stored, endings, table.catalog, nowMs, maxLines) };
};

/** Whether a settle may have found that it could not release (`releaseHold`): the holds it left are then looked up. */
const mayHoldEnded = ({ validUntilMs, grants, holds }: Account, nowMs: number): boolean =>
  nowMs >= validUntilMs ||
  holds.some((hold) => hold.deadlineMs <= nowMs) ||
  grants.some((grant) => grant.expiresAtMs <= nowMs || (grant.back?.owed ?? 0) > 0);

/**
 * The account for a quote: one read, and a second where time has left something to do. Only after a crash between a settle's two
 * writes does it show credits as held that are not.
 */
export const projectAccount = async (table: Table, accountId: string, nowMs: number): Promise<View> => {
  const stored = await readAccount(table, accountId);
  if (stored === null) return newAccount(table, accountId, nowMs);
  const endings = mayHoldEnded(stored, nowMs) ? await readEndings(table, stored) : new Map<string, RunRecord>();
  return { stored, ...advance(stored, endings, table.catalog, nowMs) };
};

const newAccount = (table: Table, accountId: string, nowMs: number): View => ({
  stored: null,
  ...openAccount(accountId, planOrFree(table.catalog, FREE_PLAN_ID), nowMs),
  lapsed: [],
  complete: true,
});
