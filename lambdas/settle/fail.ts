import type * as z from 'zod/mini';
import { isRefusal, type Refusal } from '../../lib/domain/refusal.ts';
import { heldBy } from '../../lib/domain/run-record.ts';
import type { Command } from '../../lib/http/command.ts';
import type { failRun } from '../../lib/http/contract/settle.ts';
import type { Dependencies } from '../dependencies.ts';
import { endFound, otherOutcome } from './end-run.ts';
import { findHold } from './find-hold.ts';

type Asked = Command<z.infer<typeof failRun.params>, unknown, z.infer<typeof failRun.body>>;
type Failed = z.infer<typeof failRun.reply>;

/**
 * R10: a failed run is charged nothing, everything held goes back, and it does not count against the day's limit. Repeated with
 * the same reason it gives the same answer. Refuses with `not_found`, `run_already` or `hold_expired`.
 */
export const fail = async (deps: Dependencies, { params, body }: Asked): Promise<Failed | Refusal> => {
  const nowMs = deps.now();
  const found = await findHold(deps, params.runId, body.receipt, nowMs);
  if (isRefusal(found)) return found;
  const record = await endFound(deps, found, { outcome: 'failed', reason: body.reason }, nowMs);
  if (record.outcome !== 'failed' || record.reason !== body.reason) return otherOutcome(record);
  return { runId: params.runId, status: 'failed', charged: 0, released: heldBy(record) };
};
