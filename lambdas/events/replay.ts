import type { CreditsEvent } from '../../lib/domain/credits-event.ts';
import type { EventType, PublishedEvent } from '../../lib/http/contract/events/event-schemas.ts';
import { shownEvent } from '../../lib/http/shown-event.ts';
import { type Row, scanPart } from '../../lib/store/scan-table.ts';
import { accountRows, eventsOfRow } from '../../lib/store/stored-event.ts';
import type { Table } from '../../lib/store/table.ts';
import { BATCH, type EventBus } from './event-bus.ts';

export interface Replaying {
  readonly table: Table;
  readonly bus: EventBus;
  /** Events put a second, at most. */
  readonly perSecond: number;
  /** Hears of a row that cannot be read, by its key; the others are told all the same. */
  readonly unreadable: (pk: string, sk: string) => void;
}

export interface Asked {
  /** `null`: everybody, by a scan of the whole table. */
  readonly accountId: string | null;
  /** Of the instants events count from; the first is included, the last is not. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly types: ReadonlySet<EventType> | null;
  /** Counts, and puts nothing. */
  readonly dryRun: boolean;
}

export type Counts = Map<EventType, number>;

const PAGE = 500;
/** Parts of the table read at once: four pages in memory, and a table that people can still use. */
const PARTS = 4;
const MOST_TRIES = 10;

const isAsked = ({ fromMs, toMs, types }: Asked, { atMs, type }: CreditsEvent): boolean =>
  (fromMs === null || atMs >= fromMs) && (toMs === null || atMs < toMs) && (types === null || types.has(type));

/** Puts ten at a time; what the bus refuses is put again, later and later, and nothing after it is left out. */
const putAll = async ({ bus, table, perSecond }: Replaying, events: readonly PublishedEvent[]): Promise<void> => {
  let tries = 0;
  for (let from = 0; from < events.length; ) {
    const batch = events.slice(from, from + BATCH);
    const refused = await bus.put(batch);
    tries = refused === 0 ? tries + 1 : 0;
    if (tries >= MOST_TRIES) throw new Error(`the bus refuses ${events[from]?.detail.id}: run the replay again later`);
    from += refused < 0 ? batch.length : refused;
    await table.pause(Math.ceil((batch.length * 1000) / perSecond) + (tries === 0 ? 0 : 50 * 2 ** tries));
  }
};

const tell = async (deps: Replaying, asked: Asked, rows: readonly Row[], counts: Counts): Promise<void> => {
  const events: PublishedEvent[] = [];
  for (const row of rows) {
    try {
      events.push(
        ...eventsOfRow(row, deps.table)
          .filter((event) => isAsked(asked, event))
          .map(shownEvent),
      );
    } catch {
      deps.unreadable(String(row['pk']), String(row['sk']));
    }
  }
  if (!asked.dryRun) await putAll(deps, events);
  for (const { type } of events) counts.set(type, (counts.get(type) ?? 0) + 1);
};

/**
 * Puts on the bus again what the table still knows to have happened: the same events with the same ids as the stream told. Cannot tell
 * `credits.low` nor the standing of a subscription, of which only the last is kept. May be run again, and over itself.
 */
export const replay = async (deps: Replaying, asked: Asked): Promise<Counts> => {
  const counts: Counts = new Map();
  if (asked.accountId !== null) {
    for await (const rows of accountRows(deps.table, asked.accountId, asked.fromMs, asked.toMs)) {
      await tell(deps, asked, rows, counts);
    }
    return counts;
  }
  const shared = { ...deps, perSecond: deps.perSecond / PARTS };
  const onePart = async (part: number): Promise<void> => {
    const pages = scanPart(deps.table, { part, of: PARTS }, { keysOnly: false, pageSize: PAGE });
    for await (const rows of pages) await tell(shared, asked, rows, counts);
  };
  await Promise.all(Array.from({ length: PARTS }, (_, part) => onePart(part)));
  return counts;
};
