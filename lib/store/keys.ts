/** Where everything of an account lives. History has a partition of its own, so that it never takes the account's write capacity. */
const PREFIX = { account: 'A#', history: 'H#', requests: 'I#', billing: 'B#' } as const;

export const accountKey = (accountId: string) => ({ pk: PREFIX.account + accountId, sk: 'A' });
export const historyPartition = (accountId: string) => PREFIX.history + accountId;
export const historyKey = (accountId: string, place: string) => ({ pk: historyPartition(accountId), sk: place });
export const requestKey = (accountId: string, idempotencyKey: string) => ({
  pk: PREFIX.requests + accountId,
  sk: idempotencyKey,
});

/** An account's dealings with Stripe, beside the account's own item: its state, then one row for each order, notice, quote, refund, subscription undone. */
export const billingKey = (accountId: string) => ({ pk: PREFIX.billing + accountId, sk: 'B' });
export const billingRowKey = (
  accountId: string,
  what: 'order' | 'failure' | 'quote' | 'legacy' | 'undone',
  id: string,
) => ({
  pk: PREFIX.billing + accountId,
  sk: `${what}#${id}`,
});
/** Found without knowing whose they are. */
export const customerKey = (customerId: string) => ({ pk: `C#${customerId}`, sk: 'C' });
export const purchaseKey = (key: string) => ({ pk: `U#${key}`, sk: 'U' });
export const paymentKey = (paymentId: string) => ({ pk: `P#${paymentId}`, sk: 'P' });

/** Whose item it is, and which part of the account's. */
export const accountOfKey = (pk: string): { readonly accountId: string; readonly part: keyof typeof PREFIX | null } => {
  const accountId = pk.slice(2);
  if (pk.startsWith(PREFIX.account)) return { accountId, part: 'account' };
  if (pk.startsWith(PREFIX.history)) return { accountId, part: 'history' };
  if (pk.startsWith(PREFIX.billing)) return { accountId, part: 'billing' };
  return { accountId, part: pk.startsWith(PREFIX.requests) ? 'requests' : null };
};
