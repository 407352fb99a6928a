import type * as z from 'zod/mini';
import { planById } from '../../lib/catalog/catalog.ts';
import { changePlan } from '../../lib/domain/change-plan.ts';
import { invalid, type Refusal } from '../../lib/domain/refusal.ts';
import type { Command } from '../../lib/http/command.ts';
import { assignPlan } from '../../lib/http/contract/support.ts';
import { shownBalance } from '../../lib/http/shown-balance.ts';
import type { Dependencies } from '../dependencies.ts';
import { answerOnce } from './answer-once.ts';

type Asked = Command<z.infer<typeof assignPlan.params>, unknown, z.infer<typeof assignPlan.body>>;
type Assigned = z.infer<typeof assignPlan.reply>;

/**
 * R26, R29: puts an account on a plan at once. Its own plan again changes nothing; with an `Idempotency-Key` a late repeat changes
 * nothing either, though the plan has changed since.
 */
export const plan = async (
  deps: Dependencies,
  { params, body, caller, idempotencyKey: key }: Asked,
): Promise<Assigned | Refusal> => {
  const assigned = planById(deps.catalog, body.planId);
  if (assigned === undefined) return invalid('planId', 'is not in the catalog');
  const { id: accountId } = params;
  const nowMs = deps.now();
  const asked = [assignPlan.id, body] as const;
  return answerOnce(deps, { accountId, key, asked, reply: assignPlan.reply, nowMs }, (account) => {
    const line = { reason: body.reason, actor: caller.sub };
    const same = account.planId === assigned.id;
    const step = same ? { account, entries: [] } : changePlan(account, assigned, line, nowMs);
    const balance = shownBalance(step.account, nowMs);
    return { ...step, reply: { accountId, plan: assigned.id, balance } };
  });
};
