import type { Account } from '../domain/account.ts';
import { advance } from '../domain/advance.ts';
import type { Billing } from '../domain/billing.ts';
import type { Step } from '../domain/give-back.ts';
import { isRefusal } from '../domain/refusal.ts';
import { readBilling } from '../store/billing.ts';
import { billingRow } from '../store/billing-row.ts';
import { changeAccount, type OwnRow } from '../store/change-account.ts';
import type { PaymentDeps } from './payment-deps.ts';

/** What a payment does: to the account, to its dealings with Stripe, and the rows that say it is done. */
export interface PaidChange extends Step {
  readonly billing?: Billing;
  readonly rows?: readonly OwnRow[];
}

/**
 * Changes an account and its dealings with Stripe together; every change of either that moves credits comes through here, so that
 * the account's version guards them all. `null`: it is done already. What the change makes due at once (a period paid so late that it
 * is over) happens with it.
 */
export const changePaid = async (
  deps: PaymentDeps,
  accountId: string,
  decide: (account: Account, billing: Billing, nowMs: number) => Promise<PaidChange | null>,
): Promise<'applied' | 'known'> => {
  const nowMs = deps.now();
  let done = false;
  const changed = await changeAccount(deps.table, accountId, nowMs, async (account) => {
    const before = await readBilling(deps.table, accountId);
    const change = await decide(account, before, nowMs);
    done = change !== null;
    if (change === null) return null;
    const { billing, rows = [] } = change;
    const due = advance(change.account, new Map(), deps.catalog, nowMs);
    return {
      account: due.account,
      entries: [...change.entries, ...due.entries],
      rows: [...rows, ...(billing === undefined ? [] : [billingRow(before, billing)])],
    };
  });
  if (isRefusal(changed)) throw new Error('a payment cannot be refused');
  return done ? 'applied' : 'known';
};

/** An order is no longer open once its session is paid, expired or failed. */
export const withoutOrder = (billing: Billing, isDone: (orderId: string, slot: string) => boolean): Billing => {
  const open = Object.entries(billing.orders).filter(([slot, order]) => !isDone(order.id, slot));
  return open.length === Object.keys(billing.orders).length
    ? billing
    : { ...billing, orders: Object.fromEntries(open) };
};
