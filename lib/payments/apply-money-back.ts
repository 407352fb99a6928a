import type { Account } from '../domain/account.ts';
import type { Billing } from '../domain/billing.ts';
import type { Entry } from '../domain/entry.ts';
import type { Step } from '../domain/give-back.ts';
import type { PaymentFact } from '../domain/payment-fact.ts';
import { isLastWord, type Purchase, shareOf, withCharge, withDispute, withRefund } from '../domain/purchase.ts';
import { sharePeriod } from '../domain/subscription.ts';
import { dueBack, noteShortfall, takeBack } from '../domain/take-back.ts';
import { readPayment, readPurchase } from '../store/billing.ts';
import { paymentRow, purchaseRow } from '../store/purchase-row.ts';
import { applyPack } from './apply-pack.ts';
import { applyPeriod, periodKey } from './apply-period.ts';
import { changePaid } from './change-paid.ts';
import type { Applied, PaymentDeps } from './payment-deps.ts';

type MoneyBack = Extract<PaymentFact, { fact: 'refund' | 'charge_refunded' | 'dispute' }>;

const noted = (purchase: Purchase, of: string, heard: MoneyBack): Purchase => {
  switch (heard.fact) {
    case 'refund':
      return withRefund(purchase, of, heard.refundId, { amount: heard.amount, failedAtMs: heard.failedAtMs });
    case 'charge_refunded':
      return withCharge(purchase, of, heard.refunded, heard.asOfMs);
    case 'dispute': {
      const { amount, state, asOfMs } = heard;
      return withDispute(purchase, of, heard.disputeId, { amount, state, asOfMs });
    }
  }
};

const reasonOf = (heard: MoneyBack): string => {
  if (heard.fact !== 'dispute') return 'payment_refunded';
  return heard.state === 'open' ? 'payment_disputed' : `dispute_${heard.state}`;
};

/** Whether it is this purchase's period that runs: another subscription's may have begun since, and end in the same second. */
const isRunning = async (
  { table }: PaymentDeps,
  { cycle }: Account,
  { subscription }: Billing,
  { period, grantId }: Purchase,
): Promise<boolean> => {
  if (period === undefined || cycle?.paid?.untilMs !== period.endMs) return false;
  if (subscription === null || subscription.id === period.subscriptionId) return true;
  const { endMs } = period;
  const other = await readPurchase(table, periodKey({ subscriptionId: subscription.id, endMs }));
  return (other?.grantId ?? -1) <= (grantId ?? -1);
};

/** R20: from that purchase's grant only; a period's months to come lose their share too. What is over cannot be taken back. */
const takenBack = (
  account: Account,
  runs: boolean,
  before: Purchase,
  next: Purchase,
  line: Pick<Entry, 'atMs' | 'reason'>,
): Step => {
  const [was, share] = [shareOf(before), shareOf(next)];
  const { period, grantId, credits } = next;
  if (runs) return sharePeriod(account, share, line);
  if (grantId !== null && period === undefined && account.grants.some(({ id }) => id === grantId)) {
    return takeBack(account, grantId, dueBack(credits, share), line);
  }
  const shortfall = dueBack(credits, share);
  return shortfall === dueBack(credits, was) ? { account, entries: [] } : noteShortfall(account, shortfall, line);
};

/**
 * The purchase a payment was for. One whose payment has not been heard of yet is asked of Stripe and granted first, by the very
 * path its own event takes: so that money never goes back before it has come.
 */
const purchaseOf = async (
  deps: PaymentDeps,
  paymentId: string,
): Promise<{ readonly key: string; readonly paymentId: string } | null> => {
  const known = await readPayment(deps.table, paymentId);
  if (known !== null) return known;
  for (const paid of await deps.ask.paidBy(paymentId)) {
    const became = await (paid.fact === 'pack_paid' ? applyPack(deps, paid) : applyPeriod(deps, paid));
    if (became !== 'applied' && became !== 'known') continue;
    return { key: paid.fact === 'pack_paid' ? `pack:${paid.orderId}` : periodKey(paid), paymentId: paid.paymentId };
  }
  return null;
};

/** R20: money that went back, is disputed, or came back after all: the purchase's credits follow it, in proportion, in any order. */
export const applyMoneyBack = async (deps: PaymentDeps, heard: MoneyBack): Promise<Applied> => {
  const of = await purchaseOf(deps, heard.paymentId);
  const found = of === null ? null : await readPurchase(deps.table, of.key);
  if (of === null || found === null) return 'ignored';
  return changePaid(deps, found.accountId, async (account, billing, nowMs) => {
    const purchase = await readPurchase(deps.table, of.key);
    if (purchase === null) throw new Error(`${of.key} is gone`);
    // What a night's list says of a dispute is mostly what is known of it: that is worth no write, and nothing was lost (R21).
    if (heard.fact === 'dispute' && heard.listed === true && isLastWord(purchase, of.paymentId, heard.disputeId, heard))
      return null;
    const next = noted(purchase, of.paymentId, heard);
    if (JSON.stringify(next) === JSON.stringify(purchase)) return null;
    const line = { atMs: nowMs, reason: reasonOf(heard), payment: heard.paymentId };
    return {
      ...takenBack(account, await isRunning(deps, account, billing, next), purchase, next, line),
      rows: [purchaseRow(purchase, next), paymentRow(heard.paymentId, of)],
    };
  });
};
