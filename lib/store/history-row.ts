import * as z from 'zod/mini';
import { GRANT_KINDS } from '../domain/account.ts';
import type { Entry } from '../domain/entry.ts';
import type { HistoryLine } from '../domain/history-line.ts';
import { uuidTimePrefix } from '../domain/run-id.ts';
import type { RunRecord } from '../domain/run-record.ts';
import { historyKey } from './keys.ts';

const kind = z.enum(GRANT_KINDS);
const approval = z.union([
  z.object({ how: z.enum(['explicit']) }),
  z.object({ how: z.enum(['standing_rule']), ruleVersion: z.int() }),
]);
const refund = z.object({
  atMs: z.int(),
  credits: z.int(),
  reason: z.string(),
  note: z.nullable(z.string()),
  actor: z.string(),
});

const recordRow = z.object({
  sk: z.string(),
  kind: z.enum(['run']),
  outcome: z.enum(['settled', 'failed', 'expired']),
  atMs: z.int(),
  tool: z.string(),
  priceVersion: z.string(),
  approval,
  approvedAtMs: z.int(),
  firstDeadlineMs: z.int(),
  parts: z.array(z.object({ grantId: z.int(), kind, held: z.int(), charged: z.int() })),
  cost: z.nullable(z.int()),
  absorbed: z.int(),
  reason: z.nullable(z.string()),
  refund: z.nullable(refund),
});

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
});

/** Entries of one millisecond come after its runs: `e` sorts after a UUIDv7's `7`. */
export const entryPlace = (entry: Entry): string =>
  `${uuidTimePrefix(entry.atMs)}-e${entry.ordinal.toString(16).padStart(8, '0')}`;

export const recordToRow = (accountId: string, record: RunRecord): Record<string, unknown> => {
  const { runUuid, ...rest } = record;
  return { ...historyKey(accountId, runUuid), kind: 'run', ...rest };
};

export const recordFromRow = (item: unknown): RunRecord => {
  const { sk, kind: _, ...rest } = recordRow.parse(item);
  return { runUuid: sk, ...rest };
};

export const entryToRow = (accountId: string, entry: Entry): Record<string, unknown> => ({
  ...historyKey(accountId, entryPlace(entry)),
  ...entry,
});

export const lineFromRow = (item: unknown): HistoryLine => {
  const { kind: what, sk } = z.looseObject({ kind: z.string(), sk: z.string() }).parse(item);
  if (what === 'run') return { line: 'run', place: sk, record: recordFromRow(item) };
  const { sk: _, ...row } = entryRow.parse(item);
  return { line: 'entry', place: sk, entry: withoutUndefined(row) };
};

/** zod marks what is absent as possibly undefined; an entry leaves it out. */
const withoutUndefined = (row: Omit<z.infer<typeof entryRow>, 'sk'>): Entry => {
  const { actor, note, runUuid, planId, changes, ...rest } = row;
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
  };
};
