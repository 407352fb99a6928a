import { monthsLater, nextMidnight } from './plain-calendar.ts';
import { DAY, type Lot, PlainLots, type PlainPlan } from './plain-lots.ts';
import type { PlainPurchase } from './plain-purchase.ts';

/** Months of credits from an anchor on. */
interface Months {
  readonly anchor: number;
  step: number;
  perCycle: number;
  /** The month's credits; none on a plan without. */
  lot: Lot | null;
  /** Absent: by agreement. */
  readonly paid?: Paid;
}

interface Paid {
  readonly purchase: PlainPurchase;
  /** The step after its last month. */
  readonly lastStep: number;
  readonly began: number;
  readonly until: number;
  renews: boolean;
  next: PlainPlan | null;
  /** Its end has come and no payment; until then the last month's credits live. */
  waitsUntil: number | null;
}

const GRACE = 3 * 3_600_000;

/**
 * The rules R5–R15, R18–R20 and R27 once more, as naively as they can be put: time is walked through, instant by instant, and every
 * credit is moved when its instant comes. No bounds, no laziness, no ordinals, nothing from the core it is compared with.
 */
export class PlainModel extends PlainLots {
  cycle: Months | null = null;
  private readonly freePlan: PlainPlan;

  constructor(now: number, plan: PlainPlan) {
    super(now, plan);
    this.freePlan = plan;
  }

  /** Every instant after now at which something may happen by itself, soonest first. */
  ahead(): {
    readonly midnight: number;
    readonly cycle: number;
    readonly lots: number[];
    readonly deadlines: number[];
  } {
    const later = (instants: number[]) => instants.filter((each) => each > this.now).sort((a, b) => a - b);
    return {
      midnight: nextMidnight(this.now),
      cycle: this.cycle === null ? Number.POSITIVE_INFINITY : this.monthEnds(this.cycle),
      lots: later(this.lots.map((lot) => lot.ends)),
      deadlines: later(this.held().map((run) => run.deadline)),
    };
  }

  /** Walks to an instant; answers the instants it stopped at. */
  walkTo(then: number): readonly number[] {
    const stops: number[] = [];
    for (;;) {
      const { midnight, cycle, lots, deadlines } = this.ahead();
      const next = Math.min(midnight, cycle, ...lots, ...deadlines);
      if (next > then) break;
      this.now = next;
      stops.push(next);
      this.happen();
    }
    this.now = then;
    return stops;
  }

  private happen(): void {
    if (this.cycle !== null && this.monthEnds(this.cycle) === this.now) this.endMonth(this.cycle, this.now);
    for (const lot of this.lots) if (lot.ends <= this.now) lot.idle = 0;
    if (this.now % DAY === 0) this.begin('free', this.plan.daily, this.now + DAY);
    const lapsing = this.held().filter((run) => run.deadline <= this.now);
    for (const run of lapsing.sort((a, b) => (a.id < b.id ? -1 : 1))) this.end(run.id, 'expired', 0);
  }

  private monthEnds({ anchor, step, paid }: Months): number {
    if (paid !== undefined && paid.waitsUntil !== null) return Number.POSITIVE_INFINITY;
    return step + 1 === paid?.lastStep ? paid.until : monthsLater(anchor, step + 1);
  }

  private endMonth(months: Months, at: number): void {
    const { paid, lot } = months;
    if (paid === undefined || months.step + 1 < paid.lastStep) {
      months.step += 1;
      if (paid === undefined && months.perCycle === 0) this.cycle = null;
      else this.beginMonth(months);
    } else if (paid.renews) {
      paid.waitsUntil = at + GRACE;
      if (lot !== null) lot.ends = paid.waitsUntil;
      this.plan = paid.next ?? this.plan;
    } else this.endSubscription();
  }

  private beginMonth(months: Months, ends = this.monthEnds(months)): void {
    months.lot = months.perCycle === 0 ? null : this.begin('subscription', months.perCycle, ends);
    if (months.lot !== null) this.shrink(months.lot, months.paid?.purchase);
  }

  private endSubscription(): void {
    this.endRunning();
    this.cycle = null;
    this.plan = this.freePlan;
  }

  /** Those of the month; over, too, while a run may still give some of them back. */
  monthsLot(): Lot | null {
    const lot = this.cycle?.lot ?? null;
    return lot === null || lot.revived ? null : lot;
  }

  /** While they live, in the grace period too. */
  private runningLot(): Lot | null {
    const lot = this.monthsLot();
    return lot === null || lot.ends <= this.now ? null : lot;
  }

  private endRunning(): void {
    const lot = this.runningLot();
    if (lot !== null) [lot.idle, lot.ends] = [0, this.now];
  }

  /** R13: a period is paid for: from its first month that is not over on. */
  pay(
    bought: Omit<Paid, 'renews' | 'next' | 'waitsUntil'> & {
      readonly anchor: number;
      readonly step: number;
      readonly plan: PlainPlan;
    },
  ): void {
    const { anchor, plan, purchase, lastStep, began, until } = bought;
    const running = this.cycle?.paid;
    if (running !== undefined && until < running.until && began < running.began) return;
    this.endRunning();
    this.limitsOf(plan);
    const paid = { purchase, lastStep, began, until, renews: true, next: null, waitsUntil: null };
    const months = { anchor, step: bought.step, perCycle: plan.perCycle, lot: null, paid };
    this.cycle = months;
    while (months.step + 1 < lastStep && this.monthEnds(months) <= this.now) months.step += 1;
    this.beginMonth(months);
    if (until <= this.now) this.endMonth(months, until);
    for (const lot of this.lots) if (lot.ends <= this.now) lot.idle = 0;
  }

  /** R18: within the period, or into a year that begins now. */
  upgrade(plan: PlainPlan, year: PlainPurchase | null): void {
    const old = this.cycle;
    if (old?.paid === undefined) return;
    this.limitsOf(plan);
    const lot = this.runningLot();
    const purchase = year ?? old.paid.purchase;
    const again = { ...old.paid, purchase, renews: true, next: null };
    const months: Months =
      year === null
        ? { ...old, perCycle: plan.perCycle, paid: again }
        : {
            anchor: this.now,
            step: 0,
            perCycle: plan.perCycle,
            lot: old.lot,
            paid: { ...again, lastStep: 12, began: this.now, until: monthsLater(this.now, 12), waitsUntil: null },
          };
    this.cycle = months;
    const ends = months.paid?.waitsUntil ?? this.monthEnds(months);
    if (lot !== null) {
      lot.ends = ends;
      this.resize(lot, plan.perCycle, purchase);
    } else if (ends > this.now) this.beginMonth(months, ends);
  }

  /** R18, R19: Stripe ends the subscription. */
  stop(): void {
    const paid = this.cycle?.paid;
    if (paid === undefined) return;
    if (paid.waitsUntil !== null) this.endSubscription();
    else [paid.renews, paid.next] = [false, null];
  }

  /** R12: more daily credits at once, fewer from midnight. */
  private limitsOf(plan: PlainPlan): void {
    this.plan = plan;
    const today = this.alive().find((lot) => lot.kind === 'free');
    if (today === undefined) this.begin('free', plan.daily, nextMidnight(this.now));
    else if (plan.daily > today.size) {
      today.idle += plan.daily - today.size;
      today.size = plan.daily;
    }
  }

  /** R18: the cycle's credits are the new allowance less what this cycle has spent or holds. */
  changePlan(plan: PlainPlan): void {
    if (plan.id === this.plan.id) return;
    this.limitsOf(plan);
    const { cycle } = this;
    const running = cycle?.paid?.waitsUntil == null ? this.runningLot() : null;
    if (plan.perCycle === 0) {
      // What was granted for the month lives on to its end, and no other month follows.
      if (cycle !== null) cycle.perCycle = 0;
    } else if (cycle === null || running === null) {
      const lot = this.begin('subscription', plan.perCycle, monthsLater(this.now, 1));
      this.cycle = { anchor: this.now, step: 0, perCycle: plan.perCycle, lot };
    } else {
      cycle.perCycle = plan.perCycle;
      this.resize(running, plan.perCycle, cycle.paid?.purchase);
    }
  }
}
