import Stripe from 'stripe';
import { once } from './buying-options.ts';
import { HEARD_EVENTS } from './event-facts.ts';
import type { SetupChange } from './setup-change.ts';
import { lookupKeyOf, markOf, productIdOf } from './setup-items.ts';
import { portalFeatures } from './setup-portal.ts';
import type { StripeClient } from './stripe-client.ts';

/**
 * Does one change; answers with the signing secret where it has made the endpoint, which Stripe shows then and never again.
 *
 * `attemptId` is new for each run: it makes the SDK's retries one call. A key that was the same from run to run would give the old answer
 * for a day after somebody has deleted what it made; between runs, what is there is looked for.
 */
export const carryOut = async (
  stripe: StripeClient,
  change: SetupChange,
  attemptId: string,
): Promise<string | null> => {
  const key = (what: string) => once(`setup:${attemptId}:${change.does}:${what}`);
  switch (change.does) {
    case 'create_product': {
      const { item } = change;
      await stripe.products.create({ id: productIdOf(item), name: item.name, metadata: markOf(item) }, key(item.id));
      return null;
    }
    case 'update_product': {
      const { item } = change;
      await stripe.products.update(productIdOf(item), { name: item.name, active: true }, key(item.id));
      return null;
    }
    case 'create_price': {
      const { item, transfer } = change;
      const { amount, currency, interval } = item;
      const params = {
        product: productIdOf(item),
        unit_amount: amount,
        currency,
        ...(interval !== null && { recurring: { interval } }),
        lookup_key: lookupKeyOf(item),
        ...(transfer && { transfer_lookup_key: true }),
        metadata: markOf(item),
      };
      await stripe.prices.create(params, key(item.id));
      return null;
    }
    case 'use_price': {
      const { item, priceId } = change;
      const params = { active: true, lookup_key: lookupKeyOf(item), transfer_lookup_key: true };
      await stripe.prices.update(priceId, params, key(item.id));
      return null;
    }
    case 'update_portal': {
      const { configurationId: id, pauses } = change;
      await stripe.billingPortal.configurations.update(id, { features: portalFeatures(pauses) }, key(id));
      return null;
    }
    case 'create_webhook': {
      const params = {
        url: change.url,
        enabled_events: [...HEARD_EVENTS],
        api_version: Stripe.API_VERSION,
        description: 'credits: what was paid, refunded, disputed',
      };
      const { secret } = await stripe.webhookEndpoints.create(params, key('endpoint'));
      if (secret === undefined) throw new Error('Stripe has made the endpoint and not shown its secret');
      return secret;
    }
    case 'update_webhook': {
      const { endpointId: id } = change;
      await stripe.webhookEndpoints.update(id, { enabled_events: [...HEARD_EVENTS], disabled: false }, key(id));
      return null;
    }
  }
};
