import type Stripe from 'stripe';

/** A whole list within an object, such as an invoice's lines. */
export const listOf = <T>(url: string, data: T[], hasMore = false): Stripe.ApiList<T> => ({
  object: 'list',
  data,
  has_more: hasMore,
  url,
});
