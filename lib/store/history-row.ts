import * as z from 'zod/mini';
import { GRANT_KINDS } from '../domain/account.ts';
import type { Entry } from '../domain/entry.ts';
import type { HistoryLine } from '../domain/history-line.ts';
import { recordFromRow } from './record-row.ts';

const kind = z.enum(GRANT_KINDS);
const entryRow = z.object({
  sk: z.string(),
  ordinal: z.int(),
  atMs: z.int(),
  kind: z.enum(['grant', 'expiry', 'reset', 'refund', 'clawback', 'adjustment']),
  changes: z.array(
    z.object({
      grantId: z.int(),
      kind,
      credits: z.int(),
      granted: z.optional(z.int()),
      expiresAtMs: z.optional(z.int()),
    }),
  ),
  reason: z.string(),
  actor: z.optional(z.string()),
  note: z.optional(z.string()),
  runUuid: z.optional(z.string()),
  planId: z.optional(z.string()),
  packId: z.optional(z.string()),
  payment: z.optional(z.string()),
  shortfall: z.optional(z.int()),
});

const anyLine = z.object({ kind: z.string(), sk: z.string() });

/** Reads a line back, be it a run's record or an entry; throws where it is neither. */
export const lineFromRow = (item: unknown): HistoryLine => {
  const { kind: what, sk } = anyLine.parse(item);
  if (what === 'run') return { line: 'run', place: sk, record: recordFromRow(item) };
  const { sk: _, ...row } = entryRow.parse(item);
  return { line: 'entry', place: sk, entry: withoutUndefined(row) };
};

/** zod marks what is absent as possibly undefined; an entry leaves it out. */
const withoutUndefined = (row: Omit<z.infer<typeof entryRow>, 'sk'>): Entry => {
  const { actor, note, runUuid, planId, packId, payment, shortfall, changes, ...rest } = row;
  return {
    ...rest,
    changes: changes.map(({ granted, expiresAtMs, ...change }) => ({
      ...change,
      ...(granted === undefined ? {} : { granted }),
      ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
    })),
    ...(actor === undefined ? {} : { actor }),
    ...(note === undefined ? {} : { note }),
    ...(runUuid === undefined ? {} : { runUuid }),
    ...(planId === undefined ? {} : { planId }),
    ...(packId === undefined ? {} : { packId }),
    ...(payment === undefined ? {} : { payment }),
    ...(shortfall === undefined ? {} : { shortfall }),
  };
};
