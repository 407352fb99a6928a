import * as z from 'zod/mini';
import type { Catalog } from '../domain/catalog.ts';
import type { Runtime } from '../http/runtime.ts';
import type { Table } from '../store/table.ts';
import { askStripe } from '../stripe/ask-stripe.ts';
import { soldPrices } from '../stripe/sold-prices.ts';
import { stripeAccess } from '../stripe/stripe-access.ts';
import type { StripeClient } from '../stripe/stripe-client.ts';
import type { PaymentDeps } from './payment-deps.ts';

const environment = z.object({
  STRIPE_API_KEY_SECRET_ARN: z.string(),
  STRIPE_PRICES: z.string(),
  /** Another address than Stripe's own. */
  STRIPE_ENDPOINT: z.optional(z.string()),
});

export interface Payments {
  readonly deps: PaymentDeps;
  /** Stripe with the key as it is now; read when it is first needed. */
  readonly stripe: () => Promise<StripeClient>;
}

/** Stops the start where the environment is not complete or the prices are not a list of prices. */
export const paymentDependencies = (runtime: Runtime, table: Table, catalog: Catalog): Payments => {
  const { STRIPE_API_KEY_SECRET_ARN, STRIPE_PRICES, STRIPE_ENDPOINT } = environment.parse(runtime.env);
  const stripe = stripeAccess(runtime, STRIPE_API_KEY_SECRET_ARN, STRIPE_ENDPOINT);
  const { now } = runtime;
  return { stripe, deps: { table, catalog, prices: soldPrices(STRIPE_PRICES), ask: askStripe(stripe, now), now } };
};
