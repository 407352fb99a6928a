import { sweep } from '../../lambdas/schedulers/sweep/sweep.ts';
import { catalog } from '../../lib/catalog/catalog.ts';
import { SHARDS } from '../../lib/domain/shards.ts';
import { MINUTE_MS } from '../../lib/domain/time.ts';
import { accountToRow } from '../../lib/store/account-row.ts';
import { readAccount, viewAccount } from '../../lib/store/account-view.ts';
import { type DueFor, readDue } from '../../lib/store/due-accounts.ts';
import { openTable, type Table } from '../../lib/store/table.ts';
import type { Own } from '../engine.ts';
import { type Member, memberAt } from './member.ts';
import { idAt, isDue, kindAt, type MemberKind } from './member-kind.ts';
import { type Memory, watchMemory } from './memory.ts';
import { putRows } from './put-rows.ts';
import { isSame, type Seen, seenOf } from './seen.ts';
import { countByKind, type Tally } from './tally.ts';

/** What is said and counted of a sweep is not looked at here. */
const telemetry = { error: () => undefined, count: () => undefined };
/** The accounts are made for a first of March. */
export const MIDNIGHT = Date.UTC(2026, 2, 1);
/** Between the deadlines of the holds that lapse and midnight. */
const HALF_PAST_ELEVEN = MIDNIGHT - 30 * MINUTE_MS;
const SAMPLE = 2_000;
const READERS = 16;
/** Shards between two looks at the memory. */
const LOOK_EVERY = 8;

export interface Pass {
  readonly workers: number;
  readonly touched: number;
  readonly seconds: number;
}

/** Accounts out of a sample that were seen as they should not be. */
export interface Stale {
  readonly looked: number;
  readonly lastMillisecond: number;
  readonly midnight: number;
  readonly afterSweep: number;
  /** Whose item, as it lies there at midnight, says something else than what its owner sees. */
  readonly itemsBehind: number;
}

export interface Crossing {
  readonly accounts: number;
  readonly due: number;
  readonly dueByKind: ReadonlyMap<MemberKind, number>;
  readonly seedSeconds: number;
  readonly stale: Stale;
  /** Holds past their deadline, half an hour before midnight. */
  readonly deadlines: { readonly tally: Tally; readonly touched: number; readonly seconds: number };
  /** Midnight. */
  readonly boundaries: { readonly tally: Tally; readonly passes: readonly Pass[] };
  readonly failed: number;
  readonly left: number;
  readonly second: { readonly tally: Tally; readonly touched: number };
  readonly memory: { readonly seeded: Memory; readonly swept: Memory };
}

const seconds = async (work: () => Promise<void>): Promise<number> => {
  const startMs = performance.now();
  await work();
  return (performance.now() - startMs) / 1000;
};

const atOnce = async (workers: number, count: number, work: (at: number) => Promise<void>): Promise<void> => {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: workers }, worker));
};

/** Numbers spread over all accounts, by the golden ratio, so that they meet every kind as often as it occurs. */
const sampleOf = (accounts: number): readonly number[] => {
  const golden = (Math.sqrt(5) - 1) / 2;
  return Array.from({ length: Math.min(SAMPLE, accounts) }, (_, index) =>
    Math.floor(((index * golden) % 1) * accounts),
  );
};

/** Makes so many accounts, lets them cross midnight, and only then sweeps them. `spent` is the share that spent free credits. */
export const cross = async (
  own: Own,
  accounts: number,
  spent: number,
  workers: readonly number[],
): Promise<Crossing> => {
  const table: Table = openTable(own.client, own.table, catalog);
  const kindOf = (at: number) => kindAt(at, spent);
  const member = (at: number): Member => memberAt(catalog, at, kindOf(at), MIDNIGHT);
  const memory = watchMemory();

  const dueByKind = new Map<MemberKind, number>();
  const seedSeconds = await seconds(async () => {
    const rows = function* () {
      for (let at = 0; at < accounts; at++) {
        const kind = kindOf(at);
        if (isDue(kind)) dueByKind.set(kind, (dueByKind.get(kind) ?? 0) + 1);
        yield accountToRow(member(at).account, table.tools);
      }
    };
    await putRows(own.client, own.table, rows());
  });
  memory.look();
  const seeded = memory.take();

  const sample = sampleOf(accounts);
  const wrongAt = async (nowMs: number, expected: (each: Member) => Seen): Promise<number> => {
    let wrong = 0;
    await atOnce(READERS, sample.length, async (index) => {
      const at = sample[index] ?? 0;
      const { account } = await viewAccount(table, idAt(at), nowMs);
      if (!isSame(seenOf(account, nowMs), expected(member(at)))) wrong++;
    });
    return wrong;
  };
  const behind = async (): Promise<number> => {
    let wrong = 0;
    await atOnce(READERS, sample.length, async (index) => {
      const at = sample[index] ?? 0;
      const stored = await readAccount(table, idAt(at));
      const { available, held, runsUsed } = member(at).midnight;
      const all = stored?.grants.reduce((sum, grant) => sum + grant.remaining, 0);
      if (all !== available || stored?.runs.used !== runsUsed || (stored.holds.length > 0 && held === 0)) wrong++;
    });
    return wrong;
  };
  const lastMillisecond = await wrongAt(MIDNIGHT - 1, (each) => each.lastMillisecond);
  const midnight = await wrongAt(MIDNIGHT, (each) => each.midnight);
  const itemsBehind = await behind();

  const count = countByKind(own.client, kindOf);
  let failed = 0;
  let swept = 0;
  const sweepShards = async (dueFor: DueFor, shards: readonly number[], atATime: number, nowMs: number) => {
    let touched = 0;
    const took = await seconds(() =>
      atOnce(atATime, shards.length, async (index) => {
        const shard = String(shards[index]);
        const done = await sweep({ table, now: () => nowMs, hasTime: () => true, telemetry }, dueFor, shard);
        touched += done.touched;
        failed += done.failed;
        if (++swept % LOOK_EVERY === 0) memory.look();
      }),
    );
    return { touched, seconds: took };
  };
  const every = Array.from({ length: SHARDS }, (_, shard) => shard);
  const most = Math.max(...workers);

  const deadlines = { ...(await sweepShards('deadlines', every, most, HALF_PAST_ELEVEN)), tally: count.take() };
  const passes: Pass[] = [];
  for (const [turn, atATime] of workers.entries()) {
    const dealt = every.filter((shard) => shard % workers.length === turn);
    passes.push({ workers: atATime, ...(await sweepShards('boundaries', dealt, atATime, MIDNIGHT)) });
  }
  const boundaries = { tally: count.take(), passes };
  memory.look();
  const sweptMemory = memory.take();

  let left = 0;
  for (const shard of every) {
    for (const dueFor of ['deadlines', 'boundaries'] as const) {
      left += (await readDue(table, dueFor, String(shard), MIDNIGHT, 100, null)).accountIds.length;
    }
  }
  count.take();
  const again = [
    await sweepShards('deadlines', every, most, MIDNIGHT),
    await sweepShards('boundaries', every, most, MIDNIGHT),
  ];
  const second = { tally: count.take(), touched: again.reduce((sum, { touched }) => sum + touched, 0) };
  const afterSweep = await wrongAt(MIDNIGHT, (each) => each.midnight);
  memory.close();
  return {
    accounts,
    due: [...dueByKind.values()].reduce((sum, each) => sum + each, 0),
    dueByKind,
    seedSeconds,
    stale: { looked: sample.length, lastMillisecond, midnight, afterSweep, itemsBehind },
    deadlines,
    boundaries,
    failed,
    left,
    second,
    memory: { seeded, swept: sweptMemory },
  };
};
