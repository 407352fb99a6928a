import { createHash } from 'node:crypto';
import type * as z from 'zod/mini';
import type { Account } from '../../lib/domain/account.ts';
import type { Step } from '../../lib/domain/give-back.ts';
import { isRefusal, type Refusal } from '../../lib/domain/refusal.ts';
import { changeAccount } from '../../lib/store/change-account.ts';
import { readRequest, requestRow } from '../../lib/store/request-log.ts';
import type { Dependencies } from '../dependencies.ts';

interface Request<Reply> {
  readonly accountId: string;
  /** The `Idempotency-Key`; `null` where none was sent, and each request stands for itself. */
  readonly key: string | null;
  /** What the key stands for: the operation and its body. */
  readonly asked: readonly [operationId: string, body: unknown];
  readonly reply: z.ZodMiniType<Reply>;
  readonly nowMs: number;
}

type Deed<Reply> = Step & { readonly reply: Reply };

/**
 * Changes an account once for each `Idempotency-Key`, at any distance in time: the answer is kept with the effect and given again
 * (I7). Another request under the same key is refused with `idempotency_mismatch`; otherwise with what `decide` says.
 */
export const answerOnce = async <Reply extends object>(
  deps: Dependencies,
  { accountId, key, asked, reply, nowMs }: Request<Reply>,
  decide: (account: Account) => Deed<Reply> | Refusal,
): Promise<Reply | Refusal> => {
  const bodyHash = createHash('sha256').update(JSON.stringify(asked)).digest('base64url');
  const answered: { reply: Reply | null } = { reply: null };
  const changed = await changeAccount(deps.table, accountId, nowMs, async (account) => {
    const before = key === null ? null : await readRequest(deps.table, accountId, key);
    if (before !== null && before.bodyHash !== bodyHash) return { refused: 'idempotency_mismatch' };
    if (before !== null) {
      answered.reply = reply.parse(JSON.parse(before.reply));
      return null;
    }
    const deed = decide(account);
    if (isRefusal(deed)) return deed;
    answered.reply = deed.reply;
    if (key === null) return deed.account === account ? null : deed;
    return { ...deed, rows: [requestRow(accountId, { key, bodyHash, reply: JSON.stringify(deed.reply) })] };
  });
  if (isRefusal(changed)) return changed;
  if (answered.reply === null) throw new Error('a change was made without an answer');
  return answered.reply;
};
