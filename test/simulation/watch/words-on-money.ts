import type { Payment, Purchase } from '../../../lib/domain/purchase.ts';
import { billingFromRow } from '../../../lib/store/billing-row.ts';
import { purchaseFromRow } from '../../../lib/store/purchase-row.ts';
import { nativeItem } from '../memory-table/marshalling.ts';
import type { Change } from '../memory-table/memory-table.ts';
import { textAt } from '../memory-table/rows.ts';
import type { Item } from '../memory-table/value.ts';
import type { Ledger } from './ledger.ts';

const total = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0);

/** What has left of a payment: the refunds told of one by one, or as many as its charge has told of in all. */
const goneOf = ({ amount, refunds, charge, disputes }: Payment): number => {
  const all = Object.values(refunds);
  const told = total(all.map((each) => (each.failedAtMs === null ? each.amount : 0)));
  const asOfMs = charge?.asOfMs ?? 0;
  const failedSince = all.map((each) => (each.failedAtMs !== null && each.failedAtMs >= asOfMs ? each.amount : 0));
  const inAll = (charge?.refunded ?? 0) - total(failedSince);
  const lost = Object.values(disputes).map((each) => (each.state === 'lost' ? each.amount : 0));
  return Math.min(amount, Math.max(told, inAll) + total(lost));
};

/** Credits of a purchase that must be out, by what has been heard of it so far. */
const dueOf = ({ credits, payments }: Purchase): number => {
  const all = Object.values(payments);
  if (all.some(({ disputes }) => Object.values(disputes).some(({ state }) => state === 'open'))) return credits;
  return Math.floor((credits * total(all.map(goneOf))) / total(all.map(({ amount }) => amount)));
};

/** R20 and R19 after each write, on the raw items: a later word stands, and a pack has given exactly what its money has. */
export const watchWords = (ledgers: ReadonlyMap<string, Ledger>, fault: (sentence: string) => void) => {
  const laterWords = (key: string, was: Payment, is: Payment | undefined): void => {
    if (is === undefined) {
      fault(`R17: a payment of ${key} is forgotten`);
      return;
    }
    if ((is.charge?.asOfMs ?? 0) < (was.charge?.asOfMs ?? 0)) fault(`R20: ${key} takes an older total of its charge`);
    for (const [id, old] of Object.entries(was.refunds)) {
      const now = is.refunds[id];
      if (now?.amount !== old.amount) fault(`R20: ${key} has another refund ${id}`);
      if (old.failedAtMs !== null && now?.failedAtMs == null) fault(`R20: ${key} forgets that ${id} has failed`);
    }
    for (const [id, old] of Object.entries(was.disputes)) {
      const now = is.disputes[id];
      const reopened = now?.asOfMs === old.asOfMs && now.state === 'open' && old.state !== 'open';
      if (now === undefined || now.asOfMs < old.asOfMs || reopened) fault(`R20: ${key} takes an older word on ${id}`);
    }
  };

  const purchaseWritten = (before: Item | undefined, after: Item): void => {
    const purchase = purchaseFromRow(nativeItem(after));
    const { key, accountId, grantId, payments, period } = purchase;
    const known = before === undefined ? {} : purchaseFromRow(nativeItem(before)).payments;
    for (const [id, was] of Object.entries(known)) laterWords(key, was, payments[id]);
    const grant = ledgers.get(accountId)?.account?.grants.find(({ id }) => id === grantId);
    if (period !== undefined || grant === undefined) return;
    const out = (grant.back?.taken ?? 0) + (grant.back?.owed ?? 0);
    if (out !== dueOf(purchase)) fault(`R20: of ${key} ${out} credits are out, heard of are ${dueOf(purchase)}`);
  };

  const billingWritten = (before: Item | undefined, after: Item): void => {
    if (before === undefined) return;
    const was = billingFromRow(nativeItem(before)).subscription;
    const is = billingFromRow(nativeItem(after)).subscription;
    if (was !== null && is?.id === was.id && is.asOfMs < was.asOfMs)
      fault(`R19: an older word on subscription ${is.id} stands over a later one`);
  };

  return (changes: readonly Change[]): void => {
    for (const { before, after } of changes) {
      if (after === undefined) continue;
      const sk = textAt(after, 'sk');
      if (sk === 'U') purchaseWritten(before, after);
      else if (sk === 'B') billingWritten(before, after);
    }
  };
};
