import * as z from 'zod/mini';
import { HOLD_MAX_SECONDS } from '../../domain/time.ts';
import { approval } from './approval.ts';
import { operation } from './operation.ts';
import { credits, givenEstimate, instant, none, noQuery, token } from './words.ts';

export const createRun = operation({
  id: 'createRun',
  method: 'POST',
  path: '/v1/runs',
  door: 'approve',
  summary: 'Approves an estimate and holds its credits. One estimate makes one run, however often this is sent.',
  scopes: ['credits/user', 'credits/agent'],
  params: none,
  query: noQuery,
  body: z.strictObject({
    estimateId: givenEstimate,
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
