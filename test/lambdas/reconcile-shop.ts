import { inject } from 'vitest';
import * as z from 'zod/mini';
import { createHandler } from '../../lambdas/schedulers/reconcile/handler.ts';
import { catalog } from '../../lib/catalog/catalog.ts';
import { viewAccount } from '../../lib/store/account-view.ts';
import { changeBilling, readBilling, readBillingRow } from '../../lib/store/billing.ts';
import { customerRow, orderRow } from '../../lib/store/billing-row.ts';
import { openTable } from '../../lib/store/table.ts';
import { LOCAL_STRIPE_KEY } from '../../local/stripe/local-keys.ts';
import { freshTable, testClient } from '../fresh-table.ts';
import { buy, openShop } from '../local/stripe/shop.ts';
import { openBetween } from './between.ts';
import { lambdaContext } from './gateway-event.ts';
import { heardOutput } from './heard-output.ts';

const PRICES = [
  { item: 'starter', price: 'price_starter', amount: 1500, currency: 'usd' },
  { item: 'pro', price: 'price_pro', amount: 4900, currency: 'usd' },
  { item: 'pack-500', price: 'price_pack', amount: 500, currency: 'usd' },
];
const reconciled = z.looseObject({ complete: z.boolean() });

/** The reconciliation as Lambda runs it, on a table of its own; no webhook is ever acted on. */
export const openReconcile = async () => {
  const shop = await openShop();
  const { between, asked, endpoint } = await openBetween(shop.standIn.port);
  const client = testClient();
  const table = openTable(client, await freshTable(client), catalog);
  const log = heardOutput();
  const noted: object[] = [];
  const handler = createHandler({
    env: {
      TABLE_NAME: table.name,
      DYNAMODB_ENDPOINT: inject('dynamodbEndpoint'),
      STAGE: 'dev',
      STRIPE_API_KEY_SECRET_ARN: 'key',
      STRIPE_PRICES: JSON.stringify(PRICES),
      STRIPE_ENDPOINT: endpoint,
    },
    now: () => shop.clock.nowMs,
    readSecret: async () => JSON.stringify({ apiKey: LOCAL_STRIPE_KEY }),
    note: (line) => void noted.push(line),
  });
  const run = async (mode: 'recent' | 'full') => {
    for (;;) {
      const counts = reconciled.parse(await handler({ reconcile: mode }, lambdaContext));
      if (counts.complete) return counts;
    }
  };
  let orders = 0;
  /** Whose customer it is, as the first purchase leaves it. */
  const join = (accountId: string, customerId: string) =>
    changeBilling(table, accountId, (billing) => ({
      billing: { ...billing, customerId },
      rows: [customerRow(customerId, accountId)],
    }));

  return {
    shop,
    table,
    between,
    asked,
    log,
    noted,
    run,
    join,
    /** Offers the pack to a customer's account, and has it paid; answers with its session. */
    buyPack: async (accountId: string, customerId: string) => {
      const id = `order-${++orders}`;
      const item = { kind: 'pack', id: 'pack-500', credits: 500 } as const;
      const of = { priceId: 'price_pack', amount: 500, currency: 'usd', createdMs: shop.clock.nowMs, sessionId: null };
      await changeBilling(table, accountId, (billing) => ({
        billing,
        rows: [orderRow({ id, accountId, item, ...of })],
      }));
      return buy(shop, 'price_pack', { customer: customerId, client_reference_id: id });
    },
    billing: () => readBilling(table, 'ann'),
    /** Whether an attempt to be paid is noted as failed. */
    failed: async (attempt: string) => (await readBillingRow(table, 'ann', 'failure', attempt)) !== undefined,
    /** What is left of each grant of a kind. */
    left: async (accountId: string, kind: 'pack' | 'subscription') =>
      (await viewAccount(table, accountId, shop.clock.nowMs)).account.grants
        .filter((grant) => grant.kind === kind)
        .map(({ remaining }) => remaining),
  };
};
