import type { Account, Grant, Hold } from '../../lib/domain/account.ts';
import { withBounds } from '../../lib/domain/advance.ts';
import { type Catalog, type Plan, planOrFree } from '../../lib/domain/catalog.ts';
import { openAccount } from '../../lib/domain/open-account.ts';
import { addMonthsMs, DAY_MS, HOUR_MS, MINUTE_MS } from '../../lib/domain/time.ts';
import { idAt, type MemberKind } from './member-kind.ts';
import type { Seen } from './seen.ts';

/**
 * An account as it lies in the table since noon of the day before, and what its owner must see in that day's last millisecond and
 * at midnight: R7, R8 and R12–R15, worked out here by hand and not by the code that is measured.
 */
export interface Member {
  readonly kind: MemberKind;
  readonly account: Account;
  readonly lastMillisecond: Seen;
  readonly midnight: Seen;
}

type Shape = Pick<Member, 'lastMillisecond' | 'midnight'> & {
  readonly freeLeft: number;
  readonly runsUsed: number;
  readonly cycle: Account['cycle'];
  readonly others: readonly Omit<Grant, 'id'>[];
  readonly holds: readonly Hold[];
  /** What a hold that has ended has left of itself. */
  readonly leftBoundMs?: number;
};

interface Frame {
  readonly at: number;
  readonly plan: Plan;
  readonly midnightMs: number;
  readonly noonMs: number;
  /** From 1 to the whole allowance. */
  readonly spend: number;
  /** From 1 to a whole pack. */
  readonly left: number;
  readonly catalog: Catalog;
  /** Nothing spent, nothing held. */
  readonly whole: Seen;
}

const PACK = 500;

const uuidAt = (ms: number, at: number): string => {
  const time = ms.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${at.toString(16).padStart(12, '0')}`;
};

const resting = ({ plan, whole }: Frame): Shape => ({
  freeLeft: plan.dailyFreeCredits,
  runsUsed: 0,
  cycle: null,
  others: [],
  holds: [],
  lastMillisecond: whole,
  midnight: whole,
});

const cycleFrom = ({ plan: { creditsPerCycle } }: Frame, anchorMs: number, step: number) => ({
  anchorMs,
  step,
  creditsPerCycle,
});

const subscription = ({ plan, left }: Frame, expiresAtMs: number): Omit<Grant, 'id'> => ({
  kind: 'subscription',
  granted: plan.creditsPerCycle,
  remaining: left,
  expiresAtMs,
});

const pack = ({ left }: Frame, expiresAtMs: number): Omit<Grant, 'id'> => ({
  kind: 'pack',
  granted: PACK,
  remaining: left,
  expiresAtMs,
});

const spent = (frame: Frame): Shape => {
  const freeLeft = frame.plan.dailyFreeCredits - frame.spend;
  const runsUsed = 1 + (frame.at % 3);
  return { ...resting(frame), freeLeft, runsUsed, lastMillisecond: { available: freeLeft, held: 0, runsUsed } };
};

const holding = (frame: Frame, deadlineMs: number): Shape => {
  const { at, plan, noonMs, spend, catalog } = frame;
  const hold: Hold = {
    runUuid: uuidAt(noonMs - 2 * MINUTE_MS, at),
    tool: catalog.tools[0]?.id ?? '',
    priceVersion: catalog.priceVersion,
    parts: [{ grantId: 1, kind: 'free', credits: spend }],
    approval: { how: 'explicit' },
    approvedAtMs: noonMs - MINUTE_MS,
    firstDeadlineMs: deadlineMs,
    deadlineMs,
  };
  return { ...resting(frame), freeLeft: plan.dailyFreeCredits - spend, runsUsed: 1, holds: [hold] };
};

const SHAPES: Readonly<Record<MemberKind, { readonly planId: string; readonly shape: (frame: Frame) => Shape }>> = {
  rest: { planId: 'free', shape: resting },
  restPaid: {
    planId: 'starter',
    shape: (frame) => {
      const { whole, left, midnightMs } = frame;
      const anchorMs = addMonthsMs(midnightMs, -1) + 10 * DAY_MS;
      const endsAtMs = addMonthsMs(anchorMs, 1);
      const rich = { ...whole, available: whole.available + 2 * left };
      return {
        ...resting(frame),
        cycle: cycleFrom(frame, anchorMs, 0),
        others: [subscription(frame, endsAtMs), pack(frame, endsAtMs + DAY_MS)],
        lastMillisecond: rich,
        midnight: rich,
      };
    },
  },
  spent: { planId: 'free', shape: spent },
  settledLate: { planId: 'free', shape: (frame) => ({ ...spent(frame), leftBoundMs: frame.midnightMs - HOUR_MS }) },
  // Bought on the first of February at midnight.
  monthEnds: {
    planId: 'starter',
    shape: (frame) => {
      const { whole, plan, left, midnightMs } = frame;
      return {
        ...resting(frame),
        cycle: cycleFrom(frame, addMonthsMs(midnightMs, -1), 0),
        others: [subscription(frame, midnightMs)],
        lastMillisecond: { ...whole, available: whole.available + left },
        midnight: { ...whole, available: whole.available + plan.creditsPerCycle },
      };
    },
  },
  // Bought on the 31st of May at 21:00: its ninth month ends on the 28th of February at 21:00, before the sweep and unswept.
  yearlyStepEnds: {
    planId: 'pro-yearly',
    shape: (frame) => {
      const { whole, plan, midnightMs } = frame;
      const anchorMs = addMonthsMs(midnightMs, -9) - 3 * HOUR_MS;
      const renewed = { ...whole, available: whole.available + plan.creditsPerCycle };
      return {
        ...resting(frame),
        cycle: cycleFrom(frame, anchorMs, 8),
        others: [subscription(frame, addMonthsMs(anchorMs, 9))],
        lastMillisecond: renewed,
        midnight: renewed,
      };
    },
  },
  packExpires: {
    planId: 'free',
    shape: (frame) => ({
      ...resting(frame),
      others: [pack(frame, frame.midnightMs)],
      lastMillisecond: { ...frame.whole, available: frame.whole.available + frame.left },
    }),
  },
  // An hour before midnight: by then everything is back where it came from.
  holdLapses: { planId: 'free', shape: (frame) => holding(frame, frame.midnightMs - HOUR_MS) },
  holdStaysOpen: {
    planId: 'free',
    shape: (frame) => {
      const { whole, spend, midnightMs } = frame;
      return {
        ...holding(frame, midnightMs + 6 * HOUR_MS),
        lastMillisecond: { available: whole.available - spend, held: spend, runsUsed: 1 },
        midnight: { ...whole, held: spend },
      };
    },
  },
};

/** The so-manieth account. `midnightMs` is 00:00 UTC of a first of March, of a year without a leap day. */
export const memberAt = (catalog: Catalog, at: number, kind: MemberKind, midnightMs: number): Member => {
  const noonMs = midnightMs - DAY_MS / 2;
  const { planId, shape } = SHAPES[kind];
  const plan = planOrFree(catalog, planId);
  const allowance = plan.dailyFreeCredits;
  const frame: Frame = {
    at,
    plan,
    midnightMs,
    noonMs,
    spend: 1 + (at % allowance),
    left: 1 + (at % PACK),
    catalog,
    whole: { available: allowance, held: 0, runsUsed: 0 },
  };
  const { freeLeft, runsUsed, cycle, others, holds, leftBoundMs, lastMillisecond, midnight } = shape(frame);
  const { account } = openAccount(idAt(at), plan, noonMs);
  const grants = [
    ...account.grants.map((grant) => ({ ...grant, remaining: freeLeft })),
    ...others.map((grant, index) => ({ ...grant, id: 2 + index })),
  ];
  const member: Account = {
    ...account,
    ver: 1,
    cycle,
    grants,
    holds,
    runs: { ...account.runs, used: runsUsed },
    nextOrdinal: account.nextOrdinal + others.length,
  };
  const bounded = withBounds(member, frame.catalog, noonMs);
  const holdsValidUntilMs = leftBoundMs ?? bounded.holdsValidUntilMs;
  return { kind, account: { ...bounded, holdsValidUntilMs }, lastMillisecond, midnight };
};
