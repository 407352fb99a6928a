import { randomUUID } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import * as z from 'zod/mini';
import { type Member, memberAt } from '../../bench/time/member.ts';
import { isDue, kindAt, MAX_SPENT } from '../../bench/time/member-kind.ts';
import { putRows } from '../../bench/time/put-rows.ts';
import { seenOf } from '../../bench/time/seen.ts';
import { catalog } from '../../lib/catalog/catalog.ts';
import { advance } from '../../lib/domain/advance.ts';
import type { HistoryLine } from '../../lib/domain/history-line.ts';
import { SHARDS } from '../../lib/domain/shards.ts';
import { accountToRow } from '../../lib/store/account-row.ts';
import type { Table } from '../../lib/store/table.ts';
import { Api, DAY, HOUR, MINUTE } from './api.ts';
import { countDue, killEngine, openTableOf, readAll, stopStream } from './sweep-kill-data.ts';

/** A first of March, as the accounts want it, that no real clock has passed. */
const MIDNIGHT = Date.UTC(2100, 2, 1);
const SAMPLE = 40;
/** A shard in the middle, if they are swept in any order but all at once. */
const MIDDLE = SHARDS / 2;
const ALL = Array.from({ length: SHARDS }, (_, shard) => shard);

/** So many accounts that are due by midnight, and those that rest between them. */
const membersWith = (due: number): readonly Member[] => {
  const members: Member[] = [];
  for (let at = 0, left = due; left > 0; at++) {
    const kind = kindAt(at, MAX_SPENT);
    if (isDue(kind)) left--;
    members.push(memberAt(catalog, at, kind, MIDNIGHT));
  }
  return members;
};

/** What each kind leaves in its account's history: one line each, of that kind and instant. */
const LINES: Readonly<Record<Member['kind'], readonly string[]>> = {
  rest: [],
  restPaid: [],
  spent: [`reset daily_free_credits ${MIDNIGHT}`],
  settledLate: [`reset daily_free_credits ${MIDNIGHT}`],
  monthEnds: [`reset billing_cycle ${MIDNIGHT}`],
  yearlyStepEnds: [`reset billing_cycle ${MIDNIGHT - 3 * HOUR}`],
  packExpires: [`expiry expired ${MIDNIGHT}`],
  holdLapses: [`run expired ${MIDNIGHT - HOUR}`],
  holdStaysOpen: [`reset daily_free_credits ${MIDNIGHT}`],
};
const shownLine = (line: HistoryLine): string =>
  line.line === 'run'
    ? `run ${line.record.outcome} ${line.record.atMs}`
    : `${line.entry.kind} ${line.entry.reason} ${line.entry.atMs}`;

/** What is told of each: also the hold it was seeded with, and no expiry where nothing was left. */
const eventsOf = ({ kind, account }: Member): readonly string[] => {
  const expired = (account.grants.find((grant) => grant.expiresAtMs <= MIDNIGHT)?.remaining ?? 0) > 0;
  const reset = expired ? ['credits.expired', 'credits.granted'] : ['credits.granted'];
  switch (kind) {
    case 'rest':
    case 'restPaid':
      return [];
    case 'spent':
    case 'settledLate':
    case 'monthEnds':
    case 'yearlyStepEnds':
      return reset;
    case 'packExpires':
      return ['credits.expired'];
    case 'holdLapses':
      return ['run.expired', 'run.held'];
    case 'holdStaysOpen':
      return [...reset, 'run.held'];
  }
};

const published = z.object({
  events: z.array(z.object({ id: z.string(), type: z.string(), detail: z.looseObject({ accountId: z.string() }) })),
});

/** Types of the events of each account, by different ids. */
const toldOf = async (api: Api): Promise<ReadonlyMap<string, readonly string[]>> => {
  const { body } = await api.system.request('GET', '/local/events');
  const { events } = published.parse(body);
  const told = new Map<string, string[]>();
  for (const { type, detail } of new Map(events.map((event) => [event.id, event])).values()) {
    told.set(detail.accountId, [...(told.get(detail.accountId) ?? []), type].sort());
  }
  return told;
};

const dueNow = async (table: Table): Promise<number> =>
  (await countDue(table, 'deadlines', MIDNIGHT, ALL)) + (await countDue(table, 'boundaries', MIDNIGHT, ALL));

test.each([
  { due: 10_000, told: false, it: 'balances and history' },
  { due: 300, told: true, it: 'balances, history and events' },
])(
  'a sweep over $due accounts, killed half-way with its database and started again, ends right: $it',
  {
    timeout: 300_000,
  },
  async ({ due, told }) => {
    const tableName = `sweep-${randomUUID()}`;
    const api = await Api.open({ env: { CREDITS_TABLE: tableName } });
    try {
      await api.at(MIDNIGHT - DAY / 2);
      const { dataDir } = api.system;
      let table = openTableOf(dataDir, tableName);
      // The embedded engine reads its whole stream for every write: 10,000 accounts would take it minutes.
      if (!told) await stopStream(table);
      const members = membersWith(due);
      const { tools } = table;
      await putRows(
        table.client,
        tableName,
        members.map(({ account }) => accountToRow(account, tools)),
      );
      const whole = await countDue(table, 'boundaries', MIDNIGHT, [MIDDLE]);
      api.schedules = 'on';
      const crossing = api.at(MIDNIGHT).catch((fault: unknown) => fault);
      const halfDone = async () => (await countDue(table, 'boundaries', MIDNIGHT, [MIDDLE])) < whole / 2;
      await vi.waitUntil(halfDone, { interval: 100, timeout: 150_000 });
      const killed = api.system.kill();
      killEngine(dataDir);
      await killed;
      expect(await crossing).toBeInstanceOf(TypeError);
      table.client.destroy();

      await api.system.restart();
      table = openTableOf(dataDir, tableName);
      expect(await dueNow(table)).toBeGreaterThan(0);
      const half = await readAll(table);
      expect(half.lines.size).toBeGreaterThan(0);
      expect(half.lines.size).toBeLessThan(due);

      // Some of the owners look before anything is swept again, the swept and the others.
      const sample = members.filter((_, at) => at % Math.floor(members.length / SAMPLE) === 0);
      for (const { account, midnight } of sample) {
        const { available, held, runsToday } = await api.balance(await api.user(account.id));
        expect({ available, held, runsUsed: runsToday.used }).toEqual(midnight);
      }

      const nowMs = await api.at(MIDNIGHT + 5 * MINUTE);
      expect(await dueNow(table)).toBe(0);
      const { accounts, lines } = await readAll(table);
      const found = members.map(({ account: { id } }) => {
        const stored = accounts.get(id);
        // Who rests is not written, and lies there as of noon.
        const seen = stored && seenOf(advance(stored, new Map(), catalog, nowMs).account, nowMs);
        return { id, seen, lines: (lines.get(id) ?? []).map(shownLine) };
      });
      const right = members.map(({ kind, account: { id }, midnight }) => ({ id, seen: midnight, lines: LINES[kind] }));
      expect(found).toEqual(right);

      if (told) {
        const events = await toldOf(api);
        for (const member of members) expect(events.get(member.account.id) ?? []).toEqual(eventsOf(member));
      }
      table.client.destroy();
    } finally {
      await api.stop();
    }
  },
);
