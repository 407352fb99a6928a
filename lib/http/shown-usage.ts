import type * as z from 'zod/mini';
import type { Hold } from '../domain/account.ts';
import { creditsOf, type Entry } from '../domain/entry.ts';
import type { HistoryLine } from '../domain/history-line.ts';
import { uuidTimeMs } from '../domain/run-id.ts';
import { chargedBy, heldBy, heldOf, type RunRecord } from '../domain/run-record.ts';
import type { entry } from './contract/account.ts';
import type { TextReply } from './door.ts';
import { formatRunId } from './run-id.ts';
import { grantIdOf, iso } from './shown.ts';
import { shownRefund } from './shown-run.ts';

type Line = z.infer<typeof entry>;

/** A line of history with its place in it. */
export type ShownEntry = Line & { readonly place: string };

/** A run still held: set aside, not spent. */
export const holdLine = (accountId: string, hold: Hold): ShownEntry => {
  const runId = formatRunId({ accountId, runUuid: hold.runUuid });
  const held = heldOf(hold);
  return {
    place: hold.runUuid,
    id: runId,
    at: iso(uuidTimeMs(hold.runUuid)),
    kind: 'run',
    credits: 0,
    grants: hold.parts.map((part) => ({ id: grantIdOf(part.grantId), kind: part.kind, credits: 0 })),
    runId,
    tool: hold.tool,
    status: 'held',
    estimate: held,
    held,
    charged: 0,
    released: 0,
  };
};

const NOT_CHARGED: Readonly<Record<RunRecord['outcome'], string | null>> = {
  settled: null,
  failed: 'failed, not charged',
  expired: 'expired, not charged',
};

const recordLine = (accountId: string, record: RunRecord): Line => {
  const runId = formatRunId({ accountId, runUuid: record.runUuid });
  const charged = chargedBy(record);
  const why = [NOT_CHARGED[record.outcome], record.reason].filter((each) => each !== null).join(': ');
  const refund = shownRefund(record);
  return {
    id: runId,
    at: iso(uuidTimeMs(record.runUuid)),
    kind: 'run',
    credits: charged === 0 ? 0 : -charged,
    grants: record.parts.map((part) => ({
      id: grantIdOf(part.grantId),
      kind: part.kind,
      credits: part.charged === 0 ? 0 : -part.charged,
    })),
    ...(why === '' ? {} : { reason: why }),
    runId,
    tool: record.tool,
    status: record.outcome,
    estimate: heldBy(record),
    held: heldBy(record),
    charged,
    released: heldBy(record) - charged,
    endedAt: iso(record.atMs),
    ...(refund === null ? {} : { refund }),
  };
};

export const entryLine = (accountId: string, place: string, line: Entry): Line => {
  const { atMs, kind, changes, reason, actor, note, runUuid, planId, packId, payment, shortfall } = line;
  return {
    id: place,
    at: iso(atMs),
    kind,
    credits: creditsOf(line),
    grants: changes.map((change) => ({
      id: grantIdOf(change.grantId),
      kind: change.kind,
      credits: change.credits,
      ...(change.expiresAtMs === undefined ? {} : { expiresAt: iso(change.expiresAtMs) }),
    })),
    reason,
    ...(runUuid === undefined ? {} : { runId: formatRunId({ accountId, runUuid }) }),
    ...(actor === undefined ? {} : { actor }),
    ...(note === undefined ? {} : { note }),
    ...(planId === undefined ? {} : { planId }),
    ...(packId === undefined ? {} : { packId }),
    ...(payment === undefined ? {} : { payment }),
    ...(shortfall === undefined ? {} : { shortfall }),
  };
};

export const shownLine = (accountId: string, line: HistoryLine): ShownEntry => ({
  place: line.place,
  ...(line.line === 'run' ? recordLine(accountId, line.record) : entryLine(accountId, line.place, line.entry)),
});

const COLUMNS = [
  'at',
  'kind',
  'credits',
  'reason',
  'runId',
  'tool',
  'status',
  'estimate',
  'held',
  'charged',
  'released',
  'endedAt',
  'actor',
  'note',
  'payment',
  'shortfall',
  'id',
] as const satisfies readonly (keyof Line)[];

/**
 * One field of RFC 4180. A spreadsheet takes text that begins with `=`, `+`, `-` or `@` for a formula, so such text gets an
 * apostrophe in front (OWASP, CSV injection); numbers do not.
 */
const csvField = (value: string | number | undefined): string => {
  if (typeof value === 'number') return String(value);
  const text = value ?? '';
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

/** R23: the lines as CSV (RFC 4180); where there are more, `x-next-cursor` leads on. */
export const usageCsv = (entries: readonly Line[], nextCursor: string | null): TextReply => {
  const rows = entries.map((line) => COLUMNS.map((column) => csvField(line[column])).join(','));
  return {
    contentType: 'text/csv; charset=utf-8',
    text: [COLUMNS.join(','), ...rows, ''].join('\r\n'),
    headers: {
      'content-disposition': 'attachment; filename="usage.csv"',
      ...(nextCursor === null ? {} : { 'x-next-cursor': nextCursor }),
    },
  };
};
