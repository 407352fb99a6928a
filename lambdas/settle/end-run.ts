import type { Refusal } from '../../lib/domain/refusal.ts';
import { type Ending, endRun, type RunRecord } from '../../lib/domain/run-record.ts';
import { putRecord, releaseHold } from '../../lib/store/end-hold.ts';
import type { Dependencies } from '../dependencies.ts';
import type { Found } from './find-hold.ts';

/**
 * R11: the record first, then the release; the record decides. Whoever finds one standing finishes what its writer may have
 * left undone, so that a crash between the two writes heals with the next request.
 */
export const endFound = async (deps: Dependencies, found: Found, ending: Ending, nowMs: number): Promise<RunRecord> => {
  const standing = found.record ?? (await putRecord(deps.table, found.accountId, endRun(found.hold, ending, nowMs)));
  if (found.hold !== null) await releaseHold(deps.table, found.accountId, standing, nowMs);
  return standing;
};

/** How a request is told of an outcome other than its own. */
export const otherOutcome = ({ outcome }: RunRecord): Refusal =>
  outcome === 'expired' ? { refused: 'hold_expired' } : { refused: 'run_already', outcome };
