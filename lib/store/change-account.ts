import { PutCommand, TransactWriteCommand, type TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Account } from '../domain/account.ts';
import { withBounds } from '../domain/advance.ts';
import type { Entry } from '../domain/entry.ts';
import { isRefusal, type Refusal } from '../domain/refusal.ts';
import type { RunRecord } from '../domain/run-record.ts';
import { accountToRow } from './account-row.ts';
import { type View, viewAccount } from './account-view.ts';
import { entryToRow } from './entry-row.ts';
import { backOff, Contended, lostTheRace, MAX_TRIES } from './faults.ts';
import { accountKey } from './keys.ts';
import { recordToRow } from './record-row.ts';
import type { Table } from './table.ts';

type Write = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

/** What a change does beside moving time: the next account, its lines, and rows of its own that must commit with it. */
export interface Decision {
  readonly account: Account;
  readonly entries: readonly Entry[];
  readonly rows?: readonly OwnRow[];
}

/** A row with the condition it is written under, by whoever's rows they are. */
export interface OwnRow {
  readonly Item: Record<string, unknown>;
  readonly ConditionExpression: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, unknown>;
}

/** DynamoDB's limit is 100 items in one transaction; the account and a decision's own rows need a few. */
const MAX_LINES = 80;

export const ifNew = 'attribute_not_exists(pk)';

const accountWrite = (table: Table, account: Account, stored: Account | null) => ({
  TableName: table.name,
  Item: accountToRow(account, table.tools),
  ...(stored === null
    ? { ConditionExpression: ifNew }
    : { ConditionExpression: 'v = :seen', ExpressionAttributeValues: { ':seen': stored.ver } }),
});

const linesOf = (table: Table, accountId: string, entries: readonly Entry[], lapsed: readonly RunRecord[]): Write[] =>
  [
    ...lapsed.map((record) => recordToRow(accountId, record)),
    ...entries.map((entry) => entryToRow(accountId, entry)),
  ].map((Item) => ({ Put: { TableName: table.name, Item, ConditionExpression: ifNew } }));

/** Whether anything must be written to make the stored account true: lines, or a bound or an ended hold left behind. */
const isStale = ({ stored, account }: View, nowMs: number): boolean =>
  stored === null ||
  nowMs >= stored.validUntilMs ||
  nowMs >= (stored.holdsValidUntilMs ?? Number.POSITIVE_INFINITY) ||
  account.holds.length !== stored.holds.length;

/** Writes account and lines together, guarded by the version seen; `null` where another writer came first. */
const commit = async (table: Table, view: View, decision: Decision): Promise<Account | null> => {
  const account = { ...decision.account, ver: (view.stored?.ver ?? 0) + 1 };
  const lines = linesOf(table, account.id, [...view.entries, ...decision.entries], view.lapsed);
  const own = (decision.rows ?? []).map((row) => ({ Put: { TableName: table.name, ...row } }));
  const rows = [...lines, ...own];
  const put = accountWrite(table, account, view.stored);
  try {
    if (rows.length === 0) await table.client.send(new PutCommand(put));
    else await table.client.send(new TransactWriteCommand({ TransactItems: [{ Put: put }, ...rows] }));
    return account;
  } catch (fault) {
    lostTheRace(fault);
    return null;
  }
};

/**
 * Brings an account up to `nowMs`, then changes it: account, lines and records commit together or not at all. `decide` writes
 * nothing and runs again where another writer came first; `null` is nothing to change beyond what time has done.
 */
const bringUp = async (
  table: Table,
  accountId: string,
  nowMs: number,
  decide: (account: Account) => Promise<Decision | null>,
): Promise<Account> => {
  for (let tries = 0; tries < MAX_TRIES; ) {
    const view = await viewAccount(table, accountId, nowMs, MAX_LINES);
    const decision = view.complete ? await decide(view.account) : null;
    if (decision === null && view.complete && !isStale(view, nowMs)) return view.account;
    const next =
      decision === null
        ? { account: view.account, entries: [] }
        : { ...decision, account: withBounds(decision.account, table.catalog, nowMs) };
    const written = await commit(table, view, next);
    if (written !== null && view.complete) return written;
    if (written !== null) continue;
    tries++;
    await backOff(table, tries);
  }
  throw new Contended(`${accountKey(accountId).pk}: too many writers`);
};

/** Writes what time has done to an account, if anything: the tidying a schedule would have done. */
export const touchAccount = (table: Table, accountId: string, nowMs: number): Promise<Account> =>
  bringUp(table, accountId, nowMs, async () => null);

/** Changes an account valid at `nowMs`; a refusal writes only what time has done. */
export const changeAccount = async (
  table: Table,
  accountId: string,
  nowMs: number,
  decide: (account: Account) => Promise<Decision | Refusal | null> | Decision | Refusal | null,
): Promise<Account | Refusal> => {
  const last: { refusal: Refusal | null } = { refusal: null };
  const account = await bringUp(table, accountId, nowMs, async (current) => {
    const decision = await decide(current);
    last.refusal = decision !== null && isRefusal(decision) ? decision : null;
    return decision === null || isRefusal(decision) ? null : decision;
  });
  return last.refusal ?? account;
};
