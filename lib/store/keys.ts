/** Where everything of an account lives. History has a partition of its own, so that it never takes the account's write capacity. */
export const accountKey = (accountId: string) => ({ pk: `A#${accountId}`, sk: 'A' });
export const historyPartition = (accountId: string) => `H#${accountId}`;
export const historyKey = (accountId: string, place: string) => ({ pk: historyPartition(accountId), sk: place });
export const requestKey = (accountId: string, idempotencyKey: string) => ({
  pk: `I#${accountId}`,
  sk: idempotencyKey,
});
