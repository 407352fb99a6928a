import * as z from 'zod/mini';
import type { SoldPrice } from '../domain/sold-price.ts';
import { faultsOf } from '../schema/faults.ts';

const id = z.string().check(z.regex(/^[\w-]{1,255}$/, 'must be an id'));
const listed = z.array(
  z.strictObject({
    item: id,
    price: id,
    /** In the currency's smallest unit. Nothing is sold for nothing: the free plan is not bought. */
    amount: z.int().check(z.gte(1)),
    /** As Stripe writes it: `usd`. */
    currency: z.string().check(z.regex(/^[a-z]{3}$/, 'must be three small letters')),
  }),
);

const invalid = (why: string): Error => new Error(`STRIPE_PRICES: ${why}`);

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error('STRIPE_PRICES: is not JSON', { cause });
  }
};

/**
 * The stage's prices, `[{"item", "price", "amount", "currency"}]`. An item may come several times: its first is the one sold now, the
 * others still renew. Throws, naming the place, where it is not such a list or a price stands for two things.
 */
export const soldPrices = (text: string): readonly SoldPrice[] => {
  const parsed = listed.safeParse(jsonOf(text));
  if (!parsed.success) {
    const faults = faultsOf(parsed.error.issues, '');
    throw invalid(faults.map(({ path, message }) => `${path || 'it'} ${message}`).join('; '));
  }
  const twice = parsed.data.find(({ price }, at) => parsed.data.findIndex((other) => other.price === price) !== at);
  if (twice !== undefined) throw invalid(`${twice.price} is listed twice`);
  return parsed.data.map(({ item, price, amount, currency }) => ({ item, priceId: price, amount, currency }));
};
