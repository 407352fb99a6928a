import type { IncomingMessage } from 'node:http';
import type { Catalog } from '../lib/domain/catalog.ts';
import { problem } from '../lib/http/problem.ts';
import { type Answer, json } from './http-answer.ts';
import { SECRET_IDS, type StripeSecrets } from './secrets.ts';
import type { RealStripe } from './settings.ts';
import type { Deliver } from './stripe/deliveries.ts';
import { LOCAL_STRIPE_KEY, LOCAL_WEBHOOK_SECRET } from './stripe/local-keys.ts';
import { openStripe } from './stripe/open-stripe.ts';
import type { SeededPrice } from './stripe/seed.ts';

/** Whom the functions take money through: the stand-in on this machine, or Stripe's own test mode. */
export interface Payments {
  /** For the variables that the stack gives its functions. */
  readonly values: Readonly<Record<string, string>>;
  /** What a deployment has no need of. */
  readonly endpoints: Readonly<Record<string, string>>;
  /** Answers what is below `/local/stripe/`. */
  readonly answer: (request: IncomingMessage, path: string) => Promise<Answer>;
  /** The instant of the next thing due at the stand-in after that one; `undefined` where there is none. */
  readonly nextDueMs: (afterMs: number) => number | undefined;
  /** Lets happen, and delivers, what is due up to an instant. */
  readonly advanceTo: (toMs: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

interface Item {
  readonly item: string;
  readonly product: string;
  readonly amount: number;
  readonly currency: string;
  readonly interval: SeededPrice['interval'];
}

/** All that has a price, under its id in the catalog. */
const itemsOf = ({ plans, packs }: Catalog): readonly Item[] => [
  ...plans.flatMap(({ id, name, price }) => (price === null ? [] : [{ item: id, product: name, ...price }])),
  ...packs.map(({ id, name, price }) => ({ item: id, product: name, ...price, interval: null })),
];

/** As Stripe's own ids, without a hyphen. */
const priceId = (item: string): string => `price_${item.replaceAll('-', '_')}`;

/** The secrets that go with it. */
export const stripeSecrets = (real: RealStripe | undefined): StripeSecrets =>
  real === undefined
    ? { apiKey: LOCAL_STRIPE_KEY, webhookSecrets: [LOCAL_WEBHOOK_SECRET] }
    : { apiKey: real.apiKey, webhookSecrets: [real.webhookSecret] };

const valuesWith = (prices: string, appUrl: string): Payments['values'] => ({
  STRIPE_API_KEY_SECRET_ARN: SECRET_IDS.stripeApiKey,
  STRIPE_WEBHOOK_SECRET_ARN: SECRET_IDS.stripeWebhook,
  STRIPE_PRICES: prices,
  APP_URL: appUrl,
});

const NO_STAND_IN = json(
  404,
  problem('not_found', 404, {
    detail: 'There is no stand-in for Stripe here: with STRIPE_SECRET_KEY set, payments go through Stripe itself.',
  }),
  { 'content-type': 'application/problem+json' },
);

export interface PaymentParts {
  readonly real: RealStripe | undefined;
  readonly dataDir: string;
  readonly now: () => number;
  readonly catalog: Catalog;
  /** The main server's. */
  readonly url: string;
  /** Where Checkout and the portal lead back to. */
  readonly appUrl: string;
  readonly deliver: Deliver;
}

export const openPayments = async (parts: PaymentParts): Promise<Payments> => {
  const { real, dataDir, now, catalog, url, appUrl, deliver } = parts;
  if (real !== undefined) {
    return {
      values: valuesWith(real.prices, appUrl),
      endpoints: {},
      answer: async () => NO_STAND_IN,
      nextDueMs: () => undefined,
      advanceTo: async () => {},
      close: async () => {},
    };
  }
  const items = itemsOf(catalog);
  const standIn = await openStripe({
    dataDir,
    now,
    deliver,
    publicUrl: () => url,
    prices: items.map(({ item, ...of }) => ({ id: priceId(item), ...of })),
  });
  const prices = items.map(({ item, amount, currency }) => ({ item, price: priceId(item), amount, currency }));
  return {
    values: valuesWith(JSON.stringify(prices), appUrl),
    endpoints: { STRIPE_ENDPOINT: `http://127.0.0.1:${standIn.port}` },
    answer: standIn.answer,
    nextDueMs: standIn.nextDueMs,
    advanceTo: standIn.advanceTo,
    close: standIn.close,
  };
};
