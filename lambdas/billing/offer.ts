import { planById } from '../../lib/catalog/catalog.ts';
import type { Order } from '../../lib/domain/billing.ts';
import { invalid, type Refusal } from '../../lib/domain/refusal.ts';
import { priceOf } from '../../lib/domain/sold-price.ts';
import { notSold } from '../../lib/domain/standing.ts';
import type { BillingDeps } from './dependencies.ts';

/** What is sold, at what price: an order yet to be placed. */
export type Offer = Pick<Order, 'item' | 'priceId' | 'amount' | 'currency'>;

/** Orders of an account are told apart by it: one plan at a time, one open page for each pack. */
export const slotOf = ({ kind, id }: Order['item']): string => (kind === 'plan' ? 'plan' : id);

const planOffer = ({ catalog, prices }: BillingDeps, planId: string): Offer | Refusal => {
  const plan = planById(catalog, planId);
  const price = priceOf(prices, planId);
  const why = notSold(plan, prices);
  if (plan === undefined || price === undefined || why !== null) return invalid('planId', why ?? 'is not sold here');
  return offered({ kind: 'plan', id: planId, credits: plan.creditsPerCycle }, price);
};

const packOffer = ({ catalog, prices }: BillingDeps, packId: string): Offer | Refusal => {
  const pack = catalog.packs.find(({ id }) => id === packId);
  const price = priceOf(prices, packId);
  if (pack === undefined) return invalid('packId', 'is not in the catalog');
  if (price === undefined) return invalid('packId', 'is not sold here');
  return offered({ kind: 'pack', id: packId, credits: pack.credits }, price);
};

const offered = (
  item: Order['item'],
  { priceId, amount, currency }: Pick<Order, 'priceId' | 'amount' | 'currency'>,
): Offer => ({ item, priceId, amount, currency });

/** What somebody wants to buy. Refuses with `validation_failed` what is not for sale, at its path. */
export const offerOf = (
  deps: BillingDeps,
  { planId, packId }: { readonly planId?: string | undefined; readonly packId?: string | undefined },
): Offer | Refusal => {
  if (planId !== undefined) return planOffer(deps, planId);
  return packId === undefined ? invalid('$', 'needs planId or packId') : packOffer(deps, packId);
};
