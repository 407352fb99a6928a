import { SECOND_MS } from '../../lib/domain/time.ts';
import type { Database } from './database.ts';

/** A price that is there from the start, under this very id. */
export interface SeededPrice {
  readonly id: string;
  /** The product's name. */
  readonly product: string;
  /** In the currency's smallest unit. */
  readonly amount: number;
  readonly currency: string;
  /** `null`: bought once. */
  readonly interval: 'day' | 'week' | 'month' | 'year' | null;
}

/** What is there from the start: the prices as they are configured now, and a portal configuration to fall back on. */
export const seed = (db: Database, nowMs: number, prices: readonly SeededPrice[]): void => {
  const createdS = Math.floor(nowMs / SECOND_MS);
  for (const { id, product, amount, currency, interval } of prices) {
    const productId = `prod_${id}`;
    const named = db.products.get(productId);
    db.products.put({
      id: productId,
      createdS: named?.createdS ?? createdS,
      updatedS: createdS,
      name: product,
      description: null,
      active: true,
      metadata: named?.metadata ?? {},
      defaultPriceId: id,
    });
    const priced = db.prices.get(id);
    db.prices.put({
      id,
      createdS: priced?.createdS ?? createdS,
      productId,
      active: true,
      currency,
      amount,
      interval,
      intervalCount: 1,
      lookupKey: priced?.lookupKey ?? null,
      nickname: null,
      taxBehavior: 'unspecified',
      metadata: priced?.metadata ?? {},
    });
  }
  if (db.portalConfigurations.all().some(({ isDefault }) => isDefault)) return;
  db.portalConfigurations.put({
    id: 'bpc_default',
    createdS,
    updatedS: createdS,
    name: null,
    active: true,
    isDefault: true,
    headline: null,
    privacyPolicyUrl: null,
    termsOfServiceUrl: null,
    defaultReturnUrl: null,
    features: { customerUpdates: [], invoiceHistory: true, paymentMethodUpdate: true },
    metadata: {},
  });
};
