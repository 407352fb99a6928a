import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { Quote } from '../domain/quote.ts';
import { readBillingRow } from './billing.ts';
import { ifNew, type OwnRow } from './change-account.ts';
import { backOff, Contended, lostTheRace, MAX_TRIES } from './faults.ts';
import { billingRowKey } from './keys.ts';
import { readRequest, requestRow } from './request-log.ts';
import type { Table } from './table.ts';

const stored = z.object({ id: z.string(), accountId: z.string(), requestedAtMs: z.int(), asked: z.string() });
const asked = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));

/** A quote as kept for good. What was asked stands as JSON: DynamoDB takes neither every number nor every text. */
export const quoteRow = (quote: Quote): OwnRow => ({
  Item: { ...billingRowKey(quote.accountId, 'quote', quote.id), ...quote, asked: JSON.stringify(quote.asked) },
  ConditionExpression: ifNew,
});

export const quoteFromRow = (item: unknown): Quote => {
  const row = stored.parse(item);
  return { ...row, asked: asked.parse(JSON.parse(row.asked)) };
};

/** What an `Idempotency-Key` stands for: the hash of a request. */
export interface KeyedRequest {
  readonly key: string;
  readonly bodyHash: string;
}

/**
 * Keeps a quote, once for its id, and what its `Idempotency-Key` stood for, with it. Answers with the quote that is there; `mismatch`:
 * the key stood for another request.
 */
export const keepQuote = async (
  table: Table,
  quote: Quote,
  request: KeyedRequest | null,
): Promise<Quote | 'mismatch'> => {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    if (tries > 0) await backOff(table, tries);
    const known = await readBillingRow(table, quote.accountId, 'quote', quote.id);
    const before = request === null ? null : await readRequest(table, quote.accountId, request.key);
    if (before !== null && before.bodyHash !== request?.bodyHash) return 'mismatch';
    const keyed =
      request === null || before !== null ? [] : [requestRow(quote.accountId, { ...request, reply: quote.id })];
    const rows = [...(known === undefined ? [quoteRow(quote)] : []), ...keyed];
    if (rows.length === 0) return quoteFromRow(known);
    const writes = rows.map((row) => ({ Put: { TableName: table.name, ...row } }));
    try {
      await table.client.send(new TransactWriteCommand({ TransactItems: writes }));
      return known === undefined ? quote : quoteFromRow(known);
    } catch (fault) {
      lostTheRace(fault);
    }
  }
  throw new Contended('a quote: too many writers');
};
