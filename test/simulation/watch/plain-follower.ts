import { isDeepStrictEqual } from 'node:util';
import type { Account, Hold } from '../../../lib/domain/account.ts';
import { balanceOf, heldFrom } from '../../../lib/domain/balance.ts';
import { type Catalog, planOrFree } from '../../../lib/domain/catalog.ts';
import type { Entry } from '../../../lib/domain/entry.ts';
import { heldOf, type RunRecord } from '../../../lib/domain/run-record.ts';
import { DAY_MS } from '../../../lib/domain/time.ts';
import { byEnd, type Lot, type LotSeen, type PlainPlan } from '../../domain/plain-lots.ts';
import { PlainModel } from '../../domain/plain-model.ts';
import { PlainPurchase } from '../../domain/plain-purchase.ts';
import type { Written } from './ledger.ts';
import { followSubscription, type PeriodBought, type SubscriptionFollower } from './plain-subscription.ts';

const plainPlan = (catalog: Catalog, id: string): PlainPlan => {
  const { dailyFreeCredits, creditsPerCycle, dailyRunLimit } = planOrFree(catalog, id);
  return { id, daily: dailyFreeCredits, perCycle: creditsPerCycle, runLimit: dailyRunLimit };
};

interface Follower {
  readonly model: PlainModel;
  readonly packs: Map<number, Lot>;
  readonly subscription: SubscriptionFollower;
  /** Runs that have ended on record while the account still holds them. */
  readonly pending: Map<string, RunRecord>;
  /** The last instant at which something happened by itself. */
  lastStopMs: number;
  /** Why the model can follow no more; `null`: it does. */
  lost: string | null;
}

/** Lines of what happens by itself. */
const TIMELY = new Set(['daily_free_credits', 'billing_cycle', 'expired', 'returned_after_expiry', 'awaiting_payment']);
/** Lines of what is paid for by the period, or of its end. */
const SUBSCRIBED = new Set(['subscription_started', 'subscription_ended', 'billing_cycle', 'plan_changed']);

/** Exactly so many credits are due back. */
const purchaseDue = (due: number): PlainPurchase => Object.assign(new PlainPurchase(), { dueOf: () => due });

/**
 * The plain model, told of every write in the order the table took them: it must have allowed each hold, from the very same credits, and come
 * to the same in the end. It gives up on an account where an instant has passed between two writes that came the other way round.
 */
export const followPlainly = (
  catalog: Catalog,
  bought: (paymentId: string) => PeriodBought | null,
  fault: (sentence: string) => void,
) => {
  const followers = new Map<string, Follower>();

  const end = (follower: Follower, { runUuid, outcome, cost, atMs }: RunRecord): void => {
    follower.pending.delete(runUuid);
    const run = follower.model.runs.find(({ id }) => id === runUuid);
    if (run === undefined || run.status !== 'held') {
      // Lapsed for a reader that had not seen its deadline moved.
      if (run?.status !== outcome) fault(`plainly, run ${runUuid} has ${run?.status}; on record is ${outcome}`);
      return;
    }
    if (outcome === 'expired' && run.deadline !== atMs) follower.lost = 'a deadline was moved while it passed';
    else if (outcome === 'expired') fault(`plainly, run ${runUuid} has not expired at ${atMs}`);
    if (outcome === 'expired') return;
    follower.model.end(runUuid, outcome, cost ?? 0);
  };

  const walk = (follower: Follower, atMs: number): boolean => {
    const { model, pending } = follower;
    if (follower.lost !== null) return false;
    if (atMs < follower.lastStopMs) {
      follower.lost = 'an instant passed between writes in another order';
      return false;
    }
    const due = [...pending.values()].filter(({ deadlineMs }) => deadlineMs <= atMs).sort((a, b) => a.atMs - b.atMs);
    for (const record of due) {
      pending.delete(record.runUuid);
      if (!walk(follower, record.atMs)) return false;
      end(follower, record);
    }
    // Nothing has happened by itself in between, so that going back is as good as never having gone on.
    if (atMs < model.now) model.now = atMs;
    const last = model.walkTo(atMs).at(-1);
    if (last !== undefined) follower.lastStopMs = last;
    return true;
  };

  const decided = (follower: Follower, entry: Entry, account: Account): void => {
    const { model, packs } = follower;
    const { kind, reason, atMs, actor, planId, runUuid, changes, payment } = entry;
    const [change] = changes;
    const sold = kind === 'grant' && (reason === 'pack_purchased' || actor !== undefined);
    const clawed = kind === 'clawback' && reason !== 'returned_after_refund';
    const moved = kind === 'adjustment' && actor !== undefined && planId !== undefined;
    const subscribed = SUBSCRIBED.has(reason) && (payment !== undefined || reason === 'subscription_ended');
    if (!(sold || clawed || moved || subscribed || kind === 'refund') || !walk(follower, atMs)) return;
    if (subscribed) follower.subscription.told(entry);
    if (sold && change?.expiresAtMs !== undefined && change.expiresAtMs > atMs) {
      const lot = model.begin(change.kind, change.credits, change.expiresAtMs);
      if (change.kind === 'pack') packs.set(change.grantId, lot);
    }
    if (moved) model.changePlan(plainPlan(catalog, planId));
    if (kind === 'refund' && runUuid !== undefined) model.refund(runUuid);
    if (!clawed) return;
    for (const grant of account.grants) {
      const lot = packs.get(grant.id);
      const due = (grant.back?.taken ?? 0) + (grant.back?.owed ?? 0);
      if (lot !== undefined && lot.due !== due) model.shrink(lot, purchaseDue(due));
    }
  };

  const placed = (follower: Follower, hold: Hold): void => {
    const { model } = follower;
    if (!walk(follower, hold.approvedAtMs)) return;
    const said = model.hold(hold.runUuid, heldOf(hold), hold.deadlineMs - model.now, hold.approval.how === 'explicit');
    if (said !== 'held') {
      follower.lost = said;
      fault(`plainly, run ${hold.runUuid} is refused: ${said}`);
      return;
    }
    const pieces = model.runs
      .at(-1)
      ?.pieces.map(({ lot, credits }) => `${credits} ${lot.kind}`)
      .join(', ');
    const parts = hold.parts.map(({ kind, credits }) => `${credits} ${kind}`).join(', ');
    if (pieces !== parts) fault(`R5: run ${hold.runUuid} draws ${parts}; plainly, it is ${pieces}`);
  };

  const follow = ({ ledger, before, entries, records }: Written): void => {
    const { account, accountId } = ledger;
    if (account === null) return;
    let follower = followers.get(accountId);
    if (follower === undefined) {
      const opened = entries.find(({ reason }) => reason === 'account_opened');
      const openedMs = opened?.atMs ?? 0;
      const model = new PlainModel(openedMs, plainPlan(catalog, 'free'));
      const subscription = followSubscription(model, (id) => plainPlan(catalog, id), bought);
      follower = { model, packs: new Map(), subscription, pending: new Map(), lastStopMs: openedMs, lost: null };
      followers.set(accountId, follower);
    }
    for (const record of records) if (record.refund === null) follower.pending.set(record.runUuid, record);
    if (account === before || follower.lost !== null) return;
    const held = new Set(account.holds.map(({ runUuid }) => runUuid));
    const gone = (before?.holds ?? []).filter(({ runUuid }) => !held.has(runUuid));
    const ended = gone.flatMap(({ runUuid }) => ledger.records.get(runUuid) ?? []).sort((a, b) => a.atMs - b.atMs);
    for (const record of ended) if (walk(follower, record.atMs)) end(follower, record);
    for (const entry of entries) {
      decided(follower, entry, account);
      // What time has done is written: whoever's clock is still before it comes the other way round.
      if (TIMELY.has(entry.reason)) follower.lastStopMs = Math.max(follower.lastStopMs, entry.atMs);
    }
    // A midnight that found everything whole has left no line.
    if (before !== null && account.runs.day > before.runs.day)
      follower.lastStopMs = Math.max(follower.lastStopMs, account.runs.day * DAY_MS);
    // What was changed was changed after all that time had done by then.
    const paid = account.cycle?.paid !== undefined;
    if (paid) for (const { atMs } of entries) if (atMs > follower.model.now) walk(follower, atMs);
    follower.subscription.noted(account);
    follower.model.approvesUpTo = account.rule.autoApproveUpTo;
    const known = new Map(before?.holds.map((hold) => [hold.runUuid, hold]));
    for (const hold of account.holds) {
      const old = known.get(hold.runUuid);
      if (old === undefined) placed(follower, hold);
      const run = follower.model.runs.find(({ id }) => id === hold.runUuid);
      // An extension that lands after the lapse is on record moves nothing: the run has ended as it says.
      if (follower.pending.has(hold.runUuid)) continue;
      if (run?.status === 'held') run.deadline = hold.deadlineMs;
      else if (old !== undefined && old.deadlineMs !== hold.deadlineMs)
        follower.lost = 'a deadline was moved while it passed';
    }
  };

  /** Whether an account, exact at an instant, is what the plain model makes of it; `false`: it could not follow. */
  const agrees = (account: Account, nowMs: number): boolean => {
    const follower = followers.get(account.id);
    if (follower === undefined || !walk(follower, nowMs)) return false;
    const seen = follower.model.seen();
    const balance = balanceOf(account, nowMs);
    const lots = account.grants.map(
      (each): LotSeen => [each.kind, each.expiresAtMs, each.remaining, heldFrom(account, each.id)],
    );
    const actual = {
      available: balance.available,
      held: balance.held,
      lots: lots.filter(([, , idle, held]) => idle + held > 0).sort(byEnd),
      runsUsed: balance.runsToday.used,
    };
    const expected = { available: seen.available, held: seen.held, lots: seen.lots, runsUsed: seen.runsUsed };
    if (!isDeepStrictEqual(actual, expected)) {
      fault(`${account.id} has ${JSON.stringify(actual)}; plainly, it is ${JSON.stringify(expected)}`);
    }
    return true;
  };

  return { follow, agrees, lost: () => [...followers.values()].filter(({ lost }) => lost !== null).length };
};
