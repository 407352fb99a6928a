import { DUE_INDEX } from '../../../lib/store/due-accounts.ts';
import { type Change, createMemoryTable, type MemoryTable } from './memory-table.ts';

const INDEXES = Object.values(DUE_INDEX).map(({ name, attribute }) => ({ name, hash: 'q', range: attribute }));

/** An empty table with the stack's keys and indexes. */
export const creditsTable = (
  name: string,
  now?: () => number,
  written?: (changes: readonly Change[]) => void,
): MemoryTable => createMemoryTable({ name, indexes: INDEXES }, now, written);
