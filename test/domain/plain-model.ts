import type { GrantKind } from '../../lib/domain/account.ts';

/**
 * The rules R5–R15, R18 and R27 once more, as naively as they can be put: time is walked through, instant by instant, and every
 * credit is moved when its instant comes. No bounds, no laziness, no ordinals, nothing from the core it is compared with.
 */
export interface PlainPlan {
  readonly id: string;
  readonly daily: number;
  readonly perCycle: number;
  readonly runLimit: number | null;
}

interface Lot {
  readonly kind: GrantKind;
  ends: number;
  size: number;
  idle: number;
}

interface Piece {
  readonly lot: Lot;
  readonly credits: number;
  charged: number;
}

interface Run {
  readonly id: string;
  readonly approvedAt: number;
  readonly firstDeadline: number;
  deadline: number;
  readonly pieces: readonly Piece[];
  status: 'held' | 'settled' | 'failed' | 'expired';
  refunded: boolean;
}

/** One line of what an account has, to compare: kind, end, idle and held credits of a lot that has any. */
export type LotSeen = readonly [kind: GrantKind, ends: number, idle: number, held: number];

export interface Seen {
  readonly available: number;
  readonly held: number;
  readonly lots: readonly LotSeen[];
  readonly runsUsed: number;
  readonly charged: number;
  readonly runs: Readonly<Record<string, string>>;
}

const DAY = 86_400_000;
const TIE: readonly GrantKind[] = ['free', 'subscription', 'promotional', 'pack'];

const nextMidnight = (now: number): number => {
  const noon = new Date(now);
  noon.setUTCHours(24, 0, 0, 0);
  return noon.getTime();
};

/** A calendar walked by hand: so many months on, the same day and time, or the month's last day. */
export const monthsLater = (from: number, months: number): number => {
  const [date = '', time = ''] = new Date(from).toISOString().split('T');
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number);
  let inYear = year;
  let inMonth = month;
  for (let left = months; left > 0; left--) {
    inMonth += 1;
    if (inMonth === 13) [inYear, inMonth] = [inYear + 1, 1];
  }
  const leap = (inYear % 4 === 0 && inYear % 100 !== 0) || inYear % 400 === 0;
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][inMonth - 1] ?? 0;
  const two = (number: number) => String(number).padStart(2, '0');
  return Date.parse(`${inYear}-${two(inMonth)}-${two(Math.min(day, days))}T${time}`);
};

export class PlainModel {
  readonly lots: Lot[] = [];
  readonly runs: Run[] = [];
  cycle: { readonly anchor: number; step: number; perCycle: number; lot: Lot } | null = null;
  approvesUpTo: number | null = null;
  now: number;
  plan: PlainPlan;

  constructor(now: number, plan: PlainPlan) {
    this.now = now;
    this.plan = plan;
    this.begin('free', plan.daily, nextMidnight(now));
  }

  begin(kind: GrantKind, credits: number, ends: number): Lot {
    const lot = { kind, ends, size: credits, idle: credits };
    this.lots.push(lot);
    return lot;
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
      cycle: this.cycle === null ? Number.POSITIVE_INFINITY : monthsLater(this.cycle.anchor, this.cycle.step + 1),
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
    for (const lot of this.lots) if (lot.ends <= this.now) lot.idle = 0;
    if (this.now % DAY === 0) this.begin('free', this.plan.daily, this.now + DAY);
    if (this.cycle !== null && monthsLater(this.cycle.anchor, this.cycle.step + 1) === this.now) {
      this.cycle.step += 1;
      const ends = monthsLater(this.cycle.anchor, this.cycle.step + 1);
      if (this.cycle.perCycle === 0) this.cycle = null;
      else this.cycle.lot = this.begin('subscription', this.cycle.perCycle, ends);
    }
    const lapsing = this.held().filter((run) => run.deadline <= this.now);
    for (const run of lapsing.sort((a, b) => (a.id < b.id ? -1 : 1))) this.end(run.id, 'expired', 0);
  }

  held(): Run[] {
    return this.runs.filter((run) => run.status === 'held');
  }

  alive(): Lot[] {
    return this.lots.filter((lot) => lot.ends > this.now);
  }

  available(): number {
    return this.alive().reduce((total, lot) => total + lot.idle, 0);
  }

  runsUsed(): number {
    const today = nextMidnight(this.now);
    const counted = this.runs.filter((run) => run.status === 'held' || run.status === 'settled');
    return counted.filter((run) => nextMidnight(run.approvedAt) === today).length;
  }

  hold(id: string, credits: number, ms: number, byOwner: boolean): string {
    if (!byOwner && (this.approvesUpTo === null || credits > this.approvesUpTo)) return 'approval_required';
    if (this.plan.runLimit !== null && this.runsUsed() >= this.plan.runLimit) return 'daily_run_limit_reached';
    if (credits > this.available()) return 'insufficient_credits';
    const order = this.alive().sort((a, b) => a.ends - b.ends || TIE.indexOf(a.kind) - TIE.indexOf(b.kind));
    const pieces: Piece[] = [];
    let missing = credits;
    for (const lot of order) {
      const taken = Math.min(lot.idle, missing);
      lot.idle -= taken;
      missing -= taken;
      if (taken > 0) pieces.push({ lot, credits: taken, charged: 0 });
    }
    const deadline = this.now + ms;
    this.runs.push({
      id,
      approvedAt: this.now,
      firstDeadline: deadline,
      deadline,
      pieces,
      status: 'held',
      refunded: false,
    });
    return 'held';
  }

  /** A run ends once; whoever comes later hears how. */
  end(id: string, how: 'settled' | 'failed' | 'expired', cost: number): string {
    const run = this.runs.find((each) => each.id === id);
    if (run === undefined) return 'not_found';
    if (run.status !== 'held') return run.status;
    run.status = how;
    let toCharge = cost;
    for (const piece of run.pieces) {
      piece.charged = Math.min(piece.credits, toCharge);
      toCharge -= piece.charged;
      const back = piece.credits - piece.charged;
      if (back === 0) continue;
      if (piece.lot.ends <= this.now && piece.lot.kind === 'free') continue;
      if (piece.lot.ends <= this.now) piece.lot.ends = this.now + DAY;
      piece.lot.idle += back;
    }
    return how;
  }

  extend(id: string, ms: number): string {
    const run = this.runs.find((each) => each.id === id);
    if (run === undefined) return 'not_found';
    if (run.status !== 'held') return run.status;
    const deadline = Math.max(run.deadline, run.firstDeadline + ms, this.now + ms);
    if (deadline > run.approvedAt + DAY) return 'validation_failed';
    run.deadline = deadline;
    return 'extended';
  }

  refund(id: string): string {
    const run = this.runs.find((each) => each.id === id);
    if (run === undefined || run.status !== 'settled' || run.refunded) return 'no';
    run.refunded = true;
    for (const { lot, charged } of run.pieces) {
      if (charged === 0) continue;
      if (lot.ends > this.now) lot.idle += charged;
      else if (lot.kind !== 'free') this.begin(lot.kind, charged, this.now + DAY);
    }
    return 'refunded';
  }

  /** R18: the cycle's credits are the new allowance less what this cycle has spent or holds. */
  changePlan(plan: PlainPlan): void {
    if (plan.id === this.plan.id) return;
    this.plan = plan;
    const today = this.alive().find((lot) => lot.kind === 'free');
    if (today === undefined) this.begin('free', plan.daily, nextMidnight(this.now));
    else if (plan.daily > today.size) {
      today.idle += plan.daily - today.size;
      today.size = plan.daily;
    }
    if (plan.perCycle === 0) {
      // What was granted for the month lives on to its end, and no other month follows.
      if (this.cycle !== null) this.cycle.perCycle = 0;
    } else if (this.cycle === null) {
      const lot = this.begin('subscription', plan.perCycle, monthsLater(this.now, 1));
      this.cycle = { anchor: this.now, step: 0, perCycle: plan.perCycle, lot };
    } else {
      this.cycle.perCycle = plan.perCycle;
      this.cycle.lot.idle = Math.max(0, plan.perCycle - this.spentOrHeld(this.cycle.lot));
    }
  }

  private spentOrHeld(lot: Lot): number {
    const pieces = (run: Run) => run.pieces.filter((piece) => piece.lot === lot);
    const spent = (run: Run) => (run.refunded ? 0 : pieces(run).reduce((total, piece) => total + piece.charged, 0));
    const held = (run: Run) => pieces(run).reduce((total, piece) => total + piece.credits, 0);
    return this.runs.reduce((total, run) => total + (run.status === 'held' ? held(run) : spent(run)), 0);
  }

  seen(): Seen {
    const heldOf = (lot: Lot) => {
      const pieces = this.held().flatMap((run) => run.pieces.filter((piece) => piece.lot === lot));
      return pieces.reduce((total, piece) => total + piece.credits, 0);
    };
    const lots = this.lots.map((lot): LotSeen => [lot.kind, lot.ends, lot.idle, heldOf(lot)]);
    return {
      available: this.available(),
      held: lots.reduce((total, [, , , held]) => total + held, 0),
      lots: lots.filter(([, , idle, held]) => idle + held > 0).sort(byEnd),
      runsUsed: this.runsUsed(),
      charged: this.runs.flatMap((run) => run.pieces).reduce((total, piece) => total + piece.charged, 0),
      runs: Object.fromEntries(this.runs.map((run) => [run.id, run.status])),
    };
  }
}

/** Stable, so that lots alike stay in the order of their making. */
export const byEnd = (a: LotSeen, b: LotSeen): number => a[1] - b[1] || TIE.indexOf(a[0]) - TIE.indexOf(b[0]);
