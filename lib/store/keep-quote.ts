import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { Quote } from '../domain/credits-event.ts';
import { readBillingRow } from './billing.ts';
import { backOff, Contended, lostTheRace, MAX_TRIES } from './faults.ts';
import { quoteFromRow, quoteRow } from './quote-row.ts';
import { readRequest, requestRow } from './request-log.ts';
import type { Table } from './table.ts';

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
  accountId: string,
  quote: Quote,
  request: KeyedRequest | null,
): Promise<Quote | 'mismatch'> => {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    if (tries > 0) await backOff(table, tries);
    const known = await readBillingRow(table, accountId, 'quote', quote.id);
    const before = request === null ? null : await readRequest(table, accountId, request.key);
    if (before !== null && before.bodyHash !== request?.bodyHash) return 'mismatch';
    const keyed = request === null || before !== null ? [] : [requestRow(accountId, { ...request, reply: quote.id })];
    const rows = [...(known === undefined ? [quoteRow(accountId, quote)] : []), ...keyed];
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
