import type * as z from 'zod/mini';
import { addGrant } from '../../lib/domain/give-back.ts';
import { invalid, type Refusal } from '../../lib/domain/refusal.ts';
import { addMonthsMs } from '../../lib/domain/time.ts';
import type { Command } from '../../lib/http/command.ts';
import { grantCredits } from '../../lib/http/contract/support.ts';
import { grantIdOf, iso } from '../../lib/http/shown.ts';
import { entryPlace } from '../../lib/store/entry-row.ts';
import type { Dependencies } from '../dependencies.ts';
import { answerOnce } from './answer-once.ts';

type Asked = Command<z.infer<typeof grantCredits.params>, unknown, z.infer<typeof grantCredits.body>>;
type Granted = z.infer<typeof grantCredits.reply>;

/**
 * An account is one item, and from more than 100 grants at once holds are drawn by its version. Support stops well before: what is
 * bought counts here, and is never refused itself.
 */
const MAX_GRANTS = 60;

/**
 * Gives promotional credits, with a reason and the actor on record (R29); once for each `Idempotency-Key`, which is required.
 * Refuses with `idempotency_mismatch`, or `validation_failed` where they would end before they begin or the account has too many
 * grants.
 */
export const grant = async (
  deps: Dependencies,
  { params, body, caller, idempotencyKey: key }: Asked,
): Promise<Granted | Refusal> => {
  const { id: accountId } = params;
  const nowMs = deps.now();
  const { expiresAfterMonths } = deps.catalog.promotional;
  const expiresAtMs =
    body.expiresAt === undefined ? addMonthsMs(nowMs, expiresAfterMonths) : Date.parse(body.expiresAt);
  const asked = [grantCredits.id, body] as const;
  return answerOnce(deps, { accountId, key, asked, reply: grantCredits.reply, nowMs }, (account) => {
    if (account.grants.length >= MAX_GRANTS) {
      return invalid('id', `has ${MAX_GRANTS} grants; wait until one has expired`);
    }
    if (expiresAtMs <= nowMs) return invalid('expiresAt', 'is not in the future');
    const { reason, note } = body;
    const line = {
      atMs: nowMs,
      kind: 'grant',
      reason,
      actor: caller.sub,
      ...(note === undefined ? {} : { note }),
    } as const;
    const step = addGrant(account, { kind: 'promotional', granted: body.credits, expiresAtMs }, line);
    const id = grantIdOf(account.nextOrdinal);
    return {
      ...step,
      reply: {
        accountId,
        grant: { id, kind: 'promotional', granted: body.credits, expiresAt: iso(expiresAtMs) },
        entryId: step.entries.map(entryPlace).join(),
      },
    };
  });
};
