import * as z from 'zod/mini';
import type { Account } from '../../lib/domain/account.ts';
import { invalid, isRefusal, type Refusal } from '../../lib/domain/refusal.ts';
import type { Command } from '../../lib/http/command.ts';
import { type listUsage, MAX_CSV_LINES, MAX_PAGE } from '../../lib/http/contract/account.ts';
import type { TextReply } from '../../lib/http/door.ts';
import { holdLine, type ShownEntry, shownLine, usageCsv } from '../../lib/http/shown-usage.ts';
import { touchAccount } from '../../lib/store/change-account.ts';
import { type HistoryQuery, placesOf, readHistory } from '../../lib/store/history.ts';
import type { Dependencies } from '../dependencies.ts';

type Asked = Command<unknown, z.infer<typeof listUsage.query>, unknown>;
type Page = z.infer<typeof listUsage.reply>;

const DEFAULT_LIMIT = { json: 20, csv: MAX_CSV_LINES } as const;

/** A cursor is bound to its account and its filters: elsewhere it is unknown. */
const cursorPayload = z.object({ accountId: z.string(), filter: z.string(), before: z.string() });

const queryOf = async (deps: Dependencies, { caller, query }: Asked): Promise<HistoryQuery | Refusal> => {
  const limit = query.limit ?? DEFAULT_LIMIT[query.format];
  if (query.format === 'json' && limit > MAX_PAGE) return invalid('query.limit', `at most ${MAX_PAGE} lines a page`);
  const asked = {
    before: null,
    kind: query.kind ?? null,
    fromMs: query.from === undefined ? null : Date.parse(query.from),
    toMs: query.to === undefined ? null : Date.parse(query.to),
    limit,
  };
  if (query.cursor === undefined) return asked;
  const cursor = cursorPayload.safeParse(await deps.signer.open('cursor', query.cursor));
  const known = cursor.success && cursor.data.accountId === caller.sub && cursor.data.filter === filterOf(asked);
  return known ? { ...asked, before: cursor.data.before } : invalid('query.cursor', 'is not a cursor of this list');
};

const filterOf = ({ kind, fromMs, toMs }: HistoryQuery): string => JSON.stringify([kind, fromMs, toMs]);

/** Runs still held are lines too: they are on the account, not yet in its history. */
const heldLines = (account: Account, query: HistoryQuery): readonly ShownEntry[] => {
  const { low, high } = placesOf(query);
  if (query.kind !== null && query.kind !== 'run') return [];
  return account.holds
    .filter(({ runUuid }) => low <= runUuid && runUuid <= high && runUuid !== query.before)
    .map((hold) => holdLine(account.id, hold));
};

/**
 * R23: every change as a line, newest first; what time has done since the last touch is written first, so that nothing is
 * missing. Refuses a cursor that is unknown, foreign or of other filters with `validation_failed`.
 */
export const usage = async (deps: Dependencies, asked: Asked): Promise<Page | TextReply | Refusal> => {
  const query = await queryOf(deps, asked);
  if (isRefusal(query)) return query;
  const accountId = asked.caller.sub;
  const account = await touchAccount(deps.table, accountId, deps.now());
  const { lines, next } = await readHistory(deps.table, accountId, query);
  const told = lines.map((line) => shownLine(accountId, line));
  const known = new Set(told.map((line) => line.place));
  const held = heldLines(account, query).filter(({ place }) => !known.has(place) && (next === null || place > next));
  const merged = [...told, ...held].sort((a, b) => (a.place < b.place ? 1 : -1));
  const page = merged.slice(0, query.limit);
  const before = merged.length > query.limit ? page.at(-1)?.place : (next ?? undefined);
  const cursor = { accountId, filter: filterOf(query), before };
  const nextCursor = before === undefined ? null : await deps.signer.sign('cursor', cursor);
  const entries = page.map(({ place: _, ...entry }) => entry);
  return asked.query.format === 'csv' ? usageCsv(entries, nextCursor) : { entries, nextCursor };
};
