import * as z from 'zod/mini';
import { catalog } from '../../lib/catalog/catalog.ts';
import type { Runtime } from '../../lib/http/runtime.ts';
import { paymentDependencies } from '../../lib/payments/dependencies.ts';
import type { PaymentDeps } from '../../lib/payments/payment-deps.ts';
import type { StripeClient } from '../../lib/stripe/stripe-client.ts';
import { dynamoTable } from '../dependencies.ts';

/** What buying works with. */
export interface BillingDeps extends PaymentDeps {
  readonly stripe: () => Promise<StripeClient>;
  /** Where Checkout and the portal lead back to. */
  readonly appUrl: string;
}

const environment = z.object({ APP_URL: z.string() });

/** Stops the start where the environment is not complete. */
export const billingDependencies = (runtime: Runtime): BillingDeps => {
  const { stripe, deps } = paymentDependencies(runtime, dynamoTable(runtime, catalog), catalog);
  return { ...deps, stripe, appUrl: environment.parse(runtime.env).APP_URL };
};
