import type * as z from 'zod/mini';
import { toolAt } from '../../lib/catalog/catalog.ts';
import { parseUsage } from '../../lib/catalog/tool-usage.ts';
import { costOf } from '../../lib/domain/price.ts';
import { invalid, isRefusal, type Refusal } from '../../lib/domain/refusal.ts';
import { chargedBy, heldBy } from '../../lib/domain/run-record.ts';
import type { Command } from '../../lib/http/command.ts';
import type { settleRun } from '../../lib/http/contract/settle.ts';
import { recordAbsorbed } from '../../lib/store/end-hold.ts';
import type { Dependencies } from '../dependencies.ts';
import { endFound, otherOutcome } from './end-run.ts';
import { type Found, findHold } from './find-hold.ts';

type Body = z.infer<typeof settleRun.body>;
type Asked = Command<z.infer<typeof settleRun.params>, unknown, Body>;
type Settled = z.infer<typeof settleRun.reply>;

/** What the run really cost, at the price version its estimate pinned (R2). */
const realCost = (deps: Dependencies, { hold, record }: Found, body: Body): number | Refusal => {
  if (body.credits !== undefined) return body.credits;
  const { priceVersion, tool: toolId } = record ?? hold;
  const tool = toolAt(deps.catalog, priceVersion, toolId);
  if (tool === undefined) {
    return invalid('usage', `prices ${priceVersion} are no longer in the catalog; settle with credits`);
  }
  const usage = parseUsage(tool, body.usage);
  return isRefusal(usage) ? usage : costOf(tool.pricing, usage);
};

/**
 * R9: charges min(real cost, held) and gives the rest back at once; what it cost beyond that is absorbed. Repeated with the same
 * cost it gives the same answer. Refuses with `not_found`, `validation_failed`, `run_already` or, after the lapse, `hold_expired`
 * and absorbs the whole cost (R11).
 */
export const settle = async (deps: Dependencies, { params, body }: Asked): Promise<Settled | Refusal> => {
  const nowMs = deps.now();
  const found = await findHold(deps, params.runId, body.receipt, nowMs);
  if (isRefusal(found)) return found;
  const cost = realCost(deps, found, body);
  if (typeof cost !== 'number') return cost;
  const record = await endFound(deps, found, { outcome: 'settled', cost }, nowMs);
  if (record.outcome === 'expired') await recordAbsorbed(deps.table, found.accountId, found.runUuid, cost);
  if (record.outcome !== 'settled' || record.cost !== cost) return otherOutcome(record);
  const charged = chargedBy(record);
  return {
    runId: params.runId,
    status: 'settled',
    charged,
    released: heldBy(record) - charged,
    absorbed: record.absorbed,
  };
};
