import * as z from 'zod/mini';
import { HOLD_MAX_SECONDS } from '../../domain/time.ts';
import { operation } from './operation.ts';
import { reason } from './reason.ts';
import { runId } from './run-id.ts';
import { credits, givenCredits, instant, noQuery, token, toolFields } from './words.ts';

const params = z.strictObject({ runId });
const ended = ['not_found', 'run_already', 'hold_expired'] as const;

/** Either what it cost, or what was used. */
export const settleBody = z
  .strictObject({ credits: z.optional(givenCredits), usage: z.optional(toolFields), receipt: z.optional(token) })
  .check(z.refine(({ credits, usage }) => (credits === undefined) !== (usage === undefined), 'needs credits or usage'));

export const settleRun = operation({
  id: 'settleRun',
  method: 'POST',
  path: '/v1/runs/{runId}/settle',
  door: 'settle',
  summary: 'Charges min(real cost, held); the rest goes back at once.',
  scopes: ['credits/agent'],
  params,
  query: noQuery,
  body: settleBody,
  status: 200,
  reply: z.object({
    runId: z.string(),
    status: z.enum(['settled']),
    charged: credits,
    released: credits,
    absorbed: credits,
  }),
  refusals: ended,
});

export const failRun = operation({
  id: 'failRun',
  method: 'POST',
  path: '/v1/runs/{runId}/fail',
  door: 'settle',
  summary: 'Ends a failed run: nothing is charged.',
  scopes: ['credits/agent'],
  params,
  query: noQuery,
  body: z.strictObject({ reason, receipt: z.optional(token) }),
  status: 200,
  reply: z.object({ runId: z.string(), status: z.enum(['failed']), charged: credits, released: credits }),
  refusals: ended,
});

export const extendRun = operation({
  id: 'extendRun',
  method: 'POST',
  path: '/v1/runs/{runId}/extend',
  door: 'settle',
  summary: 'Moves the deadline: so long after the first one and from now; at most 24 hours in all.',
  scopes: ['credits/agent'],
  params,
  query: noQuery,
  body: z.strictObject({ seconds: z.int().check(z.gte(1), z.lte(HOLD_MAX_SECONDS)) }),
  status: 200,
  reply: z.object({ runId: z.string(), status: z.enum(['held']), held: credits, expiresAt: instant }),
  refusals: ended,
});
