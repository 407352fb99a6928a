import Stripe from 'stripe';
import { describe, expect, onTestFinished, test } from 'vitest';
import * as z from 'zod/mini';
import { catalog } from '../../lib/catalog/catalog.ts';
import { openClock } from '../../local/clock.ts';
import { openClockWalk } from '../../local/clock-walk.ts';
import { openFront } from '../../local/front.ts';
import { gatewayAnswer, json } from '../../local/http-answer.ts';
import { readBody } from '../../local/http-body.ts';
import { openPayments } from '../../local/payments.ts';
import { openSecrets, SECRET_IDS } from '../../local/secrets.ts';
import { webhookDelivery } from '../../local/webhook-delivery.ts';
import { temporaryDirectory } from './temporary.ts';

const START_MS = Date.UTC(2027, 0, 31, 12);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const REAL = { apiKey: 'sk_test_1', webhookSecret: 'whsec_1', prices: '[]' };

const priceList = z.array(z.object({ item: z.string(), price: z.string(), amount: z.int(), currency: z.string() }));

/** Payments behind a main server whose webhook verifies what it gets and tells it with the clock's instant. */
const machine = async (real?: typeof REAL) => {
  const dataDir = temporaryDirectory();
  const clock = openClock(dataDir, () => START_MS);
  const came: { type: string; atMs: number; createdMs: number }[] = [];
  const webhook = { status: (_: Stripe.Event): number | Promise<number> => 200 };
  const front = await openFront(0);
  const closing = new AbortController();
  const payments = await openPayments({
    real,
    dataDir,
    now: clock.now,
    catalog,
    url: front.url,
    appUrl: `${front.url}/local/app`,
    deliver: webhookDelivery(front.url, closing.signal, 200),
  });
  const sdk = new Stripe('sk_test_local', {
    host: '127.0.0.1',
    port: new URL(payments.endpoints['STRIPE_ENDPOINT'] ?? 'http://127.0.0.1:1').port,
    protocol: 'http',
    maxNetworkRetries: 0,
    telemetry: false,
  });
  front.open(async (request) => {
    const path = (request.url ?? '').replace(/\?.*$/, '');
    if (path.startsWith('/local/stripe/')) return payments.answer(request, path);
    if (path !== '/v1/webhooks/stripe') return gatewayAnswer.notFound;
    const body = await readBody(request, 1_000_000);
    const signature = String(request.headers['stripe-signature']);
    const event = sdk.webhooks.constructEvent(body.toString(), signature, 'whsec_local', 300, undefined, clock.now());
    came.push({ type: event.type, atMs: clock.now(), createdMs: event.created * 1000 });
    return json(await webhook.status(event), {});
  });
  const close = async () => {
    closing.abort();
    await payments.close();
    await front.close();
  };
  onTestFinished(close);
  const control = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${front.url}/local/stripe${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: z.looseObject({}).parse(await response.json()) };
  };
  const walk = openClockWalk({ clock, payments, fire: async () => undefined });
  const subscribe = async () => {
    const session = await sdk.checkout.sessions.create(
      { mode: 'subscription', line_items: [{ price: 'price_starter', quantity: 1 }], success_url: front.url },
      { idempotencyKey: 'session' },
    );
    const paid = await control('POST', `/checkout/${session.id}/pay`, { outcome: 'paid' });
    return { session, paid };
  };
  return { payments, clock, came, webhook, sdk, walk, control, subscribe, close, url: front.url };
};

describe('the functions’ variables', () => {
  test('name the stand-in’s prices: all that has a price in the catalog, and nothing else', async () => {
    const { payments, sdk } = await machine();
    const prices = priceList.parse(JSON.parse(payments.values['STRIPE_PRICES'] ?? ''));
    const priced = [...catalog.plans.filter(({ price }) => price !== null), ...catalog.packs].map(({ id }) => id);
    expect(prices.map(({ item }) => item)).toEqual(priced);
    for (const { price, amount, currency } of prices)
      expect(await sdk.prices.retrieve(price)).toMatchObject({ unit_amount: amount, currency, active: true });
    expect(prices.length).toBeGreaterThan(3);
  });

  test('name secrets that are there', async () => {
    const { payments } = await machine();
    const readSecret = await openSecrets(temporaryDirectory(), { apiKey: 'sk_test_x', webhookSecrets: ['whsec_x'] });
    expect(JSON.parse(await readSecret(payments.values['STRIPE_API_KEY_SECRET_ARN'] ?? ''))).toEqual({
      apiKey: 'sk_test_x',
    });
    expect(JSON.parse(await readSecret(payments.values['STRIPE_WEBHOOK_SECRET_ARN'] ?? ''))).toEqual({
      secrets: ['whsec_x'],
    });
    expect(JSON.parse(await readSecret(SECRET_IDS.signing))).toMatchObject({ keys: [{ kid: 'local' }] });
    await expect(readSecret('local:other')).rejects.toThrow('local:other');
  });

  test('lead to Stripe itself with a key of its own: no endpoint, and no controls', async () => {
    const { payments, control } = await machine(REAL);
    expect(payments.endpoints).toEqual({});
    expect(payments.values['STRIPE_PRICES']).toBe('[]');
    expect(payments.nextDueMs(0)).toBeUndefined();
    expect(await control('GET', '/events')).toMatchObject({
      status: 404,
      body: { code: 'not_found', detail: expect.stringContaining('STRIPE_SECRET_KEY') },
    });
  });
});

describe('on the machine’s clock', () => {
  test('a payment’s events are delivered when its control answers', async () => {
    const { came, subscribe, url } = await machine();
    const { session, paid } = await subscribe();
    expect(session.url).toBe(`${url}/local/stripe/checkout/${session.id}`);
    expect(paid).toMatchObject({ status: 200, body: { payment_status: 'paid' } });
    expect(came.map(({ type }) => type)).toContain('invoice.paid');
  });

  test('each renewal is told at its own instant, however far the clock goes', async () => {
    const { came, walk, subscribe } = await machine();
    await subscribe();
    came.length = 0;
    await walk({ toMs: Date.UTC(2027, 3, 1) }, true);
    const paid = came.filter(({ type }) => type === 'invoice.paid').map(({ atMs }) => new Date(atMs).toISOString());
    expect(paid).toEqual(['2027-02-28T13:00:00.000Z', '2027-03-31T13:00:00.000Z']);
    expect(came.every(({ atMs, createdMs }) => atMs === createdMs)).toBe(true);
  });

  test('a delivery that is not answered with 2xx, or not in time, comes again on the clock', async () => {
    const { came, walk, webhook, sdk, control } = await machine();
    webhook.status = () => 500;
    await sdk.customers.create({}, { idempotencyKey: 'a' });
    await control('GET', '/events');
    webhook.status = () => new Promise<number>(() => undefined);
    await walk({ advanceSeconds: 60 }, true);
    webhook.status = () => 200;
    await walk({ advanceSeconds: 3600 }, true);
    expect(came.map(({ atMs }) => (atMs - START_MS) / 60_000)).toEqual([0, 1, 6]);
    const { body } = await control('GET', '/events');
    expect(body).toMatchObject({ events: [{ delivery: { attempts: 3, delivered: true, lastStatus: 200 } }] });
  });

  test('a webhook may ask Stripe for something itself: the events of that come too', async () => {
    const { came, webhook, sdk, subscribe, control } = await machine();
    webhook.status = async (event) => {
      if (event.type === 'checkout.session.completed')
        await sdk.customers.create({ name: 'asked by the webhook' }, { idempotencyKey: event.id });
      return 200;
    };
    await subscribe();
    await control('GET', '/events');
    expect(came.filter(({ type }) => type === 'customer.created')).toHaveLength(2);
  });

  test('closing waits for no webhook', async () => {
    const { webhook, sdk, close, came } = await machine();
    const begun = new Promise<void>((resolve) => {
      webhook.status = () => {
        resolve();
        return new Promise<number>(() => undefined);
      };
    });
    await sdk.customers.create({}, { idempotencyKey: 'a' });
    await begun;
    await close();
    expect(came).toHaveLength(1);
  });

  test('years pass in one step', async () => {
    const { came, walk, subscribe, clock } = await machine();
    await subscribe();
    await walk({ toMs: START_MS + 3 * 365 * DAY_MS }, true);
    expect(clock.now()).toBe(START_MS + 3 * 365 * DAY_MS);
    expect(came.filter(({ type }) => type === 'invoice.paid')).toHaveLength(36);
  });
});
