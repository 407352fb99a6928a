import type { Entry } from './entry.ts';
import type { RunRecord } from './run-record.ts';

/** A line of an account's history: a run's record or an entry. Places sort by time: a run's by its estimate, an entry's by its instant. */
export type HistoryLine =
  | { readonly line: 'run'; readonly place: string; readonly record: RunRecord }
  | { readonly line: 'entry'; readonly place: string; readonly entry: Entry };
