import * as z from 'zod/mini';
import { count, credits, instant } from './words.ts';

/** R4: who said yes, when, how, and what they were shown. */
export const approval = z.object({
  by: z.string(),
  at: instant,
  how: z.enum(['explicit', 'standing_rule']),
  ruleVersion: z.optional(count),
  shown: z.object({ tool: z.string(), credits, priceVersion: z.string(), estimatedAt: instant }),
});
