import type * as z from 'zod/mini';
import { setPreferencesOf } from '../../lib/domain/preferences.ts';
import { isRefusal, type Refusal } from '../../lib/domain/refusal.ts';
import type { Command } from '../../lib/http/command.ts';
import type { getPreferences, putPreferences } from '../../lib/http/contract/account.ts';
import { shownPreferences } from '../../lib/http/shown.ts';
import { viewAccount } from '../../lib/store/account-view.ts';
import { changeAccount } from '../../lib/store/change-account.ts';
import type { Dependencies } from '../dependencies.ts';

type Shown = z.infer<typeof getPreferences.reply>;

/** The standing rule and the low-balance notice. */
export const preferences = async (deps: Dependencies, { caller }: Command<unknown, unknown, unknown>): Promise<Shown> =>
  shownPreferences((await viewAccount(deps.table, caller.sub, deps.now())).account);

/** R4: sets them; a changed rule is a new version, and the next approval under it records that. */
export const setPreferences = async (
  deps: Dependencies,
  { caller, body }: Command<unknown, unknown, z.infer<typeof putPreferences.body>>,
): Promise<Shown | Refusal> => {
  const account = await changeAccount(deps.table, caller.sub, deps.now(), (current) => {
    const next = setPreferencesOf(current, body);
    return next === current ? null : { account: next, entries: [] };
  });
  return isRefusal(account) ? account : shownPreferences(account);
};
