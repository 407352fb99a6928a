import type { Account, Approval, Hold } from '../../lib/domain/account.ts';
import { type Advanced, advance, withBounds } from '../../lib/domain/advance.ts';
import { type Catalog, planOrFree } from '../../lib/domain/catalog.ts';
import type { Entry } from '../../lib/domain/entry.ts';
import { extendedDeadlineMs } from '../../lib/domain/extend-hold.ts';
import type { Step } from '../../lib/domain/give-back.ts';
import { deadlineBound, type HoldPlan, holdFrom, isCurrent, planHold } from '../../lib/domain/hold-plan.ts';
import { openAccount } from '../../lib/domain/open-account.ts';
import { isRefusal } from '../../lib/domain/refusal.ts';
import { estimateExpiresAtMs, tombstoneEndsAtMs, tombstoneOf } from '../../lib/domain/run-id.ts';
import { type Ending, endRun, heldOf, type RunRecord } from '../../lib/domain/run-record.ts';
import { dayOf } from '../../lib/domain/time.ts';

/** An estimate with the plan that travels in it. */
export interface Quote {
  readonly runUuid: string;
  readonly credits: number;
  readonly plan: HoldPlan | null;
}

/**
 * The store in memory: what is written of one account, lazily, with the conditions of its writes. It lets the core be judged as
 * it is used: plans made on an account that has moved on since, holds and releases placed without bringing time up, a crash
 * between the two writes of a settle.
 */
export class Driver {
  stored: Account;
  readonly entries: Entry[] = [];
  readonly records = new Map<string, RunRecord>();
  nowMs: number;
  readonly catalog: Catalog;

  constructor(catalog: Catalog, nowMs: number) {
    const opened = openAccount('ann', planOrFree(catalog, 'free'), nowMs);
    this.catalog = catalog;
    this.nowMs = nowMs;
    this.entries.push(...opened.entries);
    this.stored = { ...opened.account, ver: 1 };
  }

  /** Outcomes on record of runs still held: what a crash leaves. */
  endings(): ReadonlyMap<string, RunRecord> {
    const held = new Set(this.stored.holds.map((hold) => hold.runUuid));
    return new Map([...this.records].filter(([runUuid]) => held.has(runUuid)));
  }

  view(maxWrites?: number): Advanced {
    return advance(this.stored, this.endings(), this.catalog, this.nowMs, maxWrites);
  }

  /** Writes what time has done, at most so many lines at once. */
  touch(maxWrites?: number): Account {
    for (let steps = 0; steps < 10_000; steps++) {
      const view = this.view(maxWrites);
      this.commit(view);
      if (view.complete) return view.account;
    }
    throw new Error('time does not come to an end');
  }

  private commit({ account, entries, lapsed = [] }: Pick<Advanced, 'account' | 'entries'> & Partial<Advanced>): void {
    this.stored = { ...account, ver: this.stored.ver + 1 };
    this.entries.push(...entries);
    for (const record of lapsed) this.record(record);
  }

  private record(record: RunRecord): void {
    if (this.records.has(record.runUuid)) throw new Error(`${record.runUuid} would end twice`);
    this.records.set(record.runUuid, record);
  }

  /** A change of an account brought up to now, in the same write. */
  change(decide: (account: Account) => Pick<Advanced, 'account' | 'entries'>): void {
    const step = decide(this.touch());
    this.commit({ ...step, account: withBounds(step.account, this.catalog, this.nowMs) });
  }

  /** A payment acted on: what it makes due at once happens with it. */
  pay(decide: (account: Account) => Step): void {
    this.change((account) => {
      const step = decide(account);
      const due = advance(step.account, new Map(), this.catalog, this.nowMs);
      return { account: due.account, entries: [...step.entries, ...due.entries] };
    });
  }

  quote(runUuid: string, credits: number): Quote {
    const current = isCurrent(this.stored, this.nowMs);
    const plan = current ? planHold(this.stored, { credits, approval: { how: 'explicit' } }, this.nowMs) : null;
    return { runUuid, credits, plan: plan === null || isRefusal(plan) ? null : plan };
  }

  /** `held`, a repeat of it, or the code of the refusal. */
  approve(quote: Quote, holdMs: number, byOwner: boolean): string {
    const { runUuid } = quote;
    if (this.knows(runUuid)) return 'repeated';
    if (this.nowMs >= estimateExpiresAtMs(runUuid)) return 'estimate_expired';
    // A crash errs on the low side until the next touch; what is compared here is the account without crashes.
    if (this.endings().size > 0) this.touch();
    const approval = (): Approval =>
      byOwner ? { how: 'explicit' } : { how: 'standing_rule', ruleVersion: this.stored.rule.version };
    const deadlineMs = this.nowMs + holdMs;
    const terms = {
      tool: 'tool',
      priceVersion: 'p1',
      approvedAtMs: this.nowMs,
      firstDeadlineMs: deadlineMs,
      deadlineMs,
    };
    const place = (plan: HoldPlan) => this.place(plan, holdFrom(plan, { ...terms, runUuid, approval: approval() }));
    if (quote.plan !== null && place(quote.plan)) return 'held';
    const account = isCurrent(this.stored, this.nowMs) ? this.stored : this.touch();
    const plan = planHold(account, { credits: quote.credits, approval: approval() }, this.nowMs);
    if (isRefusal(plan)) return plan.refused;
    if (!place(plan)) throw new Error(`a plan made now cannot be placed now: ${JSON.stringify({ plan, account })}`);
    return 'held';
  }

  /** Held or ended, as the account alone remembers while the estimate could still be approved (R6). */
  private knows(runUuid: string): boolean {
    if (this.stored.holds.some((hold) => hold.runUuid === runUuid)) return true;
    if (this.nowMs >= estimateExpiresAtMs(runUuid)) return this.records.has(runUuid);
    return this.stored.tombstones.includes(tombstoneOf(runUuid));
  }

  /** The one write that places a hold, with its condition. */
  private place(plan: HoldPlan, hold: Hold): boolean {
    const { stored, nowMs } = this;
    const remaining = new Map(stored.grants.map((grant) => [grant.id, grant.remaining]));
    const bound = deadlineBound(plan, hold.deadlineMs, nowMs);
    const seen = stored.holdsValidUntilMs;
    const rule = stored.rule.autoApproveUpTo;
    const conditions = [
      plan.draws.every(({ grantId, credits, exact }) => {
        const has = remaining.get(grantId) ?? Number.NaN;
        return exact ? has === credits : has >= credits;
      }),
      plan.nextOrdinal === stored.nextOrdinal,
      nowMs < stored.validUntilMs && stored.runs.day === dayOf(nowMs),
      stored.dailyRunLimit === null || stored.runs.used < stored.dailyRunLimit,
      bound.how !== 'keep' || seen === null || (seen > nowMs && seen <= hold.deadlineMs),
      bound.how !== 'lower' || seen === bound.seen,
      bound.how !== 'raise' || stored.ver === bound.seen,
      hold.approval.how === 'explicit' || (rule !== null && rule >= heldOf(hold)),
    ];
    if (conditions.includes(false)) return false;
    const drawn = new Map(plan.draws.map((draw) => [draw.grantId, draw.credits]));
    this.stored = {
      ...stored,
      ver: stored.ver + 1,
      grants: stored.grants.map((each) => ({ ...each, remaining: each.remaining - (drawn.get(each.id) ?? 0) })),
      holds: [...stored.holds, hold].sort((a, b) => (a.runUuid < b.runUuid ? -1 : 1)),
      runs: { ...stored.runs, used: stored.runs.used + 1 },
      dueAtMs: stored.validUntilMs,
      holdsValidUntilMs: bound.how === 'keep' ? (seen ?? bound.ms) : bound.ms,
    };
    return true;
  }

  /** The outcome that stands; a crash leaves the hold as it is. */
  end(runUuid: string, ending: Ending, crash = false): string {
    const hold = this.stored.holds.find((each) => each.runUuid === runUuid);
    if (hold !== undefined && this.nowMs >= hold.deadlineMs) this.touch();
    const standing = this.records.get(runUuid);
    if (standing !== undefined) return standing.outcome;
    if (hold === undefined) return 'not_found';
    const record = endRun(hold, ending, this.nowMs);
    this.record(record);
    if (!crash && !this.released(record)) this.touch();
    return record.outcome;
  }

  /** The one write that releases a hold, where no boundary has passed under it and its grants owe nothing. */
  private released(record: RunRecord): boolean {
    const { stored, nowMs } = this;
    const back = new Map(record.parts.map((each) => [each.grantId, each.held - each.charged]));
    const alive = stored.grants.every(
      (grant) => (back.get(grant.id) ?? 0) === 0 || (nowMs < grant.expiresAtMs && (grant.back?.owed ?? 0) === 0),
    );
    const uncounted = record.outcome !== 'settled' && dayOf(record.approvedAtMs) === dayOf(nowMs);
    if (!alive || nowMs >= stored.validUntilMs || (uncounted && stored.runs.day !== dayOf(nowMs))) return false;
    const remembered = nowMs < tombstoneEndsAtMs(record.runUuid);
    this.stored = {
      ...stored,
      ver: stored.ver + 1,
      grants: stored.grants.map((each) => ({ ...each, remaining: each.remaining + (back.get(each.id) ?? 0) })),
      holds: stored.holds.filter((each) => each.runUuid !== record.runUuid),
      tombstones: remembered ? [...stored.tombstones, tombstoneOf(record.runUuid)] : stored.tombstones,
      runs: { ...stored.runs, used: stored.runs.used - (uncounted ? 1 : 0) },
    };
    return true;
  }

  extend(runUuid: string, seconds: number): string {
    const hold = this.stored.holds.find((each) => each.runUuid === runUuid);
    if (hold !== undefined && this.nowMs >= hold.deadlineMs) this.touch();
    const standing = this.records.get(runUuid);
    if (standing !== undefined) return standing.outcome;
    if (hold === undefined) return 'not_found';
    const deadlineMs = extendedDeadlineMs(hold, seconds, this.nowMs);
    if (typeof deadlineMs !== 'number') return deadlineMs.refused;
    const holds = this.stored.holds.map((each) => (each === hold ? { ...hold, deadlineMs } : each));
    this.stored = { ...this.stored, ver: this.stored.ver + 1, holds };
    return 'extended';
  }
}
