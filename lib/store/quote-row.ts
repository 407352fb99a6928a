import * as z from 'zod/mini';
import type { Quote } from '../domain/credits-event.ts';
import { ifNew, type OwnRow } from './change-account.ts';
import { billingRowKey } from './keys.ts';

const quote = z.object({ id: z.string(), atMs: z.int(), asked: z.string() });
const asked = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/**
 * R26: a quote somebody asked for, kept for good; the stream announces it. What was asked stands as JSON: DynamoDB takes neither every
 * number nor every text.
 */
export const quoteRow = (accountId: string, wish: Quote): OwnRow => ({
  Item: { ...billingRowKey(accountId, 'quote', wish.id), ...wish, asked: JSON.stringify(wish.asked) },
  ConditionExpression: ifNew,
});

export const quoteFromRow = (item: unknown): Quote => {
  const row = quote.parse(item);
  return { ...row, asked: asked.parse(JSON.parse(row.asked)) };
};
