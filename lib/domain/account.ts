/** R5's order of kinds on equal expiry: the earlier is drawn first. */
export const GRANT_KINDS = ['free', 'subscription', 'promotional', 'pack'] as const;
export type GrantKind = (typeof GRANT_KINDS)[number];

/** Credits from one source with one expiry. Alive while `nowMs < expiresAtMs`. */
export interface Grant {
  /** Ordinal within the account: a smaller one is older. */
  readonly id: number;
  readonly kind: GrantKind;
  readonly granted: number;
  /** Neither held, charged, expired nor clawed back. */
  readonly remaining: number;
  readonly expiresAtMs: number;
  /** R20: what its money going back takes of it. Absent: nothing. */
  readonly back?: Back;
}

/** Credits of a grant whose money went back or is disputed. Together they are what must be out of it. */
export interface Back {
  /** Taken; restored where the money stays after all. */
  readonly taken: number;
  /** Not there to be taken: held, and taken as soon as it is given back, or spent, which is the shortfall. While any is owed, nothing remains. */
  readonly owed: number;
}

/** Credits one hold draws from one grant. */
export interface Part {
  readonly grantId: number;
  readonly kind: GrantKind;
  readonly credits: number;
}

/** R4: the owner's yes. Who is the account itself; when is the hold's `approvedAtMs`; what they saw is the estimate it names. */
export type Approval = { readonly how: 'explicit' } | { readonly how: 'standing_rule'; readonly ruleVersion: number };

export const isApproval = (value: unknown): value is Approval =>
  typeof value === 'object' &&
  value !== null &&
  'how' in value &&
  (value.how === 'explicit' ||
    (value.how === 'standing_rule' && 'ruleVersion' in value && Number.isInteger(value.ruleVersion)));

/** Credits set aside for one approved run. Parts are in drawing order (R5); the charge takes them in that order. */
export interface Hold {
  /** UUIDv7 of the run; its time is the instant of the estimate. */
  readonly runUuid: string;
  readonly tool: string;
  readonly priceVersion: string;
  readonly parts: readonly Part[];
  readonly approval: Approval;
  readonly approvedAtMs: number;
  /** What the approval was answered with; a repeat gets the same (R6). */
  readonly firstDeadlineMs: number;
  /** Extended while it runs (R7). From this instant on the hold counts as lapsed. */
  readonly deadlineMs: number;
}

/** A standing rule: approve anything up to so many credits (R4). Each change makes a new version. */
export interface StandingRule {
  readonly autoApproveUpTo: number | null;
  readonly version: number;
}

/** Credits of a plan granted month by month from an anchor (R13). */
export interface Cycle {
  readonly anchorMs: number;
  /** Whole months since the anchor of the step now running. */
  readonly step: number;
  readonly creditsPerCycle: number;
  /** Absent: by agreement, without a payment to wait for (R26). */
  readonly paid?: PaidPeriod;
}

/** What Stripe was paid for: the months until an instant, and what comes then. */
export interface PaidPeriod {
  readonly untilMs: number;
  /** False: cancelled; benefits end with the period (R18). */
  readonly renews: boolean;
  /** R18: a downgrade takes hold at the period's end; `null`: the plan stays. */
  readonly nextPlanId: string | null;
  /** R13: set where the period is over and the next is not paid: until then the old credits can be spent. */
  readonly graceUntilMs: number | null;
  /** R20: the share of the period's money that went back; each of its months' grants loses as much. `null`: none. */
  readonly share: Share | null;
}

/** R20: how much of a purchase's money went back, in the currency's smallest unit; `frozen` while a dispute is open. */
export interface Share {
  readonly out: number;
  readonly paid: number;
  readonly frozen: boolean;
}

/** The live state of an account. What has ended is in its entries. */
export interface Account {
  readonly id: string;
  /** Goes up with every write; 0 is an account nobody has written yet. */
  readonly ver: number;
  readonly planId: string;
  readonly dailyRunLimit: number | null;
  readonly cycle: Cycle | null;
  /** In order of id. A dead grant stays while a hold still draws on it. */
  readonly grants: readonly Grant[];
  /** In order of run id. */
  readonly holds: readonly Hold[];
  /** Runs that have ended while their estimate may still be sent again (`tombstoneOf`). */
  readonly tombstones: readonly string[];
  /** R8: runs approved in the UTC day `day` (days since 1970). */
  readonly runs: { readonly day: number; readonly used: number };
  readonly rule: StandingRule;
  readonly lowBalanceAt: number | null;
  /** Next ordinal for a grant or an entry. Goes up whenever a grant comes or its expiry changes, with an entry or without. */
  readonly nextOrdinal: number;
  /** No boundary (midnight, cycle, expiry) falls before it. May be early, never late. */
  readonly validUntilMs: number;
  /** No hold's deadline falls before it. May be early, never late; `null` where no hold has set it. */
  readonly holdsValidUntilMs: number | null;
  /** The next boundary worth a line in the history; sweeps find the account by it. May be early, never late; `null`: none. */
  readonly dueAtMs: number | null;
}
