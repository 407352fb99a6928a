import type { Account, GrantKind } from './account.ts';
import { heldOf, type RunRecord } from './run-record.ts';

export const ENTRY_KINDS = ['run', 'grant', 'expiry', 'reset', 'refund', 'clawback', 'adjustment'] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

/** What an entry does to one grant. `credits` is signed and counts remaining and held together. */
export interface Change {
  readonly grantId: number;
  readonly kind: GrantKind;
  readonly credits: number;
  /** Set where the grant begins or its size changes: by how much, signed too. */
  readonly granted?: number;
  /** Set where the grant begins or its expiry changes. */
  readonly expiresAtMs?: number;
}

/** One line of an account's history, never changed or deleted. Runs are not entries of this shape: their record is their line. */
export interface Entry {
  /** Ordinal within the account; with `atMs` its place in history. */
  readonly ordinal: number;
  readonly atMs: number;
  readonly kind: Exclude<EntryKind, 'run'>;
  readonly changes: readonly Change[];
  readonly reason: string;
  /** R29: who of support did it. */
  readonly actor?: string;
  readonly note?: string;
  readonly runUuid?: string;
  readonly planId?: string;
  readonly packId?: string;
  /** What was paid, or went back: Stripe's id of the payment intent or the invoice. */
  readonly payment?: string;
  /** R20: credits of a purchase whose money went back and that could not be taken. */
  readonly shortfall?: number;
}

export const creditsOf = (entry: Entry): number => entry.changes.reduce((total, change) => total + change.credits, 0);

/** A grant as its history tells it: what is left of it, held or not. */
export interface Replayed {
  readonly kind: GrantKind;
  granted: number;
  credits: number;
  expiresAtMs: number;
}

/** I2: an account's grants from nothing but its history. Order does not matter to the credits; pass it oldest first for expiries. */
export const replay = (entries: readonly Entry[], records: readonly RunRecord[]): Map<number, Replayed> => {
  const grants = new Map<number, Replayed>();
  for (const change of entries.flatMap((entry) => entry.changes)) {
    const grant = grants.get(change.grantId) ?? { kind: change.kind, granted: 0, credits: 0, expiresAtMs: 0 };
    grant.granted += change.granted ?? 0;
    grant.credits += change.credits;
    grant.expiresAtMs = change.expiresAtMs ?? grant.expiresAtMs;
    grants.set(change.grantId, grant);
  }
  for (const part of records.flatMap((record) => record.parts)) {
    const grant = grants.get(part.grantId);
    if (grant !== undefined) grant.credits -= part.charged;
  }
  return grants;
};

/** Where an account and its replayed history differ, one sentence each; empty where I2 holds. */
export const drift = (account: Account, replayed: ReadonlyMap<number, Replayed>): readonly string[] => {
  const faults: string[] = [];
  const held = new Map<number, number>();
  for (const part of account.holds.flatMap((hold) => hold.parts)) {
    held.set(part.grantId, (held.get(part.grantId) ?? 0) + part.credits);
  }
  const live = new Map(account.grants.map((grant) => [grant.id, grant]));
  for (const id of new Set([...live.keys(), ...replayed.keys(), ...held.keys()])) {
    const grant = live.get(id);
    const state = (grant?.remaining ?? 0) + (held.get(id) ?? 0);
    const told = replayed.get(id)?.credits ?? 0;
    if (state !== told) faults.push(`grant ${id}: the account has ${state}, its history tells ${told}`);
    if (grant !== undefined && grant.granted !== replayed.get(id)?.granted) {
      faults.push(`grant ${id}: granted ${grant.granted}, its history tells ${replayed.get(id)?.granted ?? 0}`);
    }
    if ((grant?.remaining ?? 0) < 0) faults.push(`grant ${id}: ${grant?.remaining} remaining`);
    if (grant === undefined && (held.get(id) ?? 0) > 0) faults.push(`grant ${id}: held but gone`);
  }
  for (const hold of account.holds) if (heldOf(hold) <= 0) faults.push(`run ${hold.runUuid}: holds nothing`);
  return faults;
};
