import { createHash } from 'node:crypto';
import type * as z from 'zod/mini';
import { addGrant } from '../../lib/domain/give-back.ts';
import { invalid, isRefusal, type Refusal } from '../../lib/domain/refusal.ts';
import { addMonthsMs } from '../../lib/domain/time.ts';
import type { Command } from '../../lib/http/command.ts';
import { grantCredits } from '../../lib/http/contract/support.ts';
import { grantIdOf, iso } from '../../lib/http/shown.ts';
import { changeAccount } from '../../lib/store/change-account.ts';
import { entryPlace } from '../../lib/store/entry-row.ts';
import { readRequest, requestRow } from '../../lib/store/request-log.ts';
import type { Dependencies } from '../dependencies.ts';

type Asked = Command<z.infer<typeof grantCredits.params>, unknown, z.infer<typeof grantCredits.body>>;
type Granted = z.infer<typeof grantCredits.reply>;

/** An account is one item, and a hold may name all of its grants in one expression of at most 4 KB. */
const MAX_GRANTS = 60;

/**
 * Gives promotional credits, with a reason and the actor on record (R29). Under one `Idempotency-Key` it gives once, for ever;
 * another body under it is refused with `idempotency_mismatch`.
 */
export const grant = async (
  deps: Dependencies,
  { params, body, caller, idempotencyKey }: Asked,
): Promise<Granted | Refusal> => {
  const key = idempotencyKey ?? '';
  const nowMs = deps.now();
  const bodyHash = createHash('sha256').update(JSON.stringify(body)).digest('base64url');
  const { expiresAfterMonths } = deps.catalog.promotional;
  const expiresAtMs =
    body.expiresAt === undefined ? addMonthsMs(nowMs, expiresAfterMonths) : Date.parse(body.expiresAt);

  const answered: { reply: Granted | null } = { reply: null };
  const changed = await changeAccount(deps.table, params.id, nowMs, async (account) => {
    const before = await readRequest(deps.table, params.id, key);
    if (before !== null && before.bodyHash !== bodyHash) return { refused: 'idempotency_mismatch' };
    if (before !== null) {
      answered.reply = grantCredits.reply.parse(JSON.parse(before.reply));
      return null;
    }
    if (account.grants.length >= MAX_GRANTS)
      return invalid('id', `has ${MAX_GRANTS} grants; wait until one has expired`);
    if (expiresAtMs <= nowMs) return invalid('expiresAt', 'is not in the future');
    const step = addGrant(
      account,
      { kind: 'promotional', granted: body.credits, expiresAtMs },
      {
        atMs: nowMs,
        kind: 'grant',
        reason: body.reason,
        actor: caller.sub,
        ...(body.note === undefined ? {} : { note: body.note }),
      },
    );
    const reply: Granted = {
      accountId: params.id,
      grant: {
        id: grantIdOf(account.nextOrdinal),
        kind: 'promotional',
        granted: body.credits,
        expiresAt: iso(expiresAtMs),
      },
      entryId: step.entries.map(entryPlace).join(),
    };
    answered.reply = reply;
    return { ...step, rows: [requestRow(params.id, { key, bodyHash, reply: JSON.stringify(reply) })] };
  });
  if (isRefusal(changed)) return changed;
  if (answered.reply === null) throw new Error('a grant was made without an answer');
  return answered.reply;
};
