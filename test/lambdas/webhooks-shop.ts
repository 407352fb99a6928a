import Stripe from 'stripe';
import { inject } from 'vitest';
import * as z from 'zod/mini';
import { createHandler } from '../../lambdas/webhooks/handler.ts';
import { catalog } from '../../lib/catalog/catalog.ts';
import { stripeWebhook } from '../../lib/http/contract/webhooks.ts';
import { viewAccount } from '../../lib/store/account-view.ts';
import { changeBilling } from '../../lib/store/billing.ts';
import { customerRow, orderRow } from '../../lib/store/billing-row.ts';
import { openTable } from '../../lib/store/table.ts';
import { LOCAL_STRIPE_KEY, LOCAL_WEBHOOK_SECRET } from '../../local/stripe/local-keys.ts';
import { freshTable, testClient } from '../fresh-table.ts';
import { idOf, key, openShop } from '../local/stripe/shop.ts';
import { gatewayEvent, lambdaContext } from './gateway-event.ts';
import { heardOutput } from './heard-output.ts';

const PRICES = [
  { item: 'starter', price: 'price_starter', amount: 1500, currency: 'usd' },
  { item: 'pack-500', price: 'price_pack', amount: 500, currency: 'usd' },
];
const answered = z.object({ statusCode: z.int(), headers: z.record(z.string(), z.string()), body: z.string() });

interface Delivery {
  readonly header?: string | undefined;
  readonly encoded?: boolean;
  readonly routeKey?: string;
}

/** The webhook as Lambda runs it, on a table of its own, and the stand-in that has something to tell. */
export const openWebhook = async (env: Readonly<Record<string, string | undefined>> = {}) => {
  const shop = await openShop();
  const client = testClient();
  const table = openTable(client, await freshTable(client), catalog);
  const log = heardOutput();
  const noted: object[] = [];
  const secrets: Record<string, string> = {
    key: JSON.stringify({ apiKey: LOCAL_STRIPE_KEY }),
    signing: JSON.stringify({ secrets: [LOCAL_WEBHOOK_SECRET] }),
  };
  const handler = createHandler({
    env: {
      TABLE_NAME: table.name,
      DYNAMODB_ENDPOINT: inject('dynamodbEndpoint'),
      STAGE: 'dev',
      STRIPE_API_KEY_SECRET_ARN: 'key',
      STRIPE_WEBHOOK_SECRET_ARN: 'signing',
      STRIPE_PRICES: JSON.stringify(PRICES),
      STRIPE_ENDPOINT: `http://localhost:${shop.standIn.port}`,
      ...env,
    },
    now: () => shop.clock.nowMs,
    readSecret: async (id) => secrets[id] ?? Promise.reject(new Error(`no secret ${id}`)),
    note: (line) => void noted.push(line),
  });

  const sign = (payload: string, secret = LOCAL_WEBHOOK_SECRET, atMs = shop.clock.nowMs) =>
    Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp: Math.floor(atMs / 1000) });
  /** Delivers a body as API Gateway does; signed now and rightly, where nothing else is said. */
  const deliver = async (body: string, given: Delivery = {}) => {
    const header = 'header' in given ? given.header : sign(body);
    const arrival = gatewayEvent(stripeWebhook, {
      headers: header === undefined ? {} : { 'stripe-signature': header },
      body: given.encoded ? Buffer.from(body).toString('base64') : body,
      isBase64Encoded: given.encoded ?? false,
    });
    const event = given.routeKey === undefined ? arrival : { ...arrival, routeKey: given.routeKey };
    const { statusCode, headers, body: text } = answered.parse(await handler(event, lambdaContext));
    return { status: statusCode, headers, body: z.looseObject({}).parse(JSON.parse(text)) };
  };

  /** An account with a customer and an offer of the pack, as buying one leaves them, and its session. */
  const offer = async (accountId: string, amount = 500) => {
    const customer = await shop.stripe.customers.create({ metadata: { accountId } }, key());
    const order = {
      id: `order-${accountId}`,
      accountId,
      item: { kind: 'pack', id: 'pack-500', credits: 500 },
      priceId: 'price_pack',
      amount,
      currency: 'usd',
      createdMs: shop.clock.nowMs,
      sessionId: null,
    } as const;
    await changeBilling(table, accountId, (billing) => ({
      billing: { ...billing, customerId: customer.id, orders: { ...billing.orders, [order.item.id]: order } },
      rows: [customerRow(customer.id, accountId), orderRow(order)],
    }));
    return shop.stripe.checkout.sessions.create(
      {
        mode: 'payment',
        customer: customer.id,
        client_reference_id: order.id,
        line_items: [{ price: 'price_pack', quantity: 1 }],
        success_url: 'https://app.example.com/done',
      },
      key(),
    );
  };
  /** The bodies of the events since the last look, by type. */
  const bodies = async () => {
    await shop.standIn.idle();
    shop.received.splice(0);
    return new Map(shop.bodies.splice(0).map((body) => [String(JSON.parse(body).type), body]));
  };

  const left = async (accountId: string, kind: 'pack' | 'subscription') =>
    (await viewAccount(table, accountId, shop.clock.nowMs)).account.grants
      .filter((grant) => grant.kind === kind)
      .map(({ remaining }) => remaining);

  return {
    shop,
    log,
    /** What was counted, and the line of each request. */
    noted,
    secrets,
    sign,
    deliver,
    offer,
    /** Buys the pack; answers with the body of the event that says so, and its payment. */
    pay: async (accountId: string, amount?: number) => {
      const session = await offer(accountId, amount);
      await bodies();
      await shop.control('POST', `/checkout/${session.id}/pay`, { outcome: 'paid' });
      const paid = await shop.stripe.checkout.sessions.retrieve(session.id);
      const body = (await bodies()).get('checkout.session.completed');
      if (body === undefined) throw new Error('nothing was paid');
      return { body, paymentId: idOf(paid.payment_intent) };
    },
    bodies,
    /** What the account has of a kind of credits, grant by grant. */
    left,
    packs: (accountId: string) => left(accountId, 'pack'),
  };
};
