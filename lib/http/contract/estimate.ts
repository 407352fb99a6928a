import * as z from 'zod/mini';
import { operation } from './operation.ts';
import { accountId, credits, instant, none, noQuery, token, toolFields } from './words.ts';

export const createEstimate = operation({
  id: 'createEstimate',
  method: 'POST',
  path: '/v1/estimates',
  door: 'estimate',
  summary: 'What a generation costs at most, binding for 15 minutes. Writes nothing.',
  scopes: ['credits/user', 'credits/agent'],
  params: none,
  query: noQuery,
  body: z.strictObject({
    tool: z.string().check(z.regex(/^.{1,100}$/)),
    /** The tool's own fields; `GET /v1/pricing` has an example of each. */
    input: toolFields,
    accountId: z.optional(accountId),
  }),
  status: 201,
  reply: z.object({
    estimateId: token,
    tool: z.string(),
    credits,
    typicalCredits: credits,
    breakdown: z.array(z.object({ item: z.string(), quantity: z.number(), credits })),
    balance: z.object({ available: credits, after: credits }),
    sufficient: z.boolean(),
    approval: z.enum(['required', 'standing_rule']),
    priceVersion: z.string(),
    expiresAt: instant,
  }),
  refusals: [],
});
