import Stripe from 'stripe';
import { onTestFinished } from 'vitest';
import * as z from 'zod/mini';
import { openFront } from '../../../local/front.ts';
import { LOCAL_STRIPE_KEY, LOCAL_WEBHOOK_SECRET } from '../../../local/stripe/local-keys.ts';
import { openStripe } from '../../../local/stripe/open-stripe.ts';

export const START_MS = Date.UTC(2027, 0, 31, 12);
export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
const TOLERANCE_S = 300;

export const PRICES = [
  { id: 'price_starter', product: 'Starter', amount: 1500, currency: 'usd', interval: 'month' },
  { id: 'price_pro', product: 'Pro', amount: 4900, currency: 'usd', interval: 'month' },
  { id: 'price_pro_yearly', product: 'Pro, paid yearly', amount: 49_000, currency: 'usd', interval: 'year' },
  { id: 'price_pack', product: '500 credits', amount: 500, currency: 'usd', interval: null },
] as const;

/** The SDK as the system uses it, but for its retries. */
export const sdk = (port: number, config: { key?: string; timeout?: number } = {}): Stripe =>
  new Stripe(config.key ?? LOCAL_STRIPE_KEY, {
    host: 'localhost',
    port,
    protocol: 'http',
    maxNetworkRetries: 0,
    telemetry: false,
    ...(config.timeout !== undefined && { timeout: config.timeout }),
  });

let keys = 0;
/** A key of our own, new each time. */
export const key = () => ({ idempotencyKey: `test-${++keys}` });

/** A stand-in with a clock that the test moves, and a receiver that verifies what it gets and answers as `status` says. */
export const openShop = async (dataDir?: string) => {
  const clock = { nowMs: START_MS };
  const received: Stripe.Event[] = [];
  const bodies: string[] = [];
  const receiver = { status: (_: Stripe.Event): number | Promise<number> => 200 };
  const standIn = await openStripe({
    ...(dataDir !== undefined && { dataDir }),
    now: () => clock.nowMs,
    deliver: async (body, header) => {
      const event = stripe.webhooks.constructEvent(
        body,
        header,
        LOCAL_WEBHOOK_SECRET,
        TOLERANCE_S,
        undefined,
        clock.nowMs,
      );
      received.push(event);
      bodies.push(body);
      return receiver.status(event);
    },
    publicUrl: () => front.url,
    prices: PRICES,
  });
  const front = await openFront(0);
  front.open((request) => standIn.answer(request, (request.url ?? '').replace(/\?.*$/, '')));
  const close = async () => {
    await front.close();
    await standIn.close();
  };
  onTestFinished(close);
  const stripe = sdk(standIn.port);

  /** One of the controls. */
  const control = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${front.url}/local/stripe${path}`, {
      method,
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { status: response.status, body: z.looseObject({}).parse(await response.json()) };
  };
  /** The clock goes from one thing due to the next, as the local server moves it. */
  const moveTo = async (toMs: number) => {
    await standIn.advanceTo(clock.nowMs);
    const next = () => standIn.nextDueMs(clock.nowMs);
    for (let due = next(); due !== undefined && due <= toMs; due = next()) {
      clock.nowMs = due;
      await standIn.advanceTo(due);
    }
    clock.nowMs = Math.max(clock.nowMs, toMs);
  };
  return {
    standIn,
    stripe,
    clock,
    received,
    bodies,
    receiver,
    url: front.url,
    control,
    close,
    moveTo,
    types: () => received.map(({ type }) => type),
    /** What has come since the last call. */
    news: async () => {
      await standIn.idle();
      return received.splice(0);
    },
  };
};

export type Shop = Awaited<ReturnType<typeof openShop>>;

/** Someone with a session for these prices. */
export const checkout = async (
  { stripe }: Shop,
  price: string,
  more: Partial<Stripe.Checkout.SessionCreateParams> = {},
): Promise<Stripe.Checkout.Session> => {
  const customer = more.customer ?? (await stripe.customers.create({ email: 'a@example.com' }, key())).id;
  return stripe.checkout.sessions.create(
    {
      mode: price === 'price_pack' ? 'payment' : 'subscription',
      customer,
      line_items: [{ price, quantity: 1 }],
      success_url: 'https://app.example.com/done?session={CHECKOUT_SESSION_ID}',
      cancel_url: 'https://app.example.com/back',
      ...more,
    },
    key(),
  );
};

/** Someone who has paid for these prices. */
export const buy = async (
  shop: Shop,
  price: string,
  more: Partial<Stripe.Checkout.SessionCreateParams> = {},
): Promise<Stripe.Checkout.Session> => {
  const session = await checkout(shop, price, more);
  await shop.control('POST', `/checkout/${session.id}/pay`, { outcome: 'paid' });
  return shop.stripe.checkout.sessions.retrieve(session.id);
};

export const idOf = (value: string | { id: string } | null | undefined): string => {
  if (value === null || value === undefined) throw new Error('no id');
  return typeof value === 'string' ? value : value.id;
};

/** A subscriber of a monthly or yearly price. */
export const subscribe = async (shop: Shop, price = 'price_starter') => {
  const session = await buy(shop, price);
  const subscription = await shop.stripe.subscriptions.retrieve(idOf(session.subscription));
  return { session, subscription, customerId: idOf(session.customer), itemId: itemOf(subscription).id };
};

export const itemOf = (subscription: Stripe.Subscription): Stripe.SubscriptionItem => {
  const [item] = subscription.items.data;
  if (item === undefined) throw new Error('no item');
  return item;
};
