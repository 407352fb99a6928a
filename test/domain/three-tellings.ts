import type { Account } from '../../lib/domain/account.ts';
import { changePlan } from '../../lib/domain/change-plan.ts';
import { addGrant, type Step } from '../../lib/domain/give-back.ts';
import { setPreferencesOf } from '../../lib/domain/preferences.ts';
import { refundRun } from '../../lib/domain/refund-run.ts';
import { estimateExpiresAtMs } from '../../lib/domain/run-id.ts';
import type { Ending } from '../../lib/domain/run-record.ts';
import { SECOND_MS } from '../../lib/domain/time.ts';
import { CATALOG, PLANS, runUuidAt } from './account-samples.ts';
import { Driver, type Quote } from './driver.ts';
import type { Happens } from './history-commands.ts';
import { faultsOf } from './invariants.ts';
import type { PlainPlan } from './plain-lots.ts';
import { PlainModel } from './plain-model.ts';
import { TellPayments } from './tell-payments.ts';
import { boundsHold, expectSame, seenOf, stateOf } from './what-is-told.ts';

const plainPlan = (id: keyof typeof PLANS): PlainPlan => {
  const { dailyFreeCredits, creditsPerCycle, dailyRunLimit } = PLANS[id];
  return { id, daily: dailyFreeCredits, perCycle: creditsPerCycle, runLimit: dailyRunLimit };
};

/**
 * One history in three tellings: the plain model, the core written as late as can be, and the core touched at every instant at
 * which anything happens, one line at a time.
 */
export class ThreeTellings {
  readonly plain: PlainModel;
  readonly lazy: Driver;
  readonly eager: Driver;
  readonly #payments: TellPayments;
  readonly #quotes: { readonly lazy: Quote; readonly eager: Quote }[] = [];
  readonly #approved = new Set<string>();
  readonly #estimates = new Map<string, number>();

  constructor(startMs: number) {
    this.plain = new PlainModel(startMs, plainPlan('free'));
    this.lazy = new Driver(CATALOG, startMs);
    this.eager = new Driver(CATALOG, startMs);
    this.#payments = new TellPayments({
      plain: this.plain,
      drivers: [this.lazy, this.eager],
      planOf: plainPlan,
      walkTo: (instant) => this.walkTo(instant),
    });
  }

  /** Does one thing in all three; they must answer alike. */
  happen(step: Happens): void {
    switch (step.what) {
      case 'wait':
        this.walkTo(this.plain.now + step.ms);
        break;
      case 'waitFor':
        this.walkTo(this.next(step.event) + step.off);
        break;
      case 'quote':
        this.quote(step.credits);
        break;
      case 'approve':
        this.approve(step.run, step.holdSeconds, step.byOwner);
        break;
      case 'hold':
        this.quote(step.credits);
        this.approve(0, step.holdSeconds, true);
        break;
      case 'holdAcross':
        this.holdAcross(step);
        break;
      case 'settle':
        this.settle(step.run, step.percent, step.crash);
        break;
      case 'holdsThrough':
        this.holdsThrough(step);
        break;
      case 'fail':
        this.end(step.run, { outcome: 'failed', reason: 'x' }, step.crash);
        break;
      case 'extend':
        this.extend(step.run, step.seconds);
        break;
      case 'grant':
        this.grant(step.kind, step.credits, this.plain.now + step.lasts);
        break;
      case 'grantTo':
        this.grant('promotional', step.credits, this.next(step.event));
        break;
      case 'plan':
        this.changePlan(step.planId);
        break;
      case 'refund':
        this.refund(this.pick(step.run).runUuid);
        break;
      case 'rule':
        this.setRule(step.upTo);
        break;
      case 'touch':
        this.lazy.touch();
        break;
      default:
        this.#payments.happen(step);
    }
  }

  private alike(plain: string, lazy: string, eager: string): void {
    expectSame({ lazy, eager }, { lazy: plain, eager: plain });
  }

  private next(event: 'midnight' | 'deadline' | 'expiry' | 'cycle'): number {
    const { midnight, cycle, lots, deadlines } = this.plain.ahead();
    const instants = { midnight, cycle, expiry: lots[0], deadline: deadlines[0] };
    const next = instants[event] ?? Number.POSITIVE_INFINITY;
    return Number.isFinite(next) ? next : this.plain.now + 1;
  }

  /** Never back. */
  private walkTo(instant: number): void {
    const then = Math.max(this.plain.now, instant);
    for (const stop of this.plain.walkTo(then)) {
      this.eager.nowMs = stop;
      this.eager.touch(1);
    }
    this.lazy.nowMs = then;
    this.eager.nowMs = then;
  }

  /** The last runs first; a made-up one where there is none. */
  private pick(run: number): { readonly runUuid: string; readonly credits: number } {
    const quote = this.#quotes.at(-1 - run) ?? this.#quotes.at(-1);
    return quote?.lazy ?? { runUuid: runUuidAt(this.plain.now, 0), credits: 1 };
  }

  private quote(credits: number): void {
    const runUuid = runUuidAt(this.plain.now, this.#quotes.length + 1);
    this.#quotes.push({ lazy: this.lazy.quote(runUuid, credits), eager: this.eager.quote(runUuid, credits) });
  }

  private approve(run: number, holdSeconds: number, byOwner: boolean): void {
    const quote = this.#quotes.at(-1 - run);
    if (quote === undefined) return;
    const { runUuid, credits } = quote.lazy;
    const holdMs = holdSeconds * SECOND_MS;
    const plainly = (): string => {
      if (this.#approved.has(runUuid)) return 'repeated';
      if (this.plain.now >= estimateExpiresAtMs(runUuid)) return 'estimate_expired';
      return this.plain.hold(runUuid, credits, holdMs, byOwner);
    };
    const answer = plainly();
    if (answer === 'held') {
      this.#approved.add(runUuid);
      this.#estimates.set(runUuid, credits);
    }
    const approve = (driver: Driver, own: Quote) => driver.approve(own, holdMs, byOwner);
    this.alike(answer, approve(this.lazy, quote.lazy), approve(this.eager, quote.eager));
  }

  private holdAcross(step: Extract<Happens, { what: 'holdAcross' }>): void {
    const instant = this.next(step.event);
    this.walkTo(instant - step.beforeMs);
    this.quote(step.credits);
    if (step.between === 'hold') {
      this.walkTo(instant - Math.ceil(step.beforeMs / 2));
      this.quote(1);
      this.approve(0, 1, true);
    }
    this.walkTo(instant + step.afterMs);
    if (step.between === 'touch') this.lazy.touch();
    this.approve(step.between === 'hold' ? 1 : 0, step.holdSeconds, true);
  }

  private holdsThrough({ first, second, percent, endsBefore }: Extract<Happens, { what: 'holdsThrough' }>): void {
    this.quote(Math.max(1, this.plain.available()));
    this.approve(0, 3600, true);
    if (endsBefore === 'first') this.settle(0, percent, false);
    this.#payments.happen(first);
    if (endsBefore === 'second') this.settle(0, percent, false);
    this.#payments.happen(second);
  }

  private settle(run: number, percent: number, crash: boolean): void {
    const { credits } = this.pick(run);
    this.end(run, { outcome: 'settled', cost: Math.floor((credits * percent) / 100) }, crash);
  }

  /** A crash leaves the lazy one with a record and its hold. */
  private end(run: number, ending: Ending, crash: boolean): void {
    const { runUuid } = this.pick(run);
    const cost = ending.outcome === 'settled' ? ending.cost : 0;
    const plain = this.plain.end(runUuid, ending.outcome, cost);
    this.alike(plain, this.lazy.end(runUuid, ending, crash), this.eager.end(runUuid, ending));
  }

  private extend(run: number, seconds: number): void {
    const { runUuid } = this.pick(run);
    const plain = this.plain.extend(runUuid, seconds * SECOND_MS);
    this.alike(plain, this.lazy.extend(runUuid, seconds), this.eager.extend(runUuid, seconds));
  }

  private changePlan(planId: keyof typeof PLANS): void {
    if (planId === this.plain.plan.id) return;
    this.plain.changePlan(plainPlan(planId));
    const line = { reason: 'test', actor: 'support-1' };
    this.change((account, nowMs) => changePlan(account, PLANS[planId], line, nowMs));
  }

  private setRule(upTo: number | null): void {
    this.plain.approvesUpTo = upTo;
    this.change((account) => ({ account: setPreferencesOf(account, { autoApproveUpTo: upTo }), entries: [] }));
  }

  private change(decide: (account: Account, nowMs: number) => Step): void {
    for (const driver of [this.lazy, this.eager]) driver.change((account) => decide(account, driver.nowMs));
  }

  private grant(kind: 'promotional' | 'pack', credits: number, expiresAtMs: number): void {
    this.plain.begin(kind, credits, expiresAtMs);
    this.change((account, atMs) =>
      addGrant(account, { kind, granted: credits, expiresAtMs }, { atMs, kind: 'grant', reason: 'test' }),
    );
  }

  private refund(runUuid: string): void {
    if (this.plain.refund(runUuid) === 'no') return;
    for (const driver of [this.lazy, this.eager]) {
      driver.change((account) => {
        const settled = driver.records.get(runUuid);
        if (settled === undefined) throw new Error(`${runUuid} has no record`);
        const by = { atMs: driver.nowMs, reason: 'goodwill', note: null, actor: 'support-1' };
        const { refunded, ...step } = refundRun(account, settled, by);
        driver.records.set(runUuid, refunded);
        return step;
      });
    }
  }

  /** Everything that must hold after every step. */
  check(): void {
    const plain = this.plain.seen();
    expectSame(seenOf(this.lazy), plain);
    expectSame(seenOf(this.eager), plain);
    const { account, entries, records } = stateOf(this.lazy);
    expectSame(faultsOf(account, entries, records, this.#estimates), []);
    for (const driver of [this.lazy, this.eager]) boundsHold(driver);
  }
}
