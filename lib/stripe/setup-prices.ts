import type Stripe from 'stripe';
import type { SoldPrice } from '../domain/sold-price.ts';
import { again } from './buying-options.ts';
import type { SetupChange, SetupPart } from './setup-change.ts';
import { isAsked, isOurs, lookupKeyOf, productIdOf, type SoldItem } from './setup-items.ts';
import type { StripeClient } from './stripe-client.ts';

const PAGE = 100;
/** As many as Stripe takes in one call. */
const LOOKUP_KEYS = 10;

/** What Stripe has of the items. */
interface Known {
  readonly products: ReadonlyMap<string, Stripe.Product>;
  /** By item, newest first: ours only. */
  readonly prices: ReadonlyMap<string, readonly Stripe.Price[]>;
  /** By lookup key, whoever's. */
  readonly holders: ReadonlyMap<string, Stripe.Price>;
}

const productOf = ({ product }: Stripe.Price): string => (typeof product === 'string' ? product : product.id);

const readHolders = async (stripe: StripeClient, keys: readonly string[]): Promise<Map<string, Stripe.Price>> => {
  const holders = new Map<string, Stripe.Price>();
  for (let at = 0; at < keys.length; at += LOOKUP_KEYS) {
    const lookup_keys = keys.slice(at, at + LOOKUP_KEYS);
    for (const price of (await stripe.prices.list({ lookup_keys, limit: PAGE }, again)).data)
      if (price.lookup_key !== null) holders.set(price.lookup_key, price);
  }
  return holders;
};

const readKnown = async (stripe: StripeClient, items: readonly SoldItem[]): Promise<Known> => {
  const products = new Map<string, Stripe.Product>();
  const prices = new Map<string, Stripe.Price[]>();
  for (let at = 0; at < items.length; at += PAGE) {
    const ids = items.slice(at, at + PAGE).map(productIdOf);
    for (const product of (await stripe.products.list({ ids, limit: PAGE }, again)).data)
      products.set(product.id, product);
  }
  for (const item of items) {
    const product = productIdOf(item);
    if (!products.has(product)) continue;
    const own: Stripe.Price[] = [];
    for await (const price of stripe.prices.list({ product, limit: PAGE }, again))
      if (isOurs(price, item)) own.push(price);
    // Stripe lists the newest first; of one second it names no order that could be relied on.
    prices.set(item.id, own);
  }
  return { products, prices, holders: await readHolders(stripe, items.map(lookupKeyOf)) };
};

const isCurrent = (price: Stripe.Price, item: SoldItem): boolean => price.lookup_key === lookupKeyOf(item);

/** The price that asks what the catalog asks; of several, the one sold now, or one that can be. */
const priceAsked = (known: Known, item: SoldItem): Stripe.Price | undefined => {
  const asked = (known.prices.get(item.id) ?? []).filter((price) => isAsked(price, item));
  return asked.find((price) => isCurrent(price, item)) ?? asked.find(({ active }) => active) ?? asked[0];
};

const faultsOf = (known: Known, item: SoldItem): readonly string[] => {
  const [product, holder] = [known.products.get(productIdOf(item)), known.holders.get(lookupKeyOf(item))];
  return [
    ...(product !== undefined && !isOurs(product, item)
      ? [`product ${product.id} is there, and was not made for ${item.id}`]
      : []),
    ...(holder !== undefined && (productOf(holder) !== productIdOf(item) || !isOurs(holder, item))
      ? [`price ${holder.id} has the lookup key ${lookupKeyOf(item)}, and was not made for ${item.id}`]
      : []),
  ];
};

const changesOf = (known: Known, item: SoldItem): readonly SetupChange[] => {
  const product = known.products.get(productIdOf(item));
  const price = priceAsked(known, item);
  const transfer = known.holders.has(lookupKeyOf(item));
  const ofProduct: readonly SetupChange[] =
    product === undefined
      ? [{ does: 'create_product', item }]
      : product.name === item.name && product.active
        ? []
        : [{ does: 'update_product', item }];
  if (price === undefined) return [...ofProduct, { does: 'create_price', item, transfer }];
  return isCurrent(price, item) && price.active
    ? ofProduct
    : [...ofProduct, { does: 'use_price', item, priceId: price.id }];
};

/** What is to be done for every item to be sold at its price. Nothing that is not ours is ever changed. */
export const planPrices = async (stripe: StripeClient, items: readonly SoldItem[]): Promise<SetupPart> => {
  const known = await readKnown(stripe, items);
  return {
    changes: items.flatMap((item) => changesOf(known, item)),
    faults: items.flatMap((item) => faultsOf(known, item)),
    byHand: [],
  };
};

/** Whether somebody still renews at a price that was archived: left out of the stage's list, his payment would be a mismatch. */
const isRenewed = async (stripe: StripeClient, price: Stripe.Price): Promise<boolean> =>
  price.recurring !== null && (await stripe.subscriptions.list({ price: price.id, limit: 1 }, again)).data.length > 0;

/**
 * The stage's list: by item the price sold now, then those of before, newest first; archived ones only while a subscription is at one.
 * Of an item without a price at Stripe, nothing.
 */
export const readSoldPrices = async (
  stripe: StripeClient,
  items: readonly SoldItem[],
): Promise<readonly SoldPrice[]> => {
  const known = await readKnown(stripe, items);
  const listed: SoldPrice[] = [];
  for (const item of items) {
    const [own, current] = [known.prices.get(item.id) ?? [], priceAsked(known, item)];
    const before = own.filter(({ id }) => id !== current?.id);
    for (const price of [...(current === undefined ? [] : [current]), ...before]) {
      const { id: priceId, unit_amount: amount, currency } = price;
      if (amount === null || !(price.active || (await isRenewed(stripe, price)))) continue;
      listed.push({ item: item.id, priceId, amount, currency });
    }
  }
  return listed;
};
