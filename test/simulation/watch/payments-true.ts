import type { Purchase } from '../../../lib/domain/purchase.ts';
import { liveAt } from '../../../lib/domain/standing.ts';
import { billingFromRow } from '../../../lib/store/billing-row.ts';
import { purchaseFromRow } from '../../../lib/store/purchase-row.ts';
import { PlainPurchase } from '../../domain/plain-purchase.ts';
import type { Money } from '../history/stripe-model.ts';
import type { World } from '../history/world.ts';
import { nativeItem } from '../memory-table/marshalling.ts';
import { textAt } from '../memory-table/rows.ts';

const plainly = (all: readonly Money[]): PlainPurchase => {
  const purchase = new PlainPurchase();
  for (const { paid, refunds, disputes } of all) {
    purchase.pay(paid.amount);
    const payment = purchase.payments.at(-1);
    for (const { amount, failedAtMs } of refunds) payment?.refunds.push({ amount, failed: failedAtMs !== null });
    for (const { amount, state } of disputes) payment?.disputes.push({ amount, state });
  }
  return purchase;
};

/** I5, R17, R20, when all has been heard: what was paid is granted once, and what went back of it has gone; subscriptions stand as Stripe has them. */
export const paymentsAreTrue = (world: World): void => {
  const { stripe, ledgers, fault, table } = world;
  const items = table.items();
  const purchases = new Map<string, Purchase>();
  for (const item of items) {
    if (textAt(item, 'sk') !== 'U') continue;
    const purchase = purchaseFromRow(nativeItem(item));
    purchases.set(purchase.key, purchase);
  }
  const expected = new Map<string, Money[]>();
  for (const one of stripe.money) {
    const { paid } = one;
    const key = paid.fact === 'pack_paid' ? `pack:${paid.orderId}` : `period:${paid.subscriptionId}:${paid.endMs}`;
    expected.set(key, [...(expected.get(key) ?? []), one]);
  }
  for (const key of purchases.keys()) if (!expected.has(key)) fault(`R17: ${key} was never paid`);
  for (const [key, all] of expected) {
    const purchase = purchases.get(key);
    // What was paid for beside another subscription is sent back, and of no purchase: neither before that nor after.
    const granted = all.filter(({ undone }) => !undone);
    const names = granted.map(({ paid }) => paid.paymentId).sort();
    if (purchase === undefined) {
      if (names.length > 0) fault(`R17: ${key} was paid and is not granted`);
      continue;
    }
    if (JSON.stringify(Object.keys(purchase.payments).sort()) !== JSON.stringify(names))
      fault(`R17: ${key} knows other payments`);
    const ledger = ledgers.get(purchase.accountId);
    const grant = ledger?.account?.grants.find(({ id }) => id === purchase.grantId);
    const running = ledger?.account?.cycle?.paid;
    const { accountId, period } = purchase;
    // Two subscriptions of one second end together: the one that began later runs.
    const began = [...purchases.values()]
      .filter((each) => each.accountId === accountId && each.period?.endMs === period?.endMs)
      .map(({ grantId }) => grantId ?? -1);
    if (running?.untilMs === period?.endMs && running !== undefined && purchase.grantId === Math.max(...began)) {
      const { out, paid, frozen } = running.share ?? { out: 0, paid: 1, frozen: false };
      const gone = frozen ? purchase.credits : Math.floor((purchase.credits * out) / paid);
      const due = plainly(granted).dueOf(purchase.credits);
      if (gone !== due) fault(`R20: of ${key} a share of ${gone} credits is out, of its money ${due}`);
    }
    if (key.startsWith('pack:')) {
      const given = ledger?.entries.filter((entry) => entry.kind === 'grant' && entry.payment === names[0]).length;
      if (given !== 1) fault(`I5: ${key} is granted ${given} times`);
      const due = plainly(granted).dueOf(purchase.credits);
      const back = (grant?.back?.taken ?? 0) + (grant?.back?.owed ?? 0);
      if (grant !== undefined && back !== due) fault(`R20: of ${key} ${back} credits are out, of its money ${due}`);
    }
  }
  for (const item of items) {
    if (textAt(item, 'sk') !== 'B') continue;
    const { accountId, subscription } = billingFromRow(nativeItem(item));
    const own = stripe.subscriptions.filter((one) => one.accountId === accountId && !one.undone);
    const truth = own.find((one) => liveAt(one.subscription, world.now())) ?? own.at(-1);
    if (truth === undefined) continue;
    const { id, status, renews } = truth.subscription;
    const givenUp = status === 'canceled' || status === 'unpaid';
    if (givenUp && ledgers.get(accountId)?.account?.cycle?.paid?.graceUntilMs != null)
      fault(`R19: ${accountId} is on its plan still, and Stripe has given up on ${id}`);
    const same =
      subscription?.status === status &&
      (status === 'canceled' || (subscription.id === id && subscription.renews === renews));
    if (!same)
      fault(
        `R19: the subscription of ${accountId} is ${JSON.stringify(subscription)}; at Stripe, ${JSON.stringify(truth.subscription)}`,
      );
  }
};
