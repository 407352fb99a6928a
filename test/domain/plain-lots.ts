import type { GrantKind } from '../../lib/domain/account.ts';
import { nextMidnight } from './plain-calendar.ts';
import type { PlainPurchase } from './plain-purchase.ts';

export interface PlainPlan {
  readonly id: string;
  readonly daily: number;
  readonly perCycle: number;
  readonly runLimit: number | null;
}

export interface Lot {
  readonly kind: GrantKind;
  ends: number;
  size: number;
  idle: number;
  /** R20: credits that must be out of it, and how many of them could be taken; the rest is owed. */
  due: number;
  taken: number;
  /** R15: came back after its time was over; what came back is no month's any more. */
  revived: boolean;
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
  readonly planId: string;
  readonly runLimit: number | null;
  readonly runsUsed: number;
  readonly charged: number;
  readonly runs: Readonly<Record<string, string>>;
}

export const DAY = 86_400_000;
const TIE: readonly GrantKind[] = ['free', 'subscription', 'promotional', 'pack'];

/** Credits and the runs that take them (R4–R11, R15, R20, R27), at whatever instant it is. */
export class PlainLots {
  readonly lots: Lot[] = [];
  readonly runs: Run[] = [];
  approvesUpTo: number | null = null;
  now: number;
  plan: PlainPlan;

  constructor(now: number, plan: PlainPlan) {
    this.now = now;
    this.plan = plan;
    this.begin('free', plan.daily, nextMidnight(now));
  }

  begin(kind: GrantKind, credits: number, ends: number): Lot {
    const lot = { kind, ends, size: credits, idle: credits, due: 0, taken: 0, revived: false };
    this.lots.push(lot);
    return lot;
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
      this.giveBack(piece.lot, piece.credits - piece.charged);
    }
    return how;
  }

  /** What it owes goes first (R20); the rest lives in it, for 24 hours more where it is over (R15). */
  private giveBack(lot: Lot, credits: number): void {
    const owed = Math.min(lot.due - lot.taken, credits);
    lot.taken += owed;
    if (credits === owed) return;
    if (lot.ends <= this.now && lot.kind === 'free') return;
    if (lot.ends <= this.now) [lot.ends, lot.revived] = [this.now + DAY, true];
    lot.idle += credits - owed;
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
      if (lot.ends > this.now) {
        lot.idle += charged;
        this.take(lot);
      } else if (lot.kind !== 'free') this.begin(lot.kind, charged, this.now + DAY);
    }
    return 'refunded';
  }

  /** R20: of what is idle as much is out as the purchase's money is; the rest is owed. */
  shrink(lot: Lot, purchase: PlainPurchase | undefined): void {
    lot.due = purchase?.dueOf(lot.size) ?? 0;
    this.take(lot);
  }

  private take(lot: Lot): void {
    const there = lot.ends > this.now ? lot.idle + lot.taken : lot.taken;
    lot.taken = Math.min(lot.due, there);
    if (lot.ends > this.now) lot.idle = there - lot.taken;
  }

  /** The new size less what is spent or held, and less what goes with its money. */
  protected resize(lot: Lot, size: number, purchase: PlainPurchase | undefined): void {
    const used = this.spentOrHeld(lot);
    lot.size = Math.max(size, used);
    [lot.idle, lot.taken] = [lot.size - used, 0];
    this.shrink(lot, purchase);
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
      planId: this.plan.id,
      runLimit: this.plan.runLimit,
      runsUsed: this.runsUsed(),
      charged: this.runs.flatMap((run) => run.pieces).reduce((total, piece) => total + piece.charged, 0),
      runs: Object.fromEntries(this.runs.map((run) => [run.id, run.status])),
    };
  }
}

/** Stable, so that lots alike stay in the order of their making. */
export const byEnd = (a: LotSeen, b: LotSeen): number => a[1] - b[1] || TIE.indexOf(a[0]) - TIE.indexOf(b[0]);
