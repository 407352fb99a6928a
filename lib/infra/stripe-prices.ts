import * as z from 'zod/mini';
import type { Catalog, Money } from '../domain/catalog.ts';

/** A Stripe price of a stage and what it sells, as the context names it and the functions read it (`STRIPE_PRICES`). */
export interface ListedPrice extends Money {
  /** A plan's or a pack's id in the catalog. */
  readonly item: string;
  readonly price: string;
}

const listed = z.strictObject(
  {
    item: z.string(),
    price: z.string().check(z.regex(/^price_\w{1,250}$/, 'a price id of Stripe: price_…')),
    amount: z.int('whole cents').check(z.gte(1, 'whole cents')),
    currency: z.string().check(z.regex(/^[a-z]{3}$/, 'a currency as Stripe writes it: usd')),
  },
  'item, price, amount, currency, and nothing else',
);
// Lambda takes 4 KB of environment.
const list = z.array(listed).check(z.maxLength(30, 'at most 30: leave out what no subscription renews by any more'));
const byStage = z.strictObject({ dev: z.optional(z.unknown()), prod: z.optional(z.unknown()) }, 'dev and prod only');

const refusal = (why: string, options?: ErrorOptions) => new Error(`CDK context stripePrices:\n${why}`, options);

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw refusal('not JSON', { cause });
  }
};

const parsedBy = <T>(schema: z.ZodMiniType<T>, value: unknown): T => {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw refusal(z.prettifyError(parsed.error));
  return parsed.data;
};

/** What a stage must not sell by. An item's first price is the one sold now; the others are of before, and still renew. */
const faultsOf = (prices: readonly ListedPrice[], { plans, packs }: Catalog): readonly string[] => {
  const listed = [...plans.filter((plan) => plan.listed), ...packs];
  const current = (item: string) => prices.find((one) => one.item === item);
  return [
    ...prices.flatMap(({ item, price }, at) => [
      ...([...plans, ...packs].some(({ id, price: asked }) => id === item && asked !== null)
        ? []
        : [`${item}: the catalog has no such plan or pack with a price`]),
      ...(prices.findIndex((other) => other.price === price) === at ? [] : [`${price} is listed twice`]),
    ]),
    ...listed.flatMap(({ id, price }) => (price !== null && !current(id) ? [`${id} has no price`] : [])),
    ...[...plans, ...packs].flatMap(({ id, price: asked }) => {
      const sold = current(id);
      if (!asked || !sold || (asked.amount === sold.amount && asked.currency === sold.currency)) return [];
      return [`${id} is ${asked.amount} ${asked.currency} in the catalog, ${sold.amount} ${sold.currency} at Stripe`];
    }),
  ];
};

/**
 * The prices of a stage out of the context's `stripePrices`: a list, or lists by stage (`{"dev": […], "prod": […]}`), or either as JSON
 * text. None: nothing is sold. Throws with every fault, among them an item sold at another price than the catalog names, and a listed
 * plan or pack left out.
 */
export const readStripePrices = (given: unknown, stage: 'dev' | 'prod', catalog: Catalog): readonly ListedPrice[] => {
  const value = typeof given === 'string' ? jsonOf(given) : (given ?? []);
  const prices = parsedBy(list, Array.isArray(value) ? value : (parsedBy(byStage, value)[stage] ?? []));
  const faults = prices.length === 0 ? [] : faultsOf(prices, catalog);
  if (faults.length > 0) throw refusal(faults.join('\n'));
  return prices;
};
