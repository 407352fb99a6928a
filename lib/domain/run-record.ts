import type { Approval, GrantKind, Hold } from './account.ts';
import type { Outcome } from './refusal.ts';

/** What a run took from one grant; `held - charged` went back. */
export interface RunPart {
  readonly grantId: number;
  readonly kind: GrantKind;
  readonly held: number;
  readonly charged: number;
}

/** The one outcome of a run (R11): history line, idempotency memory and proof of the approval, kept for good. */
export interface RunRecord {
  readonly runUuid: string;
  readonly outcome: Outcome;
  /** The instant the outcome counts from: the request's, or the deadline for a lapse. What is given back is decided as of it. */
  readonly atMs: number;
  readonly tool: string;
  readonly priceVersion: string;
  readonly approval: Approval;
  readonly approvedAtMs: number;
  readonly firstDeadlineMs: number;
  /** As whoever ended the run knew it: a receipt does not tell of a later extension. */
  readonly deadlineMs: number;
  readonly parts: readonly RunPart[];
  /** The real cost as reported; `null` where none was. */
  readonly cost: number | null;
  /** Real cost above what could be charged: the product's, never the user's (R9). */
  readonly absorbed: number;
  readonly reason: string | null;
  readonly refund: RunRefund | null;
}

/** R27: a settled run's charge given back by support, once. */
export interface RunRefund {
  readonly atMs: number;
  readonly credits: number;
  readonly reason: string;
  readonly note: string | null;
  readonly actor: string;
}

export type Ending =
  | { readonly outcome: 'settled'; readonly cost: number }
  | { readonly outcome: 'failed'; readonly reason: string }
  | { readonly outcome: 'expired' };

export const sum = (credits: readonly number[]): number => credits.reduce((total, each) => total + each, 0);
export const heldOf = (hold: Hold): number => sum(hold.parts.map((part) => part.credits));
export const heldBy = (record: RunRecord): number => sum(record.parts.map((part) => part.held));
export const chargedBy = (record: RunRecord): number => sum(record.parts.map((part) => part.charged));

/**
 * How a hold ends: a settle charges min(real cost, held), the soonest-expiring credits first, the rest goes back (R9);
 * a failed or lapsed run is charged nothing (R10, R11).
 */
export const endRun = (hold: Hold, ending: Ending, atMs: number): RunRecord => {
  const cost = ending.outcome === 'settled' ? ending.cost : null;
  let toCharge = Math.min(cost ?? 0, heldOf(hold));
  const absorbed = (cost ?? 0) - toCharge;
  const parts = hold.parts.map((part) => {
    const charged = Math.min(part.credits, toCharge);
    toCharge -= charged;
    return { grantId: part.grantId, kind: part.kind, held: part.credits, charged };
  });
  return {
    runUuid: hold.runUuid,
    outcome: ending.outcome,
    atMs,
    tool: hold.tool,
    priceVersion: hold.priceVersion,
    approval: hold.approval,
    approvedAtMs: hold.approvedAtMs,
    firstDeadlineMs: hold.firstDeadlineMs,
    deadlineMs: hold.deadlineMs,
    parts,
    cost,
    absorbed,
    reason: ending.outcome === 'failed' ? ending.reason : null,
    refund: null,
  };
};
