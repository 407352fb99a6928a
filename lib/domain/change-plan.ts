import type { Account, Grant } from './account.ts';
import { type Begun, beginGrant } from './begin-grant.ts';
import { cycleEndsAtMs, takeBackRunning } from './boundary.ts';
import type { Plan } from './catalog.ts';
import { isAlive } from './draw.ts';
import type { Entry } from './entry.ts';
import { andThen, record, type Step, withGrant } from './give-back.ts';
import { addMonthsMs, nextMidnightMs } from './time.ts';

/**
 * Makes a grant as large as `size`; what is spent or held of it stays so, and counts against the new size. Credits taken away
 * were never used: size and rest shrink alike, so that moving to and fro gives nothing away.
 */
export const resize = (account: Account, grant: Grant, size: number): Begun => {
  const spentOrHeld = grant.granted - grant.remaining;
  const granted = Math.max(size, spentOrHeld);
  const delta = granted - grant.granted;
  if (delta === 0) return { account, changes: [] };
  return {
    account: withGrant(account, { ...grant, granted, remaining: grant.remaining + delta }),
    changes: [{ grantId: grant.id, kind: grant.kind, credits: delta, granted: delta }],
  };
};

/** Today's free credits grow to the new allowance at once; a lower one takes nothing back and begins at midnight (R12). */
export const changeDailyCredits = (account: Account, plan: Plan, nowMs: number): Begun => {
  const today = account.grants.find((grant) => grant.kind === 'free' && isAlive(grant, nowMs));
  if (today !== undefined) return resize(account, today, Math.max(today.granted, plan.dailyFreeCredits));
  return beginGrant(account, { kind: 'free', granted: plan.dailyFreeCredits, expiresAtMs: nextMidnightMs(nowMs) });
};

/** R18: the new cycle allowance less what this cycle's grant has spent. Without a cycle one begins now; a plan without ends it. */
const changeCycle = (account: Account, plan: Plan, nowMs: number): Begun => {
  const { creditsPerCycle } = plan;
  if (creditsPerCycle === 0) {
    // The cycle runs out with what was granted for it; a plan taken up before then goes on in it, less what is spent.
    const cycle = account.cycle === null ? null : { ...account.cycle, creditsPerCycle: 0 };
    return { account: { ...account, cycle }, changes: [] };
  }
  const endsAtMs = cycleEndsAtMs(account);
  const running = account.grants.find((grant) => grant.kind === 'subscription' && grant.expiresAtMs === endsAtMs);
  if (account.cycle === null || running === undefined) {
    const cycle = { anchorMs: nowMs, step: 0, creditsPerCycle };
    const expiresAtMs = addMonthsMs(nowMs, 1);
    return beginGrant({ ...account, cycle }, { kind: 'subscription', granted: creditsPerCycle, expiresAtMs });
  }
  const cycle = { ...account.cycle, creditsPerCycle };
  return resize({ ...account, cycle }, running, creditsPerCycle);
};

type Line = Pick<Entry, 'reason' | 'actor'>;

/**
 * Puts an account on a plan at once (R26): run limit, daily free credits and the month's credits, as one line of history.
 * Bought and promotional credits are never touched (R14).
 */
export const changePlan = (account: Account, plan: Plan, line: Line, nowMs: number): Step => {
  if (cycleEndsAtMs(account) === null || plan.creditsPerCycle === 0) return moveToPlan(account, plan, line, nowMs);
  // R20: credits that went with their money are not spent: whole while its size changes, then less by the same share.
  const back = { ...line, atMs: nowMs };
  const moved = andThen(takeBackRunning(account, null, back), (whole) => moveToPlan(whole, plan, line, nowMs));
  return andThen(moved, (resized) => takeBackRunning(resized, resized.cycle?.paid?.share ?? null, back));
};

const moveToPlan = (account: Account, plan: Plan, line: Line, nowMs: number): Step => {
  const moved: Account = { ...account, planId: plan.id, dailyRunLimit: plan.dailyRunLimit };
  const daily = changeDailyCredits(moved, plan, nowMs);
  const cycled = changeCycle(daily.account, plan, nowMs);
  const changes = [...daily.changes, ...cycled.changes];
  return record(cycled.account, { atMs: nowMs, kind: 'adjustment', changes, planId: plan.id, ...line });
};
