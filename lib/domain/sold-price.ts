/** A Stripe price and what it sells. An item's first is the one sold now; the others are of before, and still renew. */
export interface SoldPrice {
  /** A plan's or a pack's id in the catalog. */
  readonly item: string;
  readonly priceId: string;
  /** In the currency's smallest unit, for each period of a plan. */
  readonly amount: number;
  readonly currency: string;
}

/** What an item is sold at now; `undefined`: this stage does not sell it. */
export const priceOf = (prices: readonly SoldPrice[], item: string): SoldPrice | undefined =>
  prices.find((price) => price.item === item);

/** What a price sells, now or once. */
export const soldBy = (prices: readonly SoldPrice[], priceId: string): SoldPrice | undefined =>
  prices.find((price) => price.priceId === priceId);
