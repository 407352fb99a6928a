import type * as z from 'zod/mini';
import type { Command } from '../../lib/http/command.ts';
import type { getBalance } from '../../lib/http/contract/account.ts';
import { shownBalance } from '../../lib/http/shown-balance.ts';
import { viewAccount } from '../../lib/store/account-view.ts';
import type { Dependencies } from '../dependencies.ts';

/** R22: the balance at this instant, exact whether or not anything has been tidied up. Writes nothing. */
export const balance = async (
  deps: Dependencies,
  { caller }: Command<unknown, unknown, unknown>,
): Promise<z.infer<typeof getBalance.reply>> => {
  const nowMs = deps.now();
  const { account } = await viewAccount(deps.table, caller.sub, nowMs);
  return shownBalance(account, nowMs);
};
