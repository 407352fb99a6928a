import * as z from 'zod/mini';
import type { Shop } from './shop.ts';

/** R28: the first instant whose payments are not refunded on request. */
export const RELAUNCH = '2026-03-24T00:00:00Z';

const paid = z.object({ paymentIntentId: z.string(), customerId: z.string() });

interface Given {
  /** Whose it was, as a customer of its own says; with `customerId` as that one says. */
  readonly accountId?: string;
  readonly customerId?: string;
  readonly amount?: number;
  readonly createdAt?: string;
}

/** A payment of before the relaunch, unless told otherwise. */
export const legacyPayment = async (
  shop: Shop,
  { amount = 2500, createdAt = '2026-01-31T12:00:00Z', ...whose }: Given,
): Promise<z.infer<typeof paid>> =>
  paid.parse(await shop.control('POST', 'legacy-payments', { amount, createdAt, ...whose }));
