import type Stripe from 'stripe';
import { missing } from './api-fault.ts';
import { listOf } from './objects/list.ts';

interface Range {
  readonly gt?: number | undefined;
  readonly gte?: number | undefined;
  readonly lt?: number | undefined;
  readonly lte?: number | undefined;
}

export interface Page {
  readonly limit?: number | undefined;
  readonly starting_after?: string | undefined;
  readonly ending_before?: string | undefined;
  readonly created?: Range | undefined;
}

export const isWithin = (atS: number, range: Range = {}): boolean =>
  atS > (range.gt ?? Number.NEGATIVE_INFINITY) &&
  atS >= (range.gte ?? Number.NEGATIVE_INFINITY) &&
  atS < (range.lt ?? Number.POSITIVE_INFINITY) &&
  atS <= (range.lte ?? Number.POSITIVE_INFINITY);

/**
 * One page, newest first. `rows` are in the order in which they came, as the tables have them. The cursors are ids of rows, whether the filters let them through or
 * not; `ending_before` gives the page that ends right before it. https://docs.stripe.com/api/pagination
 */
export const pageOf = <Row extends { readonly id: string }, Shown>(
  rows: readonly Row[],
  page: Page,
  of: {
    readonly url: string;
    readonly kind: string;
    readonly show: (row: Row) => Shown;
    readonly where?: (row: Row) => boolean;
    readonly createdS?: (row: Row) => number;
  },
): Stripe.ApiList<Shown> => {
  const { createdS = () => 0 } = of;
  const newestFirst = [...rows].sort((a, b) => createdS(a) - createdS(b)).reverse();
  const { limit = 10, starting_after: after, ending_before: before, created } = page;
  const indexOf = (id: string, param: string): number => {
    const index = newestFirst.findIndex((row) => row.id === id);
    if (index === -1) throw missing(of.kind, id, param);
    return index;
  };
  const start = after === undefined ? 0 : indexOf(after, 'starting_after') + 1;
  const end = before === undefined ? newestFirst.length : indexOf(before, 'ending_before');
  const left = newestFirst
    .slice(start, end)
    .filter((row) => (of.where?.(row) ?? true) && (!of.createdS || isWithin(of.createdS(row), created)));
  const shown = before === undefined ? left.slice(0, limit) : left.slice(-limit);
  return listOf(of.url, shown.map(of.show), left.length > shown.length);
};
