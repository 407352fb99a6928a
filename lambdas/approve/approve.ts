import type * as z from 'zod/mini';
import type { Account, Approval, Hold } from '../../lib/domain/account.ts';
import { type HoldPlan, holdFrom, isCurrent, planHold } from '../../lib/domain/hold-plan.ts';
import { invalid, isRefusal, type Refusal } from '../../lib/domain/refusal.ts';
import { estimateExpiresAtMs, tombstoneOf } from '../../lib/domain/run-id.ts';
import { heldOf, type RunRecord } from '../../lib/domain/run-record.ts';
import { HOLD_DEFAULT_SECONDS, SECOND_MS } from '../../lib/domain/time.ts';
import type { Command } from '../../lib/http/command.ts';
import type { createRun } from '../../lib/http/contract/approve.ts';
import { NO_ESTIMATE } from '../../lib/http/contract/words.ts';
import { formatRunId } from '../../lib/http/run-id.ts';
import { iso, shownApproval } from '../../lib/http/shown.ts';
import { readAccount, readRecord } from '../../lib/store/account-view.ts';
import { touchAccount } from '../../lib/store/change-account.ts';
import { backOff, Contended, MAX_TRIES } from '../../lib/store/faults.ts';
import { placeHold } from '../../lib/store/place-hold.ts';
import { type Estimate, openEstimate } from '../../lib/token/estimate-token.ts';
import { signReceipt } from '../../lib/token/receipt-token.ts';
import type { Dependencies } from '../dependencies.ts';

type Asked = Command<unknown, unknown, z.infer<typeof createRun.body>>;
type Held = z.infer<typeof createRun.reply>;

interface Approving {
  readonly estimate: Estimate;
  /** The owner themselves, or an agent under their standing rule (R4). */
  readonly byOwner: boolean;
  readonly holdMs: number;
  readonly nowMs: number;
}

/** A database keeps no order of fields, but a receipt is signed over one: a repeat must not get another. */
const inOrder = (approval: Approval): Approval =>
  approval.how === 'explicit' ? approval : { how: approval.how, ruleVersion: approval.ruleVersion };

/** The hold as it was when it was made: a repeat gets the same answer, whatever has become of the run since (R6). */
const asApproved = (run: Hold | RunRecord): Hold => {
  const { runUuid, tool, priceVersion, approvedAtMs, firstDeadlineMs } = run;
  const approval = inOrder(run.approval);
  const parts =
    'outcome' in run ? run.parts.map(({ grantId, kind, held }) => ({ grantId, kind, credits: held })) : run.parts;
  return { runUuid, tool, priceVersion, parts, approval, approvedAtMs, firstDeadlineMs, deadlineMs: firstDeadlineMs };
};

const answer = async (deps: Dependencies, accountId: string, hold: Hold): Promise<Held> => ({
  runId: formatRunId({ accountId, runUuid: hold.runUuid }),
  status: 'held',
  tool: hold.tool,
  held: heldOf(hold),
  estimate: heldOf(hold),
  approval: shownApproval(accountId, hold),
  expiresAt: iso(hold.firstDeadlineMs),
  receipt: await signReceipt(deps.signer, { accountId, hold }),
});

/** The answer this approval was given before, if it was; `null` where the run is new. */
const repeated = async (
  deps: Dependencies,
  ask: Approving,
  account: Account | null,
): Promise<Held | Refusal | null> => {
  const { accountId, runUuid } = ask.estimate;
  const live = account?.holds.find((hold) => hold.runUuid === runUuid);
  const late = ask.nowMs >= estimateExpiresAtMs(runUuid);
  const remembered = late || account?.tombstones.includes(tombstoneOf(runUuid));
  const run = live ?? (remembered ? await readRecord(deps.table, accountId, runUuid) : null);
  if (run === null) return late || remembered ? { refused: 'estimate_expired' } : null;
  const hold = asApproved(run);
  const sameBody = hold.firstDeadlineMs - hold.approvedAtMs === ask.holdMs;
  return sameBody ? answer(deps, accountId, hold) : { refused: 'idempotency_mismatch' };
};

const approvalOn = (ask: Approving, ruleVersion: number): Approval =>
  ask.byOwner ? { how: 'explicit' } : { how: 'standing_rule', ruleVersion };

const termsOf = (ask: Approving, approval: Approval): Omit<Hold, 'parts'> => ({
  runUuid: ask.estimate.runUuid,
  tool: ask.estimate.tool,
  priceVersion: ask.estimate.priceVersion,
  approval,
  approvedAtMs: ask.nowMs,
  firstDeadlineMs: ask.nowMs + ask.holdMs,
  deadlineMs: ask.nowMs + ask.holdMs,
});

interface Ready {
  readonly plan: HoldPlan;
  readonly approval: Approval;
}

/** The plan that travelled in the estimate: with it the first write needs no read before it. */
const planGiven = (ask: Approving): Ready | null => {
  const { plan, ruleVersion } = ask.estimate;
  if (plan === null || (!ask.byOwner && ruleVersion === null)) return null;
  return { plan, approval: approvalOn(ask, ruleVersion ?? 0) };
};

/** A new plan on the account as seen; before it refuses, on the account with all that time and a crash may have left undone. */
const planAnew = async (deps: Dependencies, ask: Approving, seen: Account | null): Promise<Ready | Held | Refusal> => {
  const planOn = (account: Account): Ready | Refusal => {
    const approval = approvalOn(ask, account.rule.version);
    const plan = planHold(account, { credits: ask.estimate.credits, approval }, ask.nowMs);
    return isRefusal(plan) ? plan : { plan, approval };
  };
  const quick = seen !== null && isCurrent(seen, ask.nowMs) ? planOn(seen) : null;
  if (quick !== null && !isRefusal(quick)) return quick;
  const account = await touchAccount(deps.table, ask.estimate.accountId, ask.nowMs);
  return (await repeated(deps, ask, account)) ?? planOn(account);
};

const place = async (deps: Dependencies, asked: Approving): Promise<Held | Refusal> => {
  const { accountId, swept } = asked.estimate;
  let ask = asked;
  let ready = planGiven(ask);
  let seen: Account | null = null;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    if (ready === null) {
      const next = await planAnew(deps, ask, seen);
      if (!('plan' in next)) return next;
      ready = next;
    }
    const hold = holdFrom(ready.plan, termsOf(ask, ready.approval));
    const placed = await placeHold(deps.table, accountId, ready.plan, hold, ask.nowMs, swept);
    if (placed.placed) return answer(deps, accountId, asApproved(hold));
    seen = placed.account;
    const before = await repeated(deps, ask, seen);
    if (before !== null) return before;
    ready = null;
    // Another host may already be past a midnight that this request began before.
    if (tries > 1) await backOff(deps.table, tries);
    ask = { ...asked, nowMs: deps.now() };
  }
  throw new Contended('too many holds at once');
};

/**
 * R4–R8: approves an estimate and holds its credits, all or nothing, in one write where nothing stands in the way. One estimate
 * gives at most one run, and a repeat the same answer. Refuses with `validation_failed`, `approval_required`,
 * `estimate_expired`, `insufficient_credits`, `daily_run_limit_reached` or `idempotency_mismatch`.
 */
export const approve = async (deps: Dependencies, { body, caller }: Asked): Promise<Held | Refusal> => {
  const estimate = await openEstimate(deps.signer, body.estimateId);
  const byOwner = caller.scopes.includes('credits/user') && caller.sub === estimate?.accountId;
  if (estimate === undefined || (!byOwner && !caller.scopes.includes('credits/agent'))) {
    return invalid('estimateId', NO_ESTIMATE);
  }
  const ask: Approving = {
    estimate,
    byOwner,
    holdMs: (body.holdSeconds ?? HOLD_DEFAULT_SECONDS) * SECOND_MS,
    nowMs: deps.now(),
  };
  if (ask.nowMs < estimateExpiresAtMs(estimate.runUuid)) return place(deps, ask);
  const account = await readAccount(deps.table, estimate.accountId);
  return (await repeated(deps, ask, account)) ?? { refused: 'estimate_expired' };
};
