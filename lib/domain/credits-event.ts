import type { Account, Hold } from './account.ts';
import type { Billing, Subscription } from './billing.ts';
import type { Entry } from './entry.ts';
import type { HistoryLine } from './history-line.ts';
import { type RunRecord, sum } from './run-record.ts';

/** What happened, for whoever listens. Told at least once; `id` is the same each time, to dedupe on. */
export type CreditsEvent = { readonly id: string; readonly accountId: string; readonly atMs: number } & (
  | { readonly type: 'run.held'; readonly hold: Hold }
  | { readonly type: 'run.settled' | 'run.failed' | 'run.expired'; readonly record: RunRecord }
  | {
      readonly type: 'credits.granted' | 'credits.expired' | 'credits.clawed_back' | 'subscription.changed';
      readonly place: string;
      readonly entry: Entry;
    }
  | { readonly type: 'credits.low'; readonly available: number; readonly lowBalanceAt: number }
  | { readonly type: 'subscription.changed'; readonly billing: Billing; readonly subscription: Subscription }
  | { readonly type: 'payment.failed'; readonly failure: FailedPayment }
  | { readonly type: 'enterprise.quote_requested'; readonly quote: Quote }
);

/** R19: an attempt to charge that did not go through. */
export interface FailedPayment {
  readonly id: string;
  readonly atMs: number;
  /** In the currency's smallest unit. */
  readonly amount: number;
  readonly currency: string;
  readonly subscriptionId: string | null;
  /** When Stripe tries again; `null`: it does not. */
  readonly nextAttemptMs: number | null;
}

/** R26: what somebody asked for, in their words. */
export interface Quote {
  readonly id: string;
  readonly atMs: number;
  readonly asked: Readonly<Record<string, string | number | boolean>>;
}

const remaining = (account: Account): number => sum(account.grants.map((grant) => grant.remaining));

/**
 * The balance as stored has fallen to what its owner wants to hear of, or below (0: there is nothing left): once for each crossing, because each write is told with what
 * it was made from. A notice that its owner moves above the balance is no crossing.
 */
const lowEvents = (before: Account, after: Account, atMs: number): CreditsEvent[] => {
  const { id: accountId, lowBalanceAt } = after;
  const available = remaining(after);
  if (lowBalanceAt === null || remaining(before) <= lowBalanceAt || available > lowBalanceAt) return [];
  return [{ id: `${accountId}:${after.ver}:low`, accountId, atMs, type: 'credits.low', available, lowBalanceAt }];
};

/** A run held, as it was at its approval, whatever has moved its deadline since. */
export const eventOfHold = (accountId: string, hold: Hold): CreditsEvent => {
  const { runUuid, approvedAtMs: atMs, firstDeadlineMs } = hold;
  return { id: `${runUuid}:held`, accountId, atMs, type: 'run.held', hold: { ...hold, deadlineMs: firstDeadlineMs } };
};

/**
 * What a write to an account means: runs held, a balance fallen low. All else is told by its history. An account does not say when it
 * was written: low by anything but a hold is told as of `seenMs`.
 */
export const eventsOfAccount = (before: Account | null, after: Account, seenMs: number): readonly CreditsEvent[] => {
  const known = new Set(before?.holds.map((hold) => hold.runUuid));
  const held = after.holds.filter((hold) => !known.has(hold.runUuid));
  const told = held.map((hold) => eventOfHold(after.id, hold));
  const lowAtMs = held.length === 0 ? seenMs : Math.max(...held.map((hold) => hold.approvedAtMs));
  return before === null ? told : [...told, ...lowEvents(before, after, lowAtMs)];
};

const entryTypes = (entry: Entry) => {
  const lost = entry.changes.some((change) => change.credits < 0);
  const gained = entry.changes.some((change) => change.credits > 0);
  return [
    ...(lost && (entry.kind === 'expiry' || entry.kind === 'reset') ? (['credits.expired'] as const) : []),
    ...(lost && entry.kind === 'clawback' ? (['credits.clawed_back'] as const) : []),
    ...(gained ? (['credits.granted'] as const) : []),
    ...(entry.planId === undefined ? [] : (['subscription.changed'] as const)),
  ];
};

/** R18, R19, R25: what Stripe told of a subscription: another standing, another end, another plan to come. Its credits are told by their lines. */
export const eventsOfBilling = (before: Billing | null, after: Billing): readonly CreditsEvent[] => {
  const [was, now] = [before?.subscription ?? null, after.subscription];
  if (was === null || now === null || was.id !== now.id) return [];
  const same = was.status === now.status && was.renews === now.renews && before?.nextPlanId === after.nextPlanId;
  if (same) return [];
  const { accountId, ver } = after;
  const id = `${accountId}:billing:${ver}`;
  return [{ id, accountId, atMs: now.asOfMs, type: 'subscription.changed', billing: after, subscription: now }];
};

/** A notice is told once, by the row it stands in. */
export const eventOfFailure = (accountId: string, failure: FailedPayment): CreditsEvent => {
  const { id, atMs } = failure;
  return { id: `${accountId}:failure:${id}`, accountId, atMs, type: 'payment.failed', failure };
};

export const eventOfQuote = (accountId: string, quote: Quote): CreditsEvent => {
  const { id, atMs } = quote;
  return { id: `${accountId}:quote:${id}`, accountId, atMs, type: 'enterprise.quote_requested', quote };
};

/** What a new line of an account's history means. */
export const eventsOfLine = (accountId: string, line: HistoryLine): readonly CreditsEvent[] => {
  if (line.line === 'run') {
    const { record } = line;
    const { runUuid, outcome, atMs } = record;
    return [{ id: `${runUuid}:${outcome}`, accountId, atMs, type: `run.${outcome}`, record }];
  }
  const { place, entry } = line;
  return entryTypes(entry).map((type) => ({
    id: `${accountId}:${place}:${type}`,
    accountId,
    atMs: entry.atMs,
    type,
    place,
    entry,
  }));
};

/** A record as it was first written: without the refund it got, or the cost that came too late. */
const asWritten = (record: RunRecord): RunRecord =>
  record.outcome === 'expired' ? { ...record, cost: null, absorbed: 0, refund: null } : { ...record, refund: null };

/** The hold a run was, from what it came to. */
const holdOf = ({ runUuid, tool, priceVersion, parts, approval, approvedAtMs, ...rest }: RunRecord): Hold => ({
  runUuid,
  tool,
  priceVersion,
  parts: parts.map(({ grantId, kind, held }) => ({ grantId, kind, credits: held })),
  approval,
  approvedAtMs,
  firstDeadlineMs: rest.firstDeadlineMs,
  deadlineMs: rest.deadlineMs,
});

/** What a line told when it was new, and what the account told of its run before, from the line as it is now: the very same events. */
export const eventsOfLineAgain = (accountId: string, line: HistoryLine): readonly CreditsEvent[] => {
  if (line.line === 'entry') return eventsOfLine(accountId, line);
  const record = asWritten(line.record);
  return [eventOfHold(accountId, holdOf(record)), ...eventsOfLine(accountId, { ...line, record })];
};
