import type * as z from 'zod/mini';
import { extendedDeadlineMs } from '../../lib/domain/extend-hold.ts';
import { isRefusal, type Refusal } from '../../lib/domain/refusal.ts';
import { heldOf } from '../../lib/domain/run-record.ts';
import type { Command } from '../../lib/http/command.ts';
import type { extendRun } from '../../lib/http/contract/settle.ts';
import { iso } from '../../lib/http/shown.ts';
import { readRecord } from '../../lib/store/account-view.ts';
import { moveDeadline } from '../../lib/store/end-hold.ts';
import { Contended, MAX_TRIES } from '../../lib/store/faults.ts';
import type { Dependencies } from '../dependencies.ts';
import { otherOutcome } from './end-run.ts';
import { findHold } from './find-hold.ts';

type Asked = Command<z.infer<typeof extendRun.params>, unknown, z.infer<typeof extendRun.body>>;
type Extended = z.infer<typeof extendRun.reply>;

/**
 * R7: moves a live hold's deadline out; asking again for the same changes nothing. Refuses with `not_found`, `run_already`,
 * `hold_expired`, or `validation_failed` where it would outlive 24 hours.
 */
export const extend = async (deps: Dependencies, { params, body }: Asked): Promise<Extended | Refusal> => {
  const nowMs = deps.now();
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const found = await findHold(deps, params.runId, undefined, nowMs);
    if (isRefusal(found)) return found;
    // A settle that crashed before its release leaves the hold in place; its record has ended the run all the same.
    const record = found.record ?? (await readRecord(deps.table, found.accountId, found.runUuid));
    if (found.hold === null || record !== null)
      return record === null ? { refused: 'not_found' } : otherOutcome(record);
    const deadlineMs = extendedDeadlineMs(found.hold, body.seconds, nowMs);
    if (typeof deadlineMs !== 'number') return deadlineMs;
    const unchanged = deadlineMs === found.hold.deadlineMs;
    if (unchanged || (await moveDeadline(deps.table, found.accountId, found.hold, deadlineMs))) {
      // Another request may have ended the run while this one was on its way.
      const ended = unchanged ? null : await readRecord(deps.table, found.accountId, found.runUuid);
      if (ended !== null) return otherOutcome(ended);
      return { runId: params.runId, status: 'held', held: heldOf(found.hold), expiresAt: iso(deadlineMs) };
    }
  }
  throw new Contended('too many changes of one deadline');
};
