import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { expect, onTestFinished, vi } from 'vitest';
import * as z from 'zod/mini';
import type { BillingDeps } from '../../lambdas/billing/dependencies.ts';
import { routes } from '../../lambdas/billing/routes.ts';
import { catalog } from '../../lib/catalog/catalog.ts';
import type { Account } from '../../lib/domain/account.ts';
import type { SoldPrice } from '../../lib/domain/sold-price.ts';
import {
  cancelSubscription,
  changePlan,
  createCheckout,
  createPortal,
  getBilling,
  refundLegacy,
  requestQuote,
  resumeSubscription,
} from '../../lib/http/contract/billing.ts';
import type { Operation } from '../../lib/http/contract/operation.ts';
import { door } from '../../lib/http/door.ts';
import { applyFact } from '../../lib/payments/apply-fact.ts';
import { viewAccount } from '../../lib/store/account-view.ts';
import { readBilling } from '../../lib/store/billing.ts';
import { readHistory } from '../../lib/store/history.ts';
import { openTable } from '../../lib/store/table.ts';
import { askStripe } from '../../lib/stripe/ask-stripe.ts';
import { factsOfEvent } from '../../lib/stripe/event-facts.ts';
import { type StripeClient, stripeClient } from '../../lib/stripe/stripe-client.ts';
import { openFront } from '../../local/front.ts';
import { LOCAL_STRIPE_KEY, LOCAL_WEBHOOK_SECRET } from '../../local/stripe/local-keys.ts';
import { openStripe } from '../../local/stripe/open-stripe.ts';
import { freshTable, testClient } from '../fresh-table.ts';
import { gatewayEvent, jwtOf, lambdaContext } from './gateway-event.ts';

/** 2027-01-31T12:00:00Z: a month's last day. */
export const START_MS = Date.UTC(2027, 0, 31, 12);
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
export const APP_URL = 'https://app.example.com/billing';

const priced = [
  ...catalog.plans.flatMap(({ id, name, price }) => (price === null ? [] : [{ item: id, product: name, ...price }])),
  ...catalog.packs.map(({ id, name, price }) => ({ item: id, product: name, ...price, interval: null })),
];
const prices: readonly SoldPrice[] = priced.map(({ item, amount, currency }) => ({
  item,
  priceId: `price_${item}`,
  amount,
  currency,
}));

const calls = {
  view: getBilling,
  checkout: createCheckout,
  portal: createPortal,
  cancel: cancelSubscription,
  resume: resumeSubscription,
  changePlan,
  quote: requestQuote,
  legacyRefund: refundLegacy,
} as const;
export type Call = keyof typeof calls;
export const CALLS = z.array(z.enum(['checkout', 'portal', 'cancel', 'resume', 'changePlan', 'legacyRefund']));

const answer = z.object({ statusCode: z.int(), headers: z.record(z.string(), z.string()), body: z.string() });

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Record<string, unknown>;
}

export interface Sent {
  readonly body?: unknown;
  readonly sub?: string;
  readonly headers?: Record<string, string>;
}

/** The billing door on a table of its own, before the stand-in for Stripe, with one clock for both. */
export const openBilling = async () => {
  const clock = { nowMs: START_MS };
  const now = () => clock.nowMs;
  /** Whether what Stripe tells is acted on. */
  const webhooks = { heard: true };
  const client = testClient();
  const table = openTable(client, await freshTable(client), catalog);
  const standIn = await openStripe({
    now,
    publicUrl: () => front.url,
    prices: priced.map(({ item, ...of }) => ({ id: `price_${item}`, ...of })),
    deliver: async (body, header) => {
      if (!webhooks.heard) return 200;
      const event = stripe.webhooks.constructEvent(body, header, LOCAL_WEBHOOK_SECRET, 300, undefined, clock.nowMs);
      for (const fact of factsOfEvent(event)) await applyFact(deps, fact);
      return 200;
    },
  });
  const front = await openFront(0);
  front.open((request) => standIn.answer(request, (request.url ?? '').replace(/\?.*$/, '')));
  onTestFinished(async () => {
    await front.close();
    await standIn.close();
  });
  const stripe = stripeClient({ apiKey: LOCAL_STRIPE_KEY, endpoint: `http://127.0.0.1:${standIn.port}` });
  const depsWith = (other: StripeClient, through = client): BillingDeps => ({
    table: openTable(through, table.name, catalog),
    catalog,
    prices,
    ask: askStripe(async () => other, now),
    now,
    stripe: async () => other,
    appUrl: APP_URL,
  });
  const deps = depsWith(stripe);
  const runtime = { env: {}, now, readSecret: async () => '' };

  /** Calls the door as Lambda would. */
  const call = async (
    name: Call,
    { body, sub = 'ann', headers = {} }: Sent = {},
    { through = deps, boundMs = 9_000 }: { through?: BillingDeps; boundMs?: number } = {},
  ): Promise<Answered> => {
    const operation: Operation = calls[name];
    const authorizer = jwtOf(sub, ...operation.scopes);
    const event = gatewayEvent(operation, {
      authorizer,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const result: APIGatewayProxyStructuredResultV2 = await door(runtime, routes(through, boundMs))(
      event,
      lambdaContext,
    );
    const { statusCode: status, headers: said, body: text } = answer.parse(result);
    return { status, headers: said, body: z.looseObject({}).parse(JSON.parse(text)) };
  };

  /** One of the stand-in's controls; answers when what it has led to has been delivered. */
  const control = async (method: 'POST' | 'PUT', path: string, body: unknown): Promise<Record<string, unknown>> => {
    const response = await fetch(`${front.url}/local/stripe${path}`, { method, body: JSON.stringify(body) });
    const told = z.looseObject({}).parse(await response.json());
    expect(response.status, JSON.stringify(told)).toBe(200);
    return told;
  };
  const pay = (sessionId: string, outcome: 'paid' | 'declined' | 'paid_later' = 'paid') =>
    control('POST', `/checkout/${sessionId}/pay`, { outcome });

  /** Buys it, as a person would. */
  const buy = async (item: { planId: string } | { packId: string }, sub = 'ann'): Promise<string> => {
    const opened = await call('checkout', { body: item, sub });
    expect(opened).toMatchObject({ status: 201 });
    const sessionId = text(opened, 'sessionId');
    await pay(sessionId);
    return sessionId;
  };
  const card = async (nextPayment: 'succeeds' | 'fails', sub = 'ann') =>
    control('PUT', `/customers/${(await billing(sub)).customerId}`, { nextPayment });
  const account = async (id = 'ann'): Promise<Account> => (await viewAccount(table, id, clock.nowMs)).account;
  const billing = (id = 'ann') => readBilling(table, id);
  const history = async (id = 'ann') => {
    const all = { before: null, kind: null, fromMs: null, toMs: null, limit: 1000 };
    const { lines } = await readHistory(table, id, all);
    return lines.flatMap((line) => (line.line === 'entry' ? [line.entry] : []));
  };

  /** The clock goes from one thing due at Stripe to the next. */
  const moveTo = async (toMs: number): Promise<void> => {
    await standIn.advanceTo(clock.nowMs);
    const next = () => standIn.nextDueMs(clock.nowMs);
    for (let due = next(); due !== undefined && due <= toMs; due = next()) {
      clock.nowMs = due;
      await standIn.advanceTo(due);
    }
    clock.nowMs = Math.max(clock.nowMs, toMs);
  };

  const subscriptionAtStripe = async (sub = 'ann') => {
    const { subscription } = await billing(sub);
    return stripe.subscriptions.retrieve(subscription?.id ?? '');
  };
  return {
    clock,
    webhooks,
    standIn,
    stripe,
    table,
    deps,
    depsWith,
    call,
    control,
    pay,
    buy,
    card,
    account,
    billing,
    history,
    moveTo,
    subscriptionAtStripe,
  };
};
export type BillingWorld = Awaited<ReturnType<typeof openBilling>>;

/** Runs with the log of faults out of sight. */
export const quietly = async <T>(work: () => Promise<T>): Promise<T> => {
  const spy = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  try {
    return await work();
  } finally {
    spy.mockRestore();
  }
};

export const text = (answered: Answered, field: string): string => {
  expect(answered.body).toHaveProperty(field, expect.any(String));
  return String(answered.body[field]);
};
