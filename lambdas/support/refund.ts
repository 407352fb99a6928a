import type * as z from 'zod/mini';
import { refundRun as refundCharge } from '../../lib/domain/refund-run.ts';
import type { Refusal } from '../../lib/domain/refusal.ts';
import { isRefusal } from '../../lib/domain/refusal.ts';
import { chargedBy, type RunRecord } from '../../lib/domain/run-record.ts';
import type { Command } from '../../lib/http/command.ts';
import type { refundRun } from '../../lib/http/contract/support.ts';
import { parseRunId } from '../../lib/http/run-id.ts';
import { iso } from '../../lib/http/shown.ts';
import { readRecord } from '../../lib/store/account-view.ts';
import { changeAccount } from '../../lib/store/change-account.ts';
import { refundRow } from '../../lib/store/refund-row.ts';
import type { Dependencies } from '../dependencies.ts';

type Asked = Command<z.infer<typeof refundRun.params>, unknown, z.infer<typeof refundRun.body>>;
type Refunded = z.infer<typeof refundRun.reply>;

const NOT_COVERED = 'Not liking the output is not a reason for a refund.';
const NOT_SETTLED = 'The run is still held and nothing is charged; it can be failed instead.';

/** What a repeat is answered with; another reason or note is another request. */
const before = ({ refund }: RunRecord, { reason, note }: Asked['body']): Refusal | null =>
  refund === null || (refund.reason === reason && refund.note === (note ?? null))
    ? null
    : { refused: 'idempotency_mismatch' };

/**
 * R27: gives a settled run's charge back, once. Refuses with `not_found`, `refund_not_covered` by policy or while it is held,
 * `run_already` where nothing was charged because it failed or expired, `idempotency_mismatch` where it was refunded otherwise.
 */
export const refund = async (deps: Dependencies, { params, body, caller }: Asked): Promise<Refunded | Refusal> => {
  if (body.reason === 'output_unsatisfactory') return { refused: 'refund_not_covered', why: NOT_COVERED };
  const ref = parseRunId(params.runId);
  if (ref === undefined) return { refused: 'not_found' };
  const nowMs = deps.now();
  const done: { record: RunRecord | null } = { record: null };
  const changed = await changeAccount(deps.table, ref.accountId, nowMs, async (account) => {
    const held = account.holds.some((hold) => hold.runUuid === ref.runUuid);
    if (held) return { refused: 'refund_not_covered', why: NOT_SETTLED };
    const record = await readRecord(deps.table, ref.accountId, ref.runUuid);
    if (record === null) return { refused: 'not_found' };
    if (record.outcome !== 'settled') return { refused: 'run_already', outcome: record.outcome };
    if (record.refund !== null) {
      done.record = record;
      return before(record, body);
    }
    const by = { atMs: nowMs, reason: body.reason, note: body.note ?? null, actor: caller.sub };
    const step = refundCharge(account, record, by);
    done.record = step.refunded;
    return { ...step, rows: [refundRow(ref.accountId, step.refunded)] };
  });
  if (isRefusal(changed)) return changed;
  if (done.record?.refund == null) throw new Error('a refund was made without a record');
  const { credits, reason, atMs } = done.record.refund;
  return {
    runId: params.runId,
    status: 'settled',
    charged: chargedBy(done.record),
    refunded: credits,
    reason,
    refundedAt: iso(atMs),
  };
};
