import type { Order } from '../domain/billing.ts';
import type { Catalog } from '../domain/catalog.ts';
import { addGrant } from '../domain/give-back.ts';
import { givenAndGone } from '../domain/given-and-gone.ts';
import type { PackPaid } from '../domain/payment-fact.ts';
import { newPayment } from '../domain/purchase.ts';
import { addMonthsMs } from '../domain/time.ts';
import { accountOfCustomer, readOrder, readPurchase } from '../store/billing.ts';
import { paymentRow, purchaseRow } from '../store/purchase-row.ts';
import { changePaid, withoutOrder } from './change-paid.ts';
import type { Applied, PaymentDeps } from './payment-deps.ts';

/** R14, for a pack the catalog has forgotten since it was offered. */
const PACK_MONTHS = 6;

const monthsOf = (catalog: Catalog, packId: string): number =>
  catalog.packs.find((pack) => pack.id === packId)?.expiresAfterMonths ?? PACK_MONTHS;

const isAsOffered = (order: Order, paid: PackPaid): boolean =>
  order.item.kind === 'pack' && order.amount === paid.subtotal && order.currency === paid.currency;

/** R14, R17: a pack that is paid is granted once, as it was offered, and ends six months after the payment, whenever that is heard of. */
export const applyPack = async (deps: PaymentDeps, paid: PackPaid): Promise<Applied> => {
  const accountId = await accountOfCustomer(deps.table, paid.customerId);
  const order = accountId === null ? null : await readOrder(deps.table, accountId, paid.orderId);
  if (accountId === null || order === null) return 'ignored';
  if (!isAsOffered(order, paid)) return 'mismatch';
  const key = `pack:${order.id}`;
  const { id: packId, credits } = order.item;
  const expiresAtMs = addMonthsMs(paid.paidAtMs, monthsOf(deps.catalog, packId));
  return changePaid(deps, accountId, async (account, billing, nowMs) => {
    if ((await readPurchase(deps.table, key)) !== null) return null;
    const grant = { kind: 'pack', granted: credits, expiresAtMs } as const;
    const line = { atMs: nowMs, kind: 'grant', reason: 'pack_purchased', packId, payment: paid.paymentId } as const;
    const step = expiresAtMs > nowMs ? addGrant(account, grant, line) : givenAndGone(account, grant, line);
    const payments = { [paid.paymentId]: newPayment(paid.amount) };
    const purchase = { key, accountId, grantId: account.nextOrdinal, credits, payments };
    const closed = withoutOrder(billing, (id) => id === order.id);
    return {
      ...step,
      ...(closed === billing ? {} : { billing: closed }),
      rows: [purchaseRow(null, purchase), paymentRow(paid.paymentId, { key, paymentId: paid.paymentId })],
    };
  });
};
