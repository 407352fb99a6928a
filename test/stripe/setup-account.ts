import { catalog } from '../../lib/catalog/catalog.ts';
import type { Catalog } from '../../lib/domain/catalog.ts';
import { setUpStripe } from '../../lib/stripe/setup.ts';
import type { SetupChange } from '../../lib/stripe/setup-change.ts';
import { stripeClient } from '../../lib/stripe/stripe-client.ts';
import { LOCAL_STRIPE_KEY } from '../../local/stripe/local-keys.ts';
import { openShop, type Shop } from '../local/stripe/shop.ts';

export const URL_OF_STAGE = 'https://api.example.com/v1/webhooks/stripe';
/** What a run says that has found nothing to do. */
export const NOTHING = 'Nothing to do: Stripe is as the catalog says.';

/** The catalog with another price of a plan. */
export const priced = (planId: string, price: Partial<{ amount: number; interval: 'month' | 'year' }>): Catalog => ({
  ...catalog,
  plans: catalog.plans.map((plan) =>
    plan.id === planId && plan.price !== null ? { ...plan, price: { ...plan.price, ...price } } : plan,
  ),
});

/** A Stripe account with somebody else's products in it, and the set-up to run against it. */
export const openAccount = async () => {
  const shop = await openShop();
  // Short patience: an answer that is lost is lost at once here.
  const stripe = stripeClient({ apiKey: LOCAL_STRIPE_KEY, endpoint: `http://127.0.0.1:${shop.standIn.port}` });
  let attempts = 0;
  const secrets: string[] = [];
  const setUp = (
    given: Catalog = catalog,
    {
      onChange = () => undefined,
      webhookUrl = URL_OF_STAGE,
    }: { onChange?: (change: SetupChange) => void; webhookUrl?: string | null } = {},
  ) =>
    setUpStripe(
      { stripe, attemptId: `attempt-${++attempts}`, onChange, keepSecret: (secret) => secrets.push(secret) },
      { catalog: given, webhookUrl, live: false },
    );
  return { shop, stripe, secrets, setUp };
};

/** All that Stripe has of settings, as it answers. */
export const everything = async ({ stripe }: Pick<Shop, 'stripe'>) => ({
  products: (await stripe.products.list({ limit: 100 })).data,
  prices: (await stripe.prices.list({ limit: 100 })).data,
  portals: (await stripe.billingPortal.configurations.list({ limit: 100 })).data,
  endpoints: (await stripe.webhookEndpoints.list({ limit: 100 })).data,
});

export const itemsOf = (prices: readonly { item: string }[]) => prices.map(({ item }) => item);
/** Items of the catalog with a price, in its order. */
export const sold = ['starter', 'pro', 'pro-yearly', 'pack-500', 'pack-2000', 'pack-10000'];
