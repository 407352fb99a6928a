import { balance } from '../../../lambdas/account/balance.ts';
import { setPreferences } from '../../../lambdas/account/preferences.ts';
import { usage } from '../../../lambdas/account/usage.ts';
import { approve } from '../../../lambdas/approve/approve.ts';
import type { Dependencies } from '../../../lambdas/dependencies.ts';
import { estimate } from '../../../lambdas/estimate/estimate.ts';
import { extend } from '../../../lambdas/settle/extend.ts';
import { fail } from '../../../lambdas/settle/fail.ts';
import { settle } from '../../../lambdas/settle/settle.ts';
import { grant } from '../../../lambdas/support/grant.ts';
import { plan } from '../../../lambdas/support/plan.ts';
import { refund } from '../../../lambdas/support/refund.ts';
import type { Caller } from '../../../lib/http/command.ts';

/** An open-ended tool: its estimate is exactly the `maxCredits` asked for, from 1 to 300. */
const METERED = 'agent-research';

const user = (sub: string): Caller => ({ sub, scopes: ['credits/user'] });
const AGENT: Caller = { sub: 'agent-1', scopes: ['credits/agent'] };
const SUPPORT: Caller = { sub: 'support-1', scopes: ['credits/support'] };

const asked = <P, B>(caller: Caller, params: P, body: B, idempotencyKey: string | null = null) => ({
  params,
  query: {},
  body,
  caller,
  idempotencyKey,
});

const callerOf = (accountId: string, by: 'user' | 'agent'): Caller => (by === 'user' ? user(accountId) : AGENT);

/** One request at a door's logic each, as its actor sends it. */
export const doors = {
  estimate: (deps: Dependencies, accountId: string, by: 'user' | 'agent', credits: number) =>
    estimate(deps, asked(callerOf(accountId, by), {}, { tool: METERED, input: { maxCredits: credits }, accountId })),
  approve: (deps: Dependencies, accountId: string, by: 'user' | 'agent', estimateId: string, holdSeconds: number) =>
    approve(deps, asked(callerOf(accountId, by), {}, { estimateId, holdSeconds })),
  settle: (deps: Dependencies, runId: string, credits: number, receipt: string | null) =>
    settle(deps, asked(AGENT, { runId }, { credits, ...(receipt === null ? {} : { receipt }) })),
  fail: (deps: Dependencies, runId: string, receipt: string | null) =>
    fail(deps, asked(AGENT, { runId }, { reason: 'it broke', ...(receipt === null ? {} : { receipt }) })),
  extend: (deps: Dependencies, runId: string, seconds: number) => extend(deps, asked(AGENT, { runId }, { seconds })),
  balance: (deps: Dependencies, accountId: string) => balance(deps, asked(user(accountId), {}, {})),
  usage: (deps: Dependencies, accountId: string) =>
    usage(deps, { ...asked(user(accountId), {}, {}), query: { format: 'json' as const, limit: 100 } }),
  prefer: (deps: Dependencies, accountId: string, autoApproveUpTo: number | null) =>
    setPreferences(deps, asked(user(accountId), {}, { autoApproveUpTo })),
  grant: (deps: Dependencies, id: string, body: { credits: number; expiresAt: string }, key: string) =>
    grant(deps, asked(SUPPORT, { id }, { ...body, reason: 'simulated' }, key)),
  plan: (deps: Dependencies, id: string, planId: string, key: string) =>
    plan(deps, asked(SUPPORT, { id }, { planId, reason: 'simulated' }, key)),
  refund: (deps: Dependencies, runId: string, note: string) =>
    refund(deps, asked(SUPPORT, { runId }, { reason: 'goodwill' as const, note })),
};
