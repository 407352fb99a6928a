import { createHash } from 'node:crypto';
import type * as z from 'zod/mini';
import type { Refusal } from '../../lib/domain/refusal.ts';
import type { Command } from '../../lib/http/command.ts';
import { requestQuote } from '../../lib/http/contract/billing.ts';
import { iso } from '../../lib/http/shown.ts';
import { keepQuote } from '../../lib/store/keep-quote.ts';
import type { BillingDeps } from './dependencies.ts';

type Asked = Command<unknown, unknown, z.infer<typeof requestQuote.body>>;

const hashOf = (...parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url');

/** R26: a wish for an enterprise quote, kept; the table's stream announces it. The same account asking the same has asked once. */
export const quote = async (
  { table, now }: BillingDeps,
  { caller, body, idempotencyKey: key }: Asked,
): Promise<z.infer<typeof requestQuote.reply> | Refusal> => {
  const accountId = caller.sub;
  const fields = Object.entries(body)
    .flatMap(([name, value]) => (value === undefined || value === null ? [] : [[name, value] as const]))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const id = `quo_${hashOf(accountId, fields).slice(0, 22)}`;
  // The account's keys are support's too: an owner must not use up one of theirs.
  const request = key === null ? null : { key: `quote:${key}`, bodyHash: hashOf(requestQuote.id, fields) };
  const wish = { id, atMs: now(), asked: Object.fromEntries(fields) };
  const kept = await keepQuote(table, accountId, wish, request);
  if (kept === 'mismatch') return { refused: 'idempotency_mismatch' };
  return { quoteId: kept.id, status: 'requested', requestedAt: iso(kept.atMs) };
};
