import * as z from 'zod/mini';
import { HOLD_MAX_SECONDS } from '../../domain/time.ts';
import { operation } from './operation.ts';
import { accountId, approval, credits, instant, name, none, noQuery, token, toolFields } from './words.ts';

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
    tool: name,
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

export const createRun = operation({
  id: 'createRun',
  method: 'POST',
  path: '/v1/runs',
  door: 'estimate',
  summary: 'Approves an estimate and holds its credits. One estimate makes one run, however often this is sent.',
  scopes: ['credits/user', 'credits/agent'],
  params: none,
  query: noQuery,
  body: z.strictObject({
    estimateId: token,
    /** 3,600 where it is left out. */
    holdSeconds: z.optional(z.int().check(z.gte(1), z.lte(HOLD_MAX_SECONDS))),
  }),
  status: 201,
  reply: z.object({
    runId: z.string(),
    status: z.enum(['held']),
    tool: z.string(),
    held: credits,
    estimate: credits,
    approval,
    expiresAt: instant,
    /** Handed back at settle or fail it saves a read. */
    receipt: token,
  }),
  refusals: [
    'approval_required',
    'insufficient_credits',
    'daily_run_limit_reached',
    'estimate_expired',
    'idempotency_mismatch',
  ],
});
