import { createHash } from 'node:crypto';

/** Parts of the due indexes: each takes 1,000 writes a second, and each is swept by itself. More can be added at any time. */
export const SHARDS = 64;

/** Where an account stands in the due indexes. */
export const shardOf = (accountId: string): string =>
  String(createHash('sha256').update(accountId).digest().readUInt32BE(0) % SHARDS);
