import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Account } from '../domain/account.ts';
import type { Billing } from '../domain/billing.ts';
import type { FailedPayment, Quote } from '../domain/credits-event.ts';
import type { HistoryLine } from '../domain/history-line.ts';
import { accountFromRow, type ToolCodes } from './account-row.ts';
import { billingFromRow, failureFromRow } from './billing-row.ts';
import { lineFromRow } from './history-row.ts';
import { accountOfKey } from './keys.ts';
import { quoteFromRow } from './quote-row.ts';

export type Image = Record<string, AttributeValue>;

/** One write as the table's stream tells it: an account changed, a line of history was added; `null` for anything else. */
export type StoredChange =
  | { readonly what: 'account'; readonly before: Account | null; readonly after: Account }
  | { readonly what: 'line'; readonly accountId: string; readonly line: HistoryLine }
  | { readonly what: 'billing'; readonly before: Billing | null; readonly after: Billing }
  | { readonly what: 'failure'; readonly accountId: string; readonly failure: FailedPayment }
  | { readonly what: 'quote'; readonly accountId: string; readonly quote: Quote }
  | null;

/** Notices are written once; what is written over one has been told. */
const billingChange = (accountId: string, before: Image | undefined, item: Record<string, unknown>): StoredChange => {
  const sk = String(item['sk']);
  if (sk === 'B') {
    const old = before === undefined ? null : billingFromRow(unmarshall(before));
    return { what: 'billing', before: old, after: billingFromRow(item) };
  }
  if (before !== undefined) return null;
  if (sk.startsWith('failure#')) return { what: 'failure', accountId, failure: failureFromRow(item) };
  return sk.startsWith('quote#') ? { what: 'quote', accountId, quote: quoteFromRow(item) } : null;
};

/** Reads a stream record's images; throws where they are not ours. */
export const changeOf = (before: Image | undefined, after: Image | undefined, tools: ToolCodes): StoredChange => {
  if (after === undefined) return null;
  const item = unmarshall(after);
  const { accountId, part } = accountOfKey(String(item['pk']));
  if (part === 'account') {
    const old = before === undefined ? null : accountFromRow(accountId, unmarshall(before), tools);
    return { what: 'account', before: old, after: accountFromRow(accountId, item, tools) };
  }
  if (part === 'billing') return billingChange(accountId, before, item);
  // A record that is written again got a refund or an absorbed cost, and has been told.
  if (part !== 'history' || before !== undefined) return null;
  return { what: 'line', accountId, line: lineFromRow(item) };
};

const absorbed = (image: Image): number => Number(image['absorbed']?.N ?? 0);

/** Credits that a record was found to have absorbed after it was first written (R11): the cost of a settle that came after the lapse. */
export const absorbedLater = (before: Image | undefined, after: Image | undefined): number => {
  if (before === undefined || after === undefined) return 0;
  return accountOfKey(after['pk']?.S ?? '').part === 'history' ? absorbed(after) - absorbed(before) : 0;
};
