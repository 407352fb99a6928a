import * as z from 'zod/mini';
import { type Approval, GRANT_KINDS, isApproval } from '../domain/account.ts';
import type { RunRecord } from '../domain/run-record.ts';
import { historyKey } from './keys.ts';

const kind = z.enum(GRANT_KINDS);
const refund = z.object({
  atMs: z.int(),
  credits: z.int(),
  reason: z.string(),
  note: z.nullable(z.string()),
  actor: z.string(),
});

const recordRow = z.object({
  sk: z.string(),
  kind: z.enum(['run']),
  outcome: z.enum(['settled', 'failed', 'expired']),
  atMs: z.int(),
  tool: z.string(),
  priceVersion: z.string(),
  approval: z.custom<Approval>(isApproval),
  approvedAtMs: z.int(),
  firstDeadlineMs: z.int(),
  deadlineMs: z.int(),
  parts: z.array(z.object({ grantId: z.int(), kind, held: z.int(), charged: z.int() })),
  cost: z.nullable(z.int()),
  absorbed: z.int(),
  reason: z.nullable(z.string()),
  refund: z.nullable(refund),
});

export const recordToRow = (accountId: string, record: RunRecord): Record<string, unknown> => {
  const { runUuid, ...rest } = record;
  return { ...historyKey(accountId, runUuid), kind: 'run', ...rest };
};

export const recordFromRow = (item: unknown): RunRecord => {
  const { sk, kind: _, ...rest } = recordRow.parse(item);
  return { runUuid: sk, ...rest };
};
