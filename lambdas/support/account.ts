import type * as z from 'zod/mini';
import { heldOf } from '../../lib/domain/run-record.ts';
import type { Command } from '../../lib/http/command.ts';
import type { getAccount } from '../../lib/http/contract/support.ts';
import { formatRunId } from '../../lib/http/run-id.ts';
import { iso, shownPreferences } from '../../lib/http/shown.ts';
import { shownBalance } from '../../lib/http/shown-balance.ts';
import { viewAccount } from '../../lib/store/account-view.ts';
import type { Dependencies } from '../dependencies.ts';

type Asked = Command<z.infer<typeof getAccount.params>, unknown, unknown>;

/** An account as support sees it. One that nobody has used yet is shown as it would begin. */
export const account = async (deps: Dependencies, { params }: Asked): Promise<z.infer<typeof getAccount.reply>> => {
  const nowMs = deps.now();
  const view = await viewAccount(deps.table, params.id, nowMs);
  return {
    accountId: params.id,
    plan: view.account.planId,
    balance: shownBalance(view.account, nowMs),
    preferences: shownPreferences(view.account),
    runs: view.account.holds.map((hold) => ({
      runId: formatRunId({ accountId: params.id, runUuid: hold.runUuid }),
      tool: hold.tool,
      held: heldOf(hold),
      expiresAt: iso(hold.deadlineMs),
    })),
  };
};
