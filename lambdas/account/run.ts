import type * as z from 'zod/mini';
import type { Refusal } from '../../lib/domain/refusal.ts';
import type { Command } from '../../lib/http/command.ts';
import type { getRun } from '../../lib/http/contract/account.ts';
import { parseRunId } from '../../lib/http/run-id.ts';
import { shownHold, shownRecord } from '../../lib/http/shown-run.ts';
import { readRecord, viewAccount } from '../../lib/store/account-view.ts';
import type { Dependencies } from '../dependencies.ts';

type Asked = Command<z.infer<typeof getRun.params>, unknown, unknown>;

/** A run as it is now; another's is `not_found`. A hold past its deadline is shown expired, be its record written or not (R7). */
export const run = async (
  deps: Dependencies,
  { params, caller }: Asked,
): Promise<z.infer<typeof getRun.reply> | Refusal> => {
  const ref = parseRunId(params.runId);
  const anyone = caller.scopes.includes('credits/agent') || caller.scopes.includes('credits/support');
  if (ref === undefined || (!anyone && ref.accountId !== caller.sub)) return { refused: 'not_found' };
  const { account, lapsed } = await viewAccount(deps.table, ref.accountId, deps.now());
  const hold = account.holds.find((each) => each.runUuid === ref.runUuid);
  if (hold !== undefined) return shownHold(ref, hold);
  const record =
    lapsed.find((each) => each.runUuid === ref.runUuid) ?? (await readRecord(deps.table, ref.accountId, ref.runUuid));
  return record === null ? { refused: 'not_found' } : shownRecord(ref, record);
};
