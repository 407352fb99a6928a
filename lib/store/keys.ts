/** Where everything of an account lives. History has a partition of its own, so that it never takes the account's write capacity. */
const PREFIX = { account: 'A#', history: 'H#', requests: 'I#' } as const;

export const accountKey = (accountId: string) => ({ pk: PREFIX.account + accountId, sk: 'A' });
export const historyPartition = (accountId: string) => PREFIX.history + accountId;
export const historyKey = (accountId: string, place: string) => ({ pk: historyPartition(accountId), sk: place });
export const requestKey = (accountId: string, idempotencyKey: string) => ({
  pk: PREFIX.requests + accountId,
  sk: idempotencyKey,
});

/** Whose item it is, and which part of the account's. */
export const accountOfKey = (pk: string): { readonly accountId: string; readonly part: keyof typeof PREFIX | null } => {
  const accountId = pk.slice(2);
  if (pk.startsWith(PREFIX.account)) return { accountId, part: 'account' };
  if (pk.startsWith(PREFIX.history)) return { accountId, part: 'history' };
  return { accountId, part: pk.startsWith(PREFIX.requests) ? 'requests' : null };
};
