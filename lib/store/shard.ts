import { createHash } from 'node:crypto';
import { SHARDS } from '../domain/shards.ts';

/** Where an account stands in the due indexes. */
export const shardOf = (accountId: string): string =>
  String(createHash('sha256').update(accountId).digest().readUInt32BE(0) % SHARDS);
