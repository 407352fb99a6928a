import * as z from 'zod/mini';
import { balance, grantKind } from './account.ts';
import { givenInstant } from './given-instant.ts';
import { operation } from './operation.ts';
import { reason, words } from './reason.ts';
import { runId } from './run-id.ts';
import { accountId, count, credits, instant, MAX_CREDITS, none, noQuery } from './words.ts';

const scopes = ['credits/support'] as const;
const params = z.strictObject({ id: accountId });
const note = z.string().check(z.regex(words(500)));
const idempotencyKey = z.string().check(z.regex(/^[\x21-\x7e]{1,255}$/));

export const REFUND_REASONS = ['charged_without_approval', 'run_failed', 'service_fault', 'goodwill'] as const;

export const getAccount = operation({
  id: 'getAccount',
  method: 'GET',
  path: '/v1/support/accounts/{id}',
  door: 'support',
  summary: 'An account as support sees it: its balance, plan, preferences and live runs.',
  scopes,
  params,
  query: noQuery,
  body: none,
  status: 200,
  reply: z.object({
    accountId,
    plan: z.string(),
    balance,
    preferences: z.object({
      autoApproveUpTo: z.nullable(credits),
      lowBalanceAt: z.nullable(credits),
      ruleVersion: count,
    }),
    runs: z.array(z.object({ runId: z.string(), tool: z.string(), held: credits, expiresAt: instant })),
  }),
  refusals: [],
});

export const grantCredits = operation({
  id: 'grantCredits',
  method: 'POST',
  path: '/v1/support/accounts/{id}/grants',
  door: 'support',
  summary: 'Gives promotional credits. Needs an Idempotency-Key; a repeat gives nothing more.',
  scopes,
  params,
  query: noQuery,
  body: z.strictObject({
    credits: z.int().check(z.gte(1), z.lte(MAX_CREDITS)),
    reason,
    expiresAt: z.optional(givenInstant),
    note: z.optional(note),
  }),
  idempotencyKey,
  status: 201,
  reply: z.object({
    accountId,
    grant: z.object({ id: z.string(), kind: grantKind, granted: credits, expiresAt: instant }),
    entryId: z.string(),
  }),
  refusals: ['idempotency_mismatch'],
});

export const assignPlan = operation({
  id: 'assignPlan',
  method: 'POST',
  path: '/v1/support/accounts/{id}/plan',
  door: 'support',
  summary:
    'Puts an account on a plan at once, listed or custom. With an Idempotency-Key a late repeat changes nothing.',
  scopes,
  params,
  query: noQuery,
  body: z.strictObject({ planId: z.string().check(z.regex(/^.{1,100}$/)), reason }),
  idempotencyKey: z.optional(idempotencyKey),
  status: 200,
  reply: z.object({ accountId, plan: z.string(), balance }),
  refusals: ['idempotency_mismatch'],
});

export const refundRun = operation({
  id: 'refundRun',
  method: 'POST',
  path: '/v1/support/runs/{runId}/refund',
  door: 'support',
  summary: 'Gives a settled run’s charge back, once, for a stated reason. Not liking the output is not one.',
  scopes,
  params: z.strictObject({ runId }),
  query: noQuery,
  body: z.strictObject({
    reason: z.enum([...REFUND_REASONS, 'output_unsatisfactory']),
    note: z.optional(note),
  }),
  status: 200,
  reply: z.object({
    runId: z.string(),
    status: z.literal('settled'),
    charged: credits,
    /** What came back; free credits of a day that is over have lapsed. */
    refunded: credits,
    reason: z.string(),
    refundedAt: instant,
  }),
  refusals: ['not_found', 'refund_not_covered', 'run_already', 'idempotency_mismatch'],
});
