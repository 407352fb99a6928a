import type { Context } from 'aws-lambda';
import { HOUR_MS } from '../../../lib/domain/time.ts';
import { hashed } from '../../../lib/http/request-line.ts';
import type { Part } from '../../../lib/store/scan-table.ts';
import type { Table } from '../../../lib/store/table.ts';
import type { Telemetry } from '../../../lib/telemetry/telemetry.ts';
import { added, auditPart, type Checked, NOTHING } from './audit.ts';

export interface Sampling {
  readonly table: Table;
  readonly now: () => number;
  readonly telemetry: Telemetry;
}

/** Leaves time for the page at hand. */
const SPARE_MS = 8_000;
const WEEK_HOURS = 7 * 24;
/** An hour's share is read in so many parts, each week beginning with another: what time cuts off is never the same twice running. */
const PARTS_AN_HOUR = 4;
/** What of one account is worth a line in the log. */
const MOST_FAULTS = 5;

/**
 * The parts of the table that an hour looks at: no place to keep, nothing to write, and all of it once a week. DynamoDB cuts the table by
 * the hash of its keys, so that each part has about as many accounts; a week of them reads the table once, some 5 cents a GB (2026-11).
 */
export const partsOfHour = (nowMs: number): readonly Part[] => {
  const hour = Math.floor(nowMs / HOUR_MS);
  const week = Math.floor(hour / WEEK_HOURS);
  return Array.from({ length: PARTS_AN_HOUR }, (_, at) => ({
    part: (hour % WEEK_HOURS) * PARTS_AN_HOUR + ((week + at) % PARTS_AN_HOUR),
    of: WEEK_HOURS * PARTS_AN_HOUR,
  }));
};

/** I1 to I5 of this hour's share of all accounts: counts as metrics, each fault as an error in the log with its account hashed. */
export const sample = async (
  { table, now, telemetry }: Sampling,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
): Promise<{ readonly complete: true } & Omit<Checked, 'complete'>> => {
  const auditing = {
    table,
    hasTime: () => context.getRemainingTimeInMillis() > SPARE_MS,
    drifted: ({ accountId, faults }: Parameters<Parameters<typeof auditPart>[0]['drifted']>[0]) => {
      for (const { place, what } of faults.slice(0, MOST_FAULTS)) {
        telemetry.error('ledger drift', { account: hashed(accountId), line: place, fault: what });
      }
    },
    failed: (what: string, fault: unknown) =>
      telemetry.error('ledger not checked', {
        account: hashed(what),
        fault: fault instanceof Error ? fault.name : 'unknown',
      }),
  };
  let checked: Checked = NOTHING;
  for (const part of partsOfHour(now())) {
    if (checked.complete) checked = added(checked, await auditPart(auditing, part));
  }
  const { complete, ...counts } = checked;
  telemetry.count({ LedgerChecked: counts.accounts + counts.purchases, LedgerDrift: counts.drift });
  telemetry[complete && counts.left === 0 ? 'info' : 'warn']('ledger checked', { ...counts, cutShort: !complete });
  // What is cut short is for another week: the state machine need not call again.
  return { ...counts, complete: true };
};
