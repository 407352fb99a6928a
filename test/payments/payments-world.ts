import { catalog } from '../../lib/catalog/catalog.ts';
import type { PaymentFact } from '../../lib/domain/payment-fact.ts';
import { applyFact } from '../../lib/payments/apply-fact.ts';
import type { AskStripe } from '../../lib/payments/ask-stripe.ts';
import type { Applied } from '../../lib/payments/payment-deps.ts';
import { viewAccount } from '../../lib/store/account-view.ts';
import { changeBilling, readBilling } from '../../lib/store/billing.ts';
import { customerRow } from '../../lib/store/billing-row.ts';
import { readHistory } from '../../lib/store/history.ts';
import { openTable } from '../../lib/store/table.ts';
import { freshTable, testClient } from '../fresh-table.ts';
import { createStripeModel, customerOf, PRICES, type Subscribed } from '../simulation/history/stripe-model.ts';

/** 2027-01-01T12:00:00Z. */
export const START_MS = Date.UTC(2027, 0, 1, 12);

/** Somebody with a customer at Stripe, on a table of their own; nothing is heard of but what a test tells. */
export const openPayments = async () => {
  const client = testClient();
  const table = openTable(client, await freshTable(client), catalog);
  const clock = { nowMs: START_MS };
  const stripe = createStripeModel();
  /** How often Stripe was told to end a subscription and pay it back; and whether it can be reached for that. */
  const undoing = { asked: 0, fails: false };
  const truth = stripe.ask(() => clock.nowMs);
  const ask: AskStripe = {
    ...truth,
    undo: async (duplicate) => {
      undoing.asked++;
      if (undoing.fails) throw new Error('Stripe is not there');
      await truth.undo(duplicate);
    },
  };
  const deps = { table, catalog, prices: PRICES, ask, now: () => clock.nowMs };
  await changeBilling(table, 'ann', (billing) => ({
    billing: { ...billing, customerId: customerOf('ann') },
    rows: [customerRow(customerOf('ann'), 'ann')],
  }));

  const tell = async (facts: readonly PaymentFact[]): Promise<readonly Applied[]> => {
    const became: Applied[] = [];
    for (const fact of facts) became.push(await applyFact(deps, fact));
    return became;
  };
  const account = async () => (await viewAccount(table, 'ann', clock.nowMs)).account;

  return {
    clock,
    stripe,
    undoing,
    tell,
    account,
    billing: () => readBilling(table, 'ann'),
    /** A plan bought at Stripe. `told` is to be heard of. */
    subscribe: (planId: string): { readonly one: Subscribed; readonly told: readonly PaymentFact[] } => {
      const told = stripe.subscribe('ann', planId, clock.nowMs);
      const one = stripe.subscriptions.at(-1);
      if (one === undefined) throw new Error('nothing was bought');
      return { one, told };
    },
    /** Plan, and what there is of the month's credits. */
    has: async () => {
      const { planId, grants } = await account();
      return [planId, ...grants.filter(({ kind }) => kind === 'subscription').map(({ remaining }) => remaining)];
    },
    reasons: async () => {
      const { lines } = await readHistory(table, 'ann', {
        before: null,
        kind: null,
        fromMs: null,
        toMs: null,
        limit: 100,
      });
      return lines.flatMap((line) => (line.line === 'entry' ? [line.entry.reason] : [])).toReversed();
    },
  };
};
