import * as z from 'zod/mini';
import { GRANT_KINDS } from '../../domain/account.ts';
import { ENTRY_KINDS } from '../../domain/entry.ts';
import { approval } from './approval.ts';
import { givenInstant } from './given-instant.ts';
import { operation } from './operation.ts';
import { runId } from './run-id.ts';
import { count, credits, givenCredits, instant, none, noQuery, token } from './words.ts';

const user = ['credits/user'] as const;
export const grantKind = z.enum(GRANT_KINDS);
const signedCredits = z.int();
const runStatus = z.enum(['held', 'settled', 'failed', 'expired']);
const refund = z.object({ at: instant, credits, reason: z.string() });

/** A run with its approval and, once it has ended, its outcome. */
export const run = z.object({
  runId: z.string(),
  accountId: z.string(),
  status: runStatus,
  tool: z.string(),
  priceVersion: z.string(),
  estimate: credits,
  held: credits,
  charged: credits,
  released: credits,
  absorbed: credits,
  approval,
  expiresAt: instant,
  endedAt: z.nullable(instant),
  reason: z.nullable(z.string()),
  refund: z.nullable(refund),
});

export const getRun = operation({
  id: 'getRun',
  method: 'GET',
  path: '/v1/runs/{runId}',
  door: 'account',
  summary: 'A run with its approval and its outcome.',
  scopes: ['credits/user', 'credits/agent', 'credits/support'],
  params: z.strictObject({ runId }),
  query: noQuery,
  body: none,
  status: 200,
  reply: run,
  refusals: ['not_found'],
});

const grant = z.object({
  id: z.string(),
  kind: grantKind,
  granted: credits,
  remaining: credits,
  held: credits,
  expiresAt: instant,
});

export const balance = z.object({
  available: credits,
  held: credits,
  grants: z.array(grant),
  progress: z.object({ used: credits, total: credits }),
  runsToday: z.object({ used: count, limit: z.nullable(count), resetsAt: instant }),
  plan: z.string(),
  nextResetAt: instant,
  asOf: instant,
});

export const getBalance = operation({
  id: 'getBalance',
  method: 'GET',
  path: '/v1/balance',
  door: 'account',
  summary: 'What can be spent now, what is held, each grant with its rest and expiry, runs used today, the next reset.',
  scopes: user,
  params: none,
  query: noQuery,
  body: none,
  status: 200,
  reply: balance,
  refusals: [],
});

const digits = (most: number) =>
  z.pipe(
    z.string().check(z.regex(/^[0-9]{1,5}$/)),
    z.pipe(
      z.transform((text: string) => Number(text)),
      z.int().check(z.gte(1), z.lte(most)),
    ),
  );

const change = z.object({
  id: z.string(),
  kind: grantKind,
  credits: signedCredits,
  expiresAt: z.optional(instant),
});

export const entry = z.object({
  id: z.string(),
  at: instant,
  kind: z.enum(ENTRY_KINDS),
  credits: signedCredits,
  grants: z.array(change),
  reason: z.optional(z.string()),
  runId: z.optional(z.string()),
  tool: z.optional(z.string()),
  status: z.optional(runStatus),
  estimate: z.optional(credits),
  held: z.optional(credits),
  charged: z.optional(credits),
  released: z.optional(credits),
  endedAt: z.optional(instant),
  refund: z.optional(refund),
  actor: z.optional(z.string()),
  note: z.optional(z.string()),
  planId: z.optional(z.string()),
  packId: z.optional(z.string()),
  payment: z.optional(z.string()),
  shortfall: z.optional(credits),
});

export const MAX_PAGE = 100;
export const MAX_CSV_LINES = 5000;

export const listUsage = operation({
  id: 'listUsage',
  method: 'GET',
  path: '/v1/usage',
  door: 'account',
  summary:
    'The credit history, newest first. A run is one line at the instant it was asked for; `from` is included, `to` is not.',
  scopes: user,
  params: none,
  query: z.strictObject({
    limit: z.optional(digits(MAX_CSV_LINES)),
    cursor: z.optional(token),
    kind: z.optional(z.enum(ENTRY_KINDS)),
    from: z.optional(givenInstant),
    to: z.optional(givenInstant),
    format: z._default(z.enum(['json', 'csv']), 'json'),
  }),
  body: none,
  status: 200,
  reply: z.object({ entries: z.array(entry), nextCursor: z.nullable(z.string()) }),
  refusals: [],
});

const limitOrNone = z.optional(z.nullable(givenCredits));
const preferences = z.object({
  autoApproveUpTo: z.nullable(credits),
  lowBalanceAt: z.nullable(credits),
  ruleVersion: count,
});

export const getPreferences = operation({
  id: 'getPreferences',
  method: 'GET',
  path: '/v1/preferences',
  door: 'account',
  summary: 'The standing rule (approve anything up to so many credits) and the low-balance notice.',
  scopes: user,
  params: none,
  query: noQuery,
  body: none,
  status: 200,
  reply: preferences,
  refusals: [],
});

export const putPreferences = operation({
  id: 'putPreferences',
  method: 'PUT',
  path: '/v1/preferences',
  door: 'account',
  summary: 'Sets what is named, clears what is null, leaves the rest. A changed standing rule gets a new version.',
  scopes: user,
  params: none,
  query: noQuery,
  body: z
    .strictObject({ autoApproveUpTo: limitOrNone, lowBalanceAt: limitOrNone })
    .check(z.refine((body) => Object.keys(body).length > 0, 'names nothing to set')),
  status: 200,
  reply: preferences,
  refusals: [],
});
