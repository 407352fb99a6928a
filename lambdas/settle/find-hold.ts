import type { Hold } from '../../lib/domain/account.ts';
import { invalid, isRefusal, type Refusal } from '../../lib/domain/refusal.ts';
import { endRun, type RunRecord } from '../../lib/domain/run-record.ts';
import { parseRunId, type RunRef } from '../../lib/http/run-id.ts';
import { readAccount, readRecord } from '../../lib/store/account-view.ts';
import { putLapse, releaseHold } from '../../lib/store/end-hold.ts';
import { backOff, Contended, MAX_TRIES } from '../../lib/store/faults.ts';
import { openReceipt } from '../../lib/token/receipt-token.ts';
import type { Dependencies } from '../dependencies.ts';

/** A run as a request to end it finds it: still held, or with its outcome on record. */
export type Found = RunRef &
  ({ readonly hold: Hold; readonly record: null } | { readonly hold: null; readonly record: RunRecord });

const heldByReceipt = async (
  deps: Dependencies,
  ref: RunRef,
  receipt: string,
  nowMs: number,
): Promise<Hold | null | Refusal> => {
  const opened = await openReceipt(deps.signer, receipt);
  const same = opened?.accountId === ref.accountId && opened.hold.runUuid === ref.runUuid;
  if (opened === undefined || !same) return invalid('receipt', 'is not the receipt of this run');
  // Past the deadline it names only the account knows whether the hold was extended.
  return nowMs < opened.hold.deadlineMs ? opened.hold : null;
};

/** R7: a hold past its deadline has ended there, unless it has another outcome on record; `null`: it was extended just now. */
const lapse = async (
  deps: Dependencies,
  { accountId }: RunRef,
  hold: Hold,
  nowMs: number,
): Promise<RunRecord | null> => {
  const lapsed = endRun(hold, { outcome: 'expired' }, hold.deadlineMs);
  const put = await putLapse(deps.table, accountId, hold, lapsed);
  const record = put ? lapsed : await readRecord(deps.table, accountId, hold.runUuid);
  if (record !== null) await releaseHold(deps.table, accountId, record, nowMs);
  return record;
};

/**
 * Finds a run by its id, with its receipt without a read. A hold past its deadline is lapsed here and now, if nobody has yet
 * (R7). Refuses with `not_found`, or `validation_failed` for another run's receipt.
 */
export const findHold = async (
  deps: Dependencies,
  runId: string,
  receipt: string | undefined,
  nowMs: number,
): Promise<Found | Refusal> => {
  const ref = parseRunId(runId);
  if (ref === undefined) return { refused: 'not_found' };
  const receipted = receipt === undefined ? null : await heldByReceipt(deps, ref, receipt, nowMs);
  if (receipted !== null) return isRefusal(receipted) ? receipted : { ...ref, hold: receipted, record: null };
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    if (tries > 0) await backOff(deps.table, tries);
    const account = await readAccount(deps.table, ref.accountId);
    const hold = account?.holds.find((each) => each.runUuid === ref.runUuid);
    if (hold !== undefined && nowMs < hold.deadlineMs) return { ...ref, hold, record: null };
    const record =
      hold === undefined
        ? await readRecord(deps.table, ref.accountId, ref.runUuid)
        : await lapse(deps, ref, hold, nowMs);
    if (record !== null) return { ...ref, hold: null, record };
    if (hold === undefined) return { refused: 'not_found' };
  }
  throw new Contended('a deadline that moves and moves');
};
