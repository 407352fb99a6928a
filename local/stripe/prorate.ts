import { SECOND_MS } from '../../lib/domain/time.ts';
import type { Moment } from './moment.ts';
import type { InvoiceLine, Subscription } from './money-records.ts';
import { newId } from './new-id.ts';
import type { Price } from './records.ts';

/** What the subscription's item was last billed with: what an unused part is credited against. */
const billedLine = ({ db }: Moment, subscription: Subscription): InvoiceLine['credits'] => {
  for (const invoice of [...db.invoices.all()].reverse()) {
    if (invoice.subscriptionId !== subscription.id) continue;
    const line = invoice.lines.find((one) => one.amount > 0 && one.priceId === subscription.item.priceId);
    if (line !== undefined) return { invoiceId: invoice.id, lineId: line.id };
  }
  return null;
};

/** The part of a period's price that falls to the time after `fromS`, to the second, rounded to the smallest unit. */
const shareAfter = (amount: number, { item }: Subscription, fromS: number): number =>
  Math.round((amount * (item.periodEndS - fromS)) / (item.periodEndS - item.periodStartS));

/** Credit for the old price's unused time, and with `remaining` the new price for that same time. */
export const prorationLines = (
  moment: Moment,
  subscription: Subscription,
  from: { readonly price: Price; readonly atS: number },
  to: { readonly price: Price; readonly quantity: number } | undefined,
): InvoiceLine[] => {
  const { item } = subscription;
  const name = (price: Price): string => moment.db.products.get(price.productId)?.name ?? price.productId;
  const day = new Date(from.atS * SECOND_MS).toISOString().slice(0, 10);
  const line = (price: Price, quantity: number, amount: number, word: string): InvoiceLine => ({
    id: newId('il'),
    description: `${word} time on ${quantity} × ${name(price)} after ${day}`,
    amount,
    priceId: price.id,
    quantity,
    periodStartS: from.atS,
    periodEndS: item.periodEndS,
    subscriptionItemId: item.id,
    invoiceItemId: newId('ii'),
    credits: null,
  });
  const unused = shareAfter(from.price.amount * item.quantity, subscription, from.atS);
  const lines = [
    // Not -0, which JSON writes as 0 but a comparison does not.
    { ...line(from.price, item.quantity, 0 - unused, 'Unused'), credits: billedLine(moment, subscription) },
  ];
  if (to !== undefined) {
    const { price, quantity } = to;
    lines.push(line(price, quantity, shareAfter(price.amount * quantity, subscription, from.atS), 'Remaining'));
  }
  return lines;
};
