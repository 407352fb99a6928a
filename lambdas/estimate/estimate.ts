import { v7 as uuidV7 } from 'uuid';
import type * as z from 'zod/mini';
import { toolById } from '../../lib/catalog/catalog.ts';
import { parseToolInput } from '../../lib/catalog/tool-input.ts';
import { availableCredits } from '../../lib/domain/draw.ts';
import { isCurrent, planHold, ruleApproves } from '../../lib/domain/hold-plan.ts';
import { mostOf } from '../../lib/domain/price.ts';
import { invalid, isRefusal, type Refusal } from '../../lib/domain/refusal.ts';
import { estimateExpiresAtMs, tombstoneEndsAtMs } from '../../lib/domain/run-id.ts';
import type { Caller, Command } from '../../lib/http/command.ts';
import type { createEstimate } from '../../lib/http/contract/estimate.ts';
import { projectAccount } from '../../lib/store/account-view.ts';
import { MAX_SWEPT } from '../../lib/store/place-hold.ts';
import { signEstimate } from '../../lib/token/estimate-token.ts';
import type { Dependencies } from '../dependencies.ts';

type Asked = Command<unknown, unknown, z.infer<typeof createEstimate.body>>;
type Quoted = z.infer<typeof createEstimate.reply>;

/** A user asks for themselves; an agent names whom it acts for. */
const accountOf = (caller: Caller, accountId: string | undefined): string | Refusal => {
  if (caller.scopes.includes('credits/agent')) {
    if (accountId !== undefined) return accountId;
    if (!caller.scopes.includes('credits/user')) return invalid('accountId', 'is required of an agent');
  }
  if (accountId !== undefined && accountId !== caller.sub) return { refused: 'forbidden' };
  return caller.sub;
};

let last = { ms: 0, seq: 0 };

/** A UUIDv7 of that instant; within one millisecond and process they go up, so that history keeps the order of asking. */
const runUuidAt = (ms: number): string => {
  const random = crypto.getRandomValues(new Uint8Array(16));
  const fresh = new DataView(random.buffer).getUint32(0) >>> 1;
  last = { ms, seq: ms === last.ms ? last.seq + 1 : fresh };
  return uuidV7({ msecs: ms, seq: last.seq, random });
};

/**
 * R2, R3: the most a run can cost, signed, valid for 15 minutes. One read, no write: how a hold could be placed on the account
 * as it is now travels in the estimate. Refuses with `validation_failed` or `forbidden`.
 */
export const estimate = async (deps: Dependencies, { body, caller }: Asked): Promise<Quoted | Refusal> => {
  const accountId = accountOf(caller, body.accountId);
  if (typeof accountId !== 'string') return accountId;
  const tool = toolById(deps.catalog, body.tool);
  if (tool === undefined) return invalid('tool', 'is not in the catalog');
  const input = parseToolInput(tool, body.input);
  if (isRefusal(input)) return input;
  const { credits, typicalCredits, breakdown } = mostOf(tool.pricing, input);

  const nowMs = deps.now();
  const { stored, account } = await projectAccount(deps.table, accountId, nowMs);
  const available = availableCredits(account, nowMs);
  const ruled = ruleApproves(account, credits);
  const plan =
    stored !== null && isCurrent(stored, nowMs)
      ? planHold(stored, { credits, approval: { how: 'explicit' } }, nowMs)
      : null;
  const runUuid = runUuidAt(nowMs);
  const estimateId = await signEstimate(deps.signer, {
    accountId,
    runUuid,
    tool: tool.id,
    priceVersion: deps.catalog.priceVersion,
    credits,
    plan: plan === null || isRefusal(plan) ? null : plan,
    ruleVersion: ruled ? account.rule.version : null,
    swept: account.tombstones.filter((mark) => tombstoneEndsAtMs(mark) <= nowMs).slice(0, MAX_SWEPT),
  });
  return {
    estimateId,
    tool: tool.id,
    credits,
    typicalCredits,
    breakdown: [...breakdown],
    balance: { available, after: Math.max(0, available - credits) },
    sufficient: credits <= available,
    approval: ruled ? 'standing_rule' : 'required',
    priceVersion: deps.catalog.priceVersion,
    expiresAt: new Date(estimateExpiresAtMs(runUuid)).toISOString(),
  };
};
