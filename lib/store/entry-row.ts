import type { Entry } from '../domain/entry.ts';
import { uuidTimePrefix } from '../domain/run-id.ts';
import { historyKey } from './keys.ts';

/** Entries of one millisecond come after its runs: `e` sorts after a UUIDv7's `7`. */
export const entryPlace = (entry: Entry): string =>
  `${uuidTimePrefix(entry.atMs)}-e${entry.ordinal.toString(16).padStart(8, '0')}`;

export const entryToRow = (accountId: string, entry: Entry): Record<string, unknown> => ({
  ...historyKey(accountId, entryPlace(entry)),
  ...entry,
});
