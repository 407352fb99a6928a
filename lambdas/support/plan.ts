import type * as z from 'zod/mini';
import { planById } from '../../lib/catalog/catalog.ts';
import { changePlan } from '../../lib/domain/change-plan.ts';
import { invalid, isRefusal, type Refusal } from '../../lib/domain/refusal.ts';
import type { Command } from '../../lib/http/command.ts';
import type { assignPlan } from '../../lib/http/contract/support.ts';
import { shownBalance } from '../../lib/http/shown-balance.ts';
import { changeAccount } from '../../lib/store/change-account.ts';
import type { Dependencies } from '../dependencies.ts';

type Asked = Command<z.infer<typeof assignPlan.params>, unknown, z.infer<typeof assignPlan.body>>;
type Assigned = z.infer<typeof assignPlan.reply>;

/** R26, R29: puts an account on a plan at once. Its own plan again changes nothing, so a repeat is safe. */
export const plan = async (deps: Dependencies, { params, body, caller }: Asked): Promise<Assigned | Refusal> => {
  const assigned = planById(deps.catalog, body.planId);
  if (assigned === undefined) return invalid('planId', 'is not in the catalog');
  const nowMs = deps.now();
  const account = await changeAccount(deps.table, params.id, nowMs, (current) =>
    current.planId === assigned.id
      ? null
      : changePlan(current, assigned, { reason: body.reason, actor: caller.sub }, nowMs),
  );
  if (isRefusal(account)) return account;
  return { accountId: params.id, plan: account.planId, balance: shownBalance(account, nowMs) };
};
