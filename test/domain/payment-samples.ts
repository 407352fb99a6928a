import type { Account, Hold } from '../../lib/domain/account.ts';
import { advance, withBounds } from '../../lib/domain/advance.ts';
import type { Subscription } from '../../lib/domain/billing.ts';
import type { Catalog } from '../../lib/domain/catalog.ts';
import type { Entry } from '../../lib/domain/entry.ts';
import type { Step } from '../../lib/domain/give-back.ts';
import { type Ending, endRun, type RunRecord } from '../../lib/domain/run-record.ts';
import { type BoughtPeriod, startPeriod } from '../../lib/domain/subscription.ts';
import { accountAt, at, CATALOG, PLANS } from './account-samples.ts';

/** A live one of the small plan, as Stripe tells of it. */
export const SUBSCRIPTION: Subscription = {
  id: 'sub_1',
  itemId: 'si_1',
  priceId: 'price_small',
  status: 'active',
  renews: true,
  createdMs: 0,
  anchorMs: 0,
  periodStartMs: 0,
  periodEndMs: 0,
  scheduleId: null,
  asOfMs: 0,
};

export const iso = (ms: number): string => new Date(ms).toISOString();

/** A period of a plan: small gives 20 credits a month, big 50. */
export const period = (planId: keyof typeof PLANS, start: string, end: string, anchor = start): BoughtPeriod => ({
  plan: PLANS[planId],
  anchorMs: at(anchor),
  startMs: at(start),
  endMs: at(end),
  payment: 'in_1',
});

export interface Told {
  readonly account: Account;
  readonly entries: readonly Entry[];
}

export const until = (account: Account, nowMs: number, catalog: Catalog = CATALOG): Told =>
  advance(account, new Map(), catalog, nowMs);

/** As a payment is acted on: the account brought up to the instant, changed, and what the change makes due at once. */
export const heard = (
  account: Account,
  nowMs: number,
  decide: (account: Account) => Step,
  catalog: Catalog = CATALOG,
): Told => {
  const now = until(account, nowMs, catalog);
  const step = decide(now.account);
  const due = until(step.account, nowMs, catalog);
  return {
    account: withBounds(due.account, catalog, nowMs),
    entries: [...now.entries, ...step.entries, ...due.entries],
  };
};

/** A subscription just begun, so many credits of its month spent, and some held. */
export const subscribed = (
  bought: BoughtPeriod,
  { spent = 0, holds = [] }: { readonly spent?: number; readonly holds?: readonly Hold[] } = {},
): Account => {
  const start = iso(bought.startMs);
  const { account } = startPeriod(accountAt(start, { nextOrdinal: 1 }), bought, bought.startMs);
  const held = (grantId: number) =>
    holds
      .flatMap(({ parts }) => parts.filter((part) => part.grantId === grantId))
      .reduce((n, { credits }) => n + credits, 0);
  const grants = account.grants.map((grant) => ({
    ...grant,
    remaining: grant.remaining - held(grant.id) - (grant.kind === 'subscription' ? spent : 0),
  }));
  return withBounds({ ...account, grants, holds }, CATALOG, bought.startMs);
};

/** Ends a hold at an instant, time having been brought up to it. */
export const ended = (account: Account, ending: Ending, nowMs: number, catalog: Catalog = CATALOG): Told => {
  const records = account.holds.map((hold): [string, RunRecord] => [hold.runUuid, endRun(hold, ending, nowMs)]);
  return advance(account, ending.outcome === 'expired' ? new Map() : new Map(records), catalog, nowMs);
};

/** Credits of the month: what is left of each of its grants and when that ends. */
export const months = (account: Account): readonly (readonly [left: number, ends: string])[] =>
  account.grants
    .filter(({ kind }) => kind === 'subscription')
    .map(({ remaining, expiresAtMs }) => [remaining, iso(expiresAtMs)]);

/** Lines as `kind reason +credits …`, the free credits of days left out. */
export const lines = (entries: readonly Entry[]): readonly string[] =>
  entries
    .filter(({ reason }) => reason !== 'daily_free_credits')
    .map(({ kind, reason, changes, shortfall }) => {
      const credits = changes
        .filter((change) => change.kind !== 'free')
        .map((change) => (change.credits > 0 ? `+${change.credits}` : `${change.credits}`));
      return [kind, reason, ...credits, ...(shortfall === undefined ? [] : [`short of ${shortfall}`])].join(' ');
    });
