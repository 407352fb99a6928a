import { SECOND_MS } from '../../lib/domain/time.ts';
import type { Database } from './database.ts';

/** The instant something happens at, and what it happens to. */
export interface Moment {
  readonly db: Database;
  readonly atMs: number;
  /** The same instant in whole seconds, as Stripe's objects tell it. */
  readonly nowS: number;
  /** The API request that made it happen, if one did. */
  readonly request: { readonly id: string; readonly idempotencyKey: string | null } | null;
  /** Where the hosted pages are: `http://localhost:3000`. */
  readonly publicUrl: () => string;
}

export const momentAt = (
  db: Database,
  atMs: number,
  publicUrl: () => string,
  request: Moment['request'] = null,
): Moment => ({ db, atMs, nowS: Math.floor(atMs / SECOND_MS), request, publicUrl });
