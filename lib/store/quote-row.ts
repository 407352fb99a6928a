import * as z from 'zod/mini';
import type { Quote } from '../domain/credits-event.ts';
import { billingRowKey } from './keys.ts';

const quote = z.object({
  id: z.string(),
  atMs: z.int(),
  asked: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});

/** R26: a quote somebody asked for, kept for good; the stream announces it. */
export const quoteToRow = (accountId: string, asked: Quote): Record<string, unknown> => ({
  ...billingRowKey(accountId, 'quote', asked.id),
  ...asked,
});

export const quoteFromRow = (item: unknown): Quote => quote.parse(item);
