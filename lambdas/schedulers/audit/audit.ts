import { hasAccount, type Part, type Row, scanPart, subjectOf } from '../../../lib/store/scan-table.ts';
import type { Table } from '../../../lib/store/table.ts';
import { type Audited, auditAccount, auditPurchase } from './audit-account.ts';

export interface Auditing {
  readonly table: Table;
  /** Whether there is time for another page. */
  readonly hasTime: () => boolean;
  /** Hears of each account or purchase with which something is wrong. */
  readonly drifted: (found: Audited) => void;
  /** Hears of each that could not be read for another reason; the rest goes on. */
  readonly failed: (what: string, fault: unknown) => void;
}

export interface Checked {
  readonly accounts: number;
  readonly purchases: number;
  readonly lines: number;
  /** Accounts and purchases with which something is wrong. */
  readonly drift: number;
  /** Left for another time: written again and again, or not readable. */
  readonly left: number;
  /** False where time ran out. */
  readonly complete: boolean;
}

export const NOTHING: Checked = { accounts: 0, purchases: 0, lines: 0, drift: 0, left: 0, complete: true };

export const added = (a: Checked, b: Checked): Checked => ({
  accounts: a.accounts + b.accounts,
  purchases: a.purchases + b.purchases,
  lines: a.lines + b.lines,
  drift: a.drift + b.drift,
  left: a.left + b.left,
  complete: a.complete && b.complete,
});

const PAGE = 200;
/** Accounts read at once: enough to hide latency, few enough to leave the table, and the memory, to people. */
const AT_ONCE = 8;

interface Task {
  readonly what: string;
  readonly is: 'accounts' | 'purchases';
  readonly look: () => Promise<Audited | null>;
}

/** An account for its item; for its history only where the item is gone; a purchase for its row. */
const tasksOf = (table: Table, rows: readonly Row[], seen: { history: string | null }): readonly Task[] =>
  rows.flatMap((row): Task[] => {
    const subject = subjectOf(row);
    if (subject === null) return [];
    if (subject.is === 'purchase') {
      const { key } = subject;
      return [{ what: key, is: 'purchases', look: () => auditPurchase(table, key) }];
    }
    const { accountId } = subject;
    const look = () => auditAccount(table, accountId);
    if (subject.is === 'account') return [{ what: accountId, is: 'accounts', look }];
    // The lines of one history stand together.
    if (seen.history === accountId) return [];
    seen.history = accountId;
    const orphan = async () => ((await hasAccount(table, accountId)) ? null : look());
    return [{ what: accountId, is: 'accounts', look: orphan }];
  });

/** Every account and purchase of a part of the table against its history. Bounded in time and memory; writes nothing. */
export const auditPart = async (deps: Auditing, part: Part): Promise<Checked> => {
  const { table, hasTime } = deps;
  const seen = { history: null };
  let checked = NOTHING;
  for await (const rows of scanPart(table, part, { keysOnly: true, pageSize: PAGE })) {
    if (!hasTime()) return { ...checked, complete: false };
    const queue = [...tasksOf(table, rows, seen)];
    const work = async (): Promise<void> => {
      for (let task = queue.shift(); task !== undefined; task = queue.shift()) {
        const one = await outcomeOf(deps, task);
        checked = added(checked, one);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }
  return checked;
};

const outcomeOf = async (deps: Auditing, { what, is, look }: Task): Promise<Checked> => {
  try {
    const audited = await look();
    if (audited === null) return NOTHING;
    if (audited.busy) return { ...NOTHING, left: 1 };
    if (audited.faults.length > 0) deps.drifted(audited);
    return { ...NOTHING, [is]: 1, lines: audited.lines, drift: audited.faults.length > 0 ? 1 : 0 };
  } catch (fault) {
    deps.failed(what, fault);
    return { ...NOTHING, left: 1 };
  }
};
