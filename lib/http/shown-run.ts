import type * as z from 'zod/mini';
import type { Hold } from '../domain/account.ts';
import { chargedBy, heldBy, heldOf, type RunRecord } from '../domain/run-record.ts';
import type { getRun } from './contract/account.ts';
import { formatRunId, type RunRef } from './run-id.ts';
import { iso, shownApproval } from './shown.ts';

type Shown = z.infer<typeof getRun.reply>;

/** A run still held: nothing is charged, and it shows so. */
export const shownHold = ({ accountId, runUuid }: RunRef, hold: Hold): Shown => ({
  runId: formatRunId({ accountId, runUuid }),
  accountId,
  status: 'held',
  tool: hold.tool,
  priceVersion: hold.priceVersion,
  estimate: heldOf(hold),
  held: heldOf(hold),
  charged: 0,
  released: 0,
  absorbed: 0,
  approval: shownApproval(accountId, hold),
  expiresAt: iso(hold.deadlineMs),
  endedAt: null,
  reason: null,
  refund: null,
});

/** A run that has ended. `held` is what it had held. */
export const shownRecord = ({ accountId, runUuid }: RunRef, record: RunRecord): Shown => {
  const charged = chargedBy(record);
  return {
    runId: formatRunId({ accountId, runUuid }),
    accountId,
    status: record.outcome,
    tool: record.tool,
    priceVersion: record.priceVersion,
    estimate: heldBy(record),
    held: heldBy(record),
    charged,
    released: heldBy(record) - charged,
    absorbed: record.absorbed,
    approval: shownApproval(accountId, record),
    expiresAt: iso(record.deadlineMs),
    endedAt: iso(record.atMs),
    reason: record.reason,
    refund: shownRefund(record),
  };
};

export const shownRefund = ({ refund }: RunRecord): Shown['refund'] =>
  refund === null ? null : { at: iso(refund.atMs), credits: refund.credits, reason: refund.reason };
