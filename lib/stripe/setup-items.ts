import type Stripe from 'stripe';
import type { Catalog } from '../domain/catalog.ts';

/** What Stripe is to sell: a plan or a pack of the catalog, as a product with one price. */
export interface SoldItem {
  readonly id: string;
  readonly name: string;
  /** In the currency's smallest unit. */
  readonly amount: number;
  readonly currency: string;
  /** `null`: bought once. */
  readonly interval: 'month' | 'year' | null;
}

/** Every plan and pack with a price, in the catalog's order: those not listed too, because they still renew. */
export const soldItems = ({ plans, packs }: Catalog): readonly SoldItem[] => [
  ...plans.flatMap(({ id, name, price }) => (price === null ? [] : [{ id, name, ...price }])),
  ...packs.map(({ id, name, price }) => ({ id, name, ...price, interval: null })),
];

/** An id of our own choosing: a product is made once under it, whatever answer is lost. */
export const productIdOf = (item: SoldItem): string => `credits_${item.id}`;
/** Stands at the price that is sold now. */
export const lookupKeyOf = (item: SoldItem): string => `credits_${item.id}`;

/** What tells a product and a price of ours from anybody else's in the account. */
const MARK = 'creditsItem';
export const markOf = (item: SoldItem): Record<string, string> => ({ [MARK]: item.id });
export const isOurs = ({ metadata }: { readonly metadata: Stripe.Metadata }, item: SoldItem): boolean =>
  metadata[MARK] === item.id;

/** Whether a price asks what the catalog asks. */
export const isAsked = ({ unit_amount, currency, recurring }: Stripe.Price, item: SoldItem): boolean =>
  unit_amount === item.amount &&
  currency === item.currency &&
  (recurring?.interval ?? null) === item.interval &&
  (recurring === null || recurring.interval_count === 1);
