import { touchAccount } from '../../../lib/store/change-account.ts';
import { type DueFor, type DuePage, readDue } from '../../../lib/store/due-accounts.ts';
import type { Table } from '../../../lib/store/table.ts';

export interface Sweep {
  readonly table: Table;
  readonly now: () => number;
  /** Whether there is time for another page. */
  readonly hasTime: () => boolean;
}

export interface Swept {
  readonly shard: string;
  readonly touched: number;
  /** Accounts that could not be brought up; they stay due, and the next pass finds them. */
  readonly failed: number;
  /** False where time ran out; another pass goes on from there. */
  readonly complete: boolean;
}

const PAGE = 100;
/** Accounts touched at once: enough to hide latency, few enough to leave the table to people. */
const AT_ONCE = 8;

/**
 * Brings every account of a shard that is due up to now: the very touch a request would make, so that being late, doubled, half
 * done or never run changes no balance (I6). Bounded in time and memory; one account's fault does not stop the rest.
 */
export const sweep = async ({ table, now, hasTime }: Sweep, dueFor: DueFor, shard: string): Promise<Swept> => {
  const nowMs = now();
  let [touched, failed] = [0, 0];
  let next: DuePage['next'] = null;
  do {
    if (!hasTime()) return { shard, touched, failed, complete: false };
    const page: DuePage = await readDue(table, dueFor, shard, nowMs, PAGE, next);
    const queue = [...page.accountIds];
    const work = async (): Promise<void> => {
      for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
        try {
          await touchAccount(table, id, nowMs);
          touched++;
        } catch (fault) {
          failed++;
          const name = fault instanceof Error ? fault.name : 'unknown';
          console.error(JSON.stringify({ level: 'ERROR', what: 'account not swept', dueFor, shard, fault: name }));
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    next = page.next;
  } while (next !== null);
  return { shard, touched, failed, complete: true };
};
