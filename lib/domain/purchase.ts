import type { Share } from './account.ts';
import { sum } from './run-record.ts';

/** A refund as last heard of. Once failed it has never left. */
export interface Refund {
  readonly amount: number;
  readonly failedAtMs: number | null;
}

export type DisputeState = 'open' | 'won' | 'lost';

export interface Dispute {
  readonly amount: number;
  readonly state: DisputeState;
  readonly asOfMs: number;
}

/** One payment and all that is known of its money going back (R20), in the currency's smallest unit. */
export interface Payment {
  readonly amount: number;
  readonly refunds: Readonly<Record<string, Refund>>;
  /** What a charge said was refunded of it in all, the refunds failed by then left out; `null`: none has been heard of. */
  readonly charge: { readonly refunded: number; readonly asOfMs: number } | null;
  readonly disputes: Readonly<Record<string, Dispute>>;
}

/** I5: what was paid for once, by one payment or, with an upgrade, several, and the one grant it made. */
export interface Purchase {
  /** `pack:<order>` or `period:<subscription>:<end>`: the thing paid for, whatever told of it (R17). */
  readonly key: string;
  readonly accountId: string;
  /** The grant it made; of a period, its first. `null`: a plan without credits. */
  readonly grantId: number | null;
  readonly credits: number;
  readonly payments: Readonly<Record<string, Payment>>;
  /** Of a subscription's period; absent for a pack. */
  readonly period?: {
    readonly subscriptionId: string;
    readonly planId: string;
    readonly endMs: number;
    /** The start of the latest part paid for: an upgrade's is later than what it upgrades, in whatever order they come. */
    readonly levelMs: number;
  };
}

export const newPayment = (amount: number): Payment => ({ amount, refunds: {}, charge: null, disputes: {} });

/**
 * What left of a payment: each refund counts once, told of by itself or by its charge's total; one that failed came back. Gross is
 * compared with gross, so that the order of what is heard changes nothing. A total of the very second of a failure counts as said
 * before it: the other way round a refund that never left could take credits for good.
 */
const refundedOf = ({ refunds, charge }: Payment): number => {
  const all = Object.values(refunds);
  const failed = all.filter((refund) => refund.failedAtMs !== null);
  const failedBefore = (atMs: number) => failed.filter(({ failedAtMs }) => failedAtMs !== null && failedAtMs < atMs);
  const amounts = (some: readonly Refund[]) => sum(some.map((refund) => refund.amount));
  const byCharge = charge === null ? 0 : charge.refunded + amounts(failedBefore(charge.asOfMs));
  return Math.max(amounts(all), byCharge) - amounts(failed);
};

/** R20: the share of a purchase's money that went back: never more than was paid. */
export const shareOf = (purchase: Purchase): Share => {
  const payments = Object.values(purchase.payments);
  const outOf = (payment: Payment) => {
    const lost = Object.values(payment.disputes).filter(({ state }) => state === 'lost');
    return Math.min(payment.amount, refundedOf(payment) + sum(lost.map(({ amount }) => amount)));
  };
  return {
    out: sum(payments.map(outOf)),
    paid: sum(payments.map(({ amount }) => amount)),
    frozen: payments.some(({ disputes }) => Object.values(disputes).some(({ state }) => state === 'open')),
  };
};

const withPayment = (purchase: Purchase, id: string, change: (payment: Payment) => Payment): Purchase => {
  const payment = purchase.payments[id];
  if (payment === undefined) throw new Error(`${purchase.key} was not paid by ${id}`);
  return { ...purchase, payments: { ...purchase.payments, [id]: change(payment) } };
};

/** A failure is the last word on a refund, and counts from when it was first told of; its amount never changes. */
export const withRefund = (purchase: Purchase, paymentId: string, refundId: string, heard: Refund): Purchase =>
  withPayment(purchase, paymentId, (payment) => {
    const known = payment.refunds[refundId];
    const failures = [known?.failedAtMs ?? null, heard.failedAtMs].filter((atMs) => atMs !== null);
    const failedAtMs = failures.length === 0 ? null : Math.min(...failures);
    return { ...payment, refunds: { ...payment.refunds, [refundId]: { amount: heard.amount, failedAtMs } } };
  });

/** The later total counts; of one second, the larger. */
export const withCharge = (purchase: Purchase, paymentId: string, refunded: number, asOfMs: number): Purchase =>
  withPayment(purchase, paymentId, (payment) => {
    const { charge } = payment;
    const older =
      charge !== null && (asOfMs < charge.asOfMs || (asOfMs === charge.asOfMs && refunded < charge.refunded));
    return older ? payment : { ...payment, charge: { refunded, asOfMs } };
  });

/**
 * Whether the last word heard of a dispute says this already. Whoever asks anew, day after day, need not tell it again; what happened
 * must be told all the same, because its instant may decide between words that are still to come.
 */
export const isLastWord = (
  purchase: Purchase,
  paymentId: string,
  disputeId: string,
  { amount, state }: Pick<Dispute, 'amount' | 'state'>,
): boolean => {
  const known = purchase.payments[paymentId]?.disputes[disputeId];
  return known?.amount === amount && known.state === state;
};

/** The later word counts; of one second, the one that closes it. */
export const withDispute = (purchase: Purchase, paymentId: string, disputeId: string, heard: Dispute): Purchase =>
  withPayment(purchase, paymentId, (payment) => {
    const known = payment.disputes[disputeId];
    const older =
      known !== undefined && (heard.asOfMs < known.asOfMs || (heard.asOfMs === known.asOfMs && known.state !== 'open'));
    return older ? payment : { ...payment, disputes: { ...payment.disputes, [disputeId]: heard } };
  });
