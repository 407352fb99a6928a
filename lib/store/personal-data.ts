import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { Billing } from '../domain/billing.ts';
import type { HistoryLine } from '../domain/history-line.ts';
import { liveAt } from '../domain/standing.ts';
import { readAccount, viewAccount } from './account-view.ts';
import { readBilling } from './billing.ts';
import { lineFromRow } from './history-row.ts';
import { billingKey, historyPartition, requestKey } from './keys.ts';
import type { Table } from './table.ts';

/** What stands where a person's words were. */
export const FORGOTTEN = 'forgotten';

/** Why an account is not forgotten yet; `unknown_account`: nothing of it is stored. */
export type NotForgotten = 'unknown_account' | 'runs_held' | 'subscription_live' | 'checkout_open' | 'refund_open';

export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** A line of history with words of a person in it, and which of its fields have them. */
export interface Wording {
  readonly key: Key;
  readonly fields: readonly ('reason' | 'note' | 'refund.note')[];
}

/** All of an account that tells who somebody is, or is in somebody's own words (docs/adr/0026). */
export interface PersonalData {
  readonly accountId: string;
  /** `null`: there is none at Stripe, or none any more. */
  readonly customerId: string | null;
  /** Quotes asked for, and the requests that asked. */
  readonly quotes: readonly Key[];
  readonly wordings: readonly Wording[];
}

const row = z.looseObject({ pk: z.string(), sk: z.string() });
type Row = z.infer<typeof row>;

async function* rowsOf(table: Table, pk: string): AsyncGenerator<Row> {
  let start: Record<string, unknown> | undefined;
  do {
    const { Items, LastEvaluatedKey } = await table.client.send(
      new QueryCommand({
        TableName: table.name,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': pk },
        ConsistentRead: true,
        ExclusiveStartKey: start,
      }),
    );
    for (const item of Items ?? []) yield row.parse(item);
    start = LastEvaluatedKey;
  } while (start !== undefined);
}

/** An agent's reason of a failed run, support's reasons and notes. A refund's reason is one of a list, and stays. */
const wordedFields = (line: HistoryLine): Wording['fields'] => {
  if (line.line === 'run') {
    const { reason, refund } = line.record;
    return [
      ...(reason !== null && reason !== FORGOTTEN ? (['reason'] as const) : []),
      ...(refund?.note != null ? (['refund.note'] as const) : []),
    ];
  }
  const { actor, runUuid, reason, note } = line.entry;
  return [
    ...(actor !== undefined && runUuid === undefined && reason !== FORGOTTEN ? (['reason'] as const) : []),
    ...(note === undefined ? [] : (['note'] as const)),
  ];
};

const wordingsOf = async (table: Table, accountId: string): Promise<readonly Wording[]> => {
  const found: Wording[] = [];
  for await (const item of rowsOf(table, historyPartition(accountId))) {
    const fields = wordedFields(lineFromRow(item));
    if (fields.length > 0) found.push({ key: { pk: item.pk, sk: item.sk }, fields });
  }
  return found;
};

const legacy = z.object({ reason: z.string(), refund: z.nullable(z.object({})) });

interface BillingRows {
  readonly quotes: readonly Key[];
  readonly wordings: readonly Wording[];
  /** A refund of an old payment has begun, and what came of it is not on record: its reason tells a repeat. */
  readonly refundOpen: boolean;
}

const billingRowsOf = async (table: Table, accountId: string): Promise<BillingRows> => {
  const quotes: Key[] = [];
  const wordings: Wording[] = [];
  let refundOpen = false;
  for await (const item of rowsOf(table, billingKey(accountId).pk)) {
    const key = { pk: item.pk, sk: item.sk };
    if (item.sk.startsWith('quote#')) quotes.push(key);
    if (!item.sk.startsWith('legacy#')) continue;
    const { reason, refund } = legacy.parse(item);
    refundOpen ||= refund === null;
    if (reason !== FORGOTTEN) wordings.push({ key, fields: ['reason'] });
  }
  // The key of a quote is its asker's own; those of support's grants stay, or a repeat would grant again.
  for await (const item of rowsOf(table, requestKey(accountId, '').pk))
    if (String(item['reply']).startsWith('quo_')) quotes.push({ pk: item.pk, sk: item.sk });
  return { quotes, wordings, refundOpen };
};

/** Whether Stripe may still be paid something for the account. */
export const mayBePaid = ({ subscription, orders }: Billing, nowMs: number): NotForgotten | null => {
  if (liveAt(subscription, nowMs)) return 'subscription_live';
  return Object.keys(orders).length > 0 ? 'checkout_open' : null;
};

/** An account's personal data, as of `nowMs`, or why it cannot be forgotten yet. Reads only. */
export const findPersonalData = async (
  table: Table,
  accountId: string,
  nowMs: number,
): Promise<PersonalData | NotForgotten> => {
  const [billing, { quotes, wordings: ofBilling, refundOpen }, ofHistory] = await Promise.all([
    readBilling(table, accountId),
    billingRowsOf(table, accountId),
    wordingsOf(table, accountId),
  ]);
  const known = (await readAccount(table, accountId)) !== null;
  if (!known && billing.ver === 0 && quotes.length === 0) return 'unknown_account';
  const { account } = await viewAccount(table, accountId, nowMs);
  if (account.holds.length > 0) return 'runs_held';
  const paying = mayBePaid(billing, nowMs);
  if (paying !== null) return paying;
  if (refundOpen) return 'refund_open';
  return { accountId, customerId: billing.customerId, quotes, wordings: [...ofHistory, ...ofBilling] };
};
