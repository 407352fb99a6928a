import type { Context } from 'aws-lambda';
import { SECOND_MS } from '../../../lib/domain/time.ts';
import { hashed } from '../../../lib/http/request-line.ts';
import { touchAccount } from '../../../lib/store/change-account.ts';
import { type DueFor, type DuePage, readDue } from '../../../lib/store/due-accounts.ts';
import type { Table } from '../../../lib/store/table.ts';
import type { Telemetry } from '../../../lib/telemetry/telemetry.ts';

export interface Sweep {
  readonly table: Table;
  readonly now: () => number;
  /** Whether there is time for another page. */
  readonly hasTime: () => boolean;
  readonly telemetry: Pick<Telemetry, 'error' | 'count'>;
}

export interface Swept {
  readonly shard: string;
  readonly touched: number;
  /** Accounts that could not be brought up; they stay due, and the next pass finds them. */
  readonly failed: number;
  /** False where time ran out; another pass goes on from there. */
  readonly complete: boolean;
}

interface Pass extends Swept {
  /** How long the account that had been due the longest had been, when the pass began; 0 where none was. */
  readonly backlogMs: number;
}

/** Leaves the state machine time to hear the answer. */
const SPARE_MS = 5_000;
/** Whether a Lambda has time for another page. */
export const hasTime =
  ({ getRemainingTimeInMillis }: Pick<Context, 'getRemainingTimeInMillis'>) =>
  () =>
    getRemainingTimeInMillis() > SPARE_MS;

const PAGE = 100;
/** Accounts touched at once: enough to hide latency, few enough to leave the table to people. */
const AT_ONCE = 8;

const sweepShard = async (deps: Sweep, dueFor: DueFor, shard: string): Promise<Pass> => {
  const { table, hasTime, telemetry } = deps;
  const nowMs = deps.now();
  let [touched, failed, backlogMs] = [0, 0, 0];
  let next: DuePage['next'] = null;
  do {
    if (!hasTime()) return { shard, touched, failed, complete: false, backlogMs };
    const page: DuePage = await readDue(table, dueFor, shard, nowMs, PAGE, next);
    if (next === null) backlogMs = nowMs - (page.sinceMs ?? nowMs);
    const queue = [...page.accountIds];
    const work = async (): Promise<void> => {
      for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
        try {
          await touchAccount(table, id, nowMs);
          touched++;
        } catch (fault) {
          failed++;
          telemetry.error('account not swept', { dueFor, shard, account: hashed(id), fault: nameOf(fault) });
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    next = page.next;
  } while (next !== null);
  return { shard, touched, failed, complete: true, backlogMs };
};

const nameOf = (fault: unknown): string => (fault instanceof Error ? fault.name : 'unknown');

/**
 * Brings every account of a shard that is due up to now: the very touch a request would make, so that being late, doubled, half
 * done or never run changes no balance (I6). Bounded in time and memory; one account's fault does not stop the rest. A shard with nothing
 * due, which is most of them most of the time, counts nothing.
 */
export const sweep = async (deps: Sweep, dueFor: DueFor, shard: string): Promise<Swept> => {
  const { backlogMs, ...swept } = await sweepShard(deps, dueFor, shard);
  const { touched, failed } = swept;
  const backlog = Math.floor(backlogMs / SECOND_MS);
  if (touched + failed > 0)
    deps.telemetry.count({ SweepTouched: touched, SweepFailed: failed, SweepBacklogSeconds: backlog });
  return swept;
};
