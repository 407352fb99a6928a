import * as z from 'zod/mini';
import { type Approval, GRANT_KINDS, type Hold, isApproval } from '../domain/account.ts';
import { MAX_NAMED } from '../domain/hold-plan.ts';
import type { Signer } from './signer.ts';

/** A hold in its holder's hands: with it a settle need not read the account. Proves the hold was made; not that it still is. */
export interface Receipt {
  readonly accountId: string;
  readonly hold: Hold;
}

const payload = z.object({
  accountId: z.string(),
  hold: z.object({
    runUuid: z.string(),
    tool: z.string(),
    priceVersion: z.string(),
    parts: z.array(z.object({ grantId: z.int(), kind: z.enum(GRANT_KINDS), credits: z.int() })),
    approval: z.custom<Approval>(isApproval),
    approvedAtMs: z.int(),
    firstDeadlineMs: z.int(),
    deadlineMs: z.int(),
  }),
}) satisfies z.ZodMiniType<Receipt>;

/** Of bounded length: a hold of more parts than a write can name leaves them out and is over, so that a settle asks the account. */
export const signReceipt = (signer: Signer, { accountId, hold }: Receipt): Promise<string> =>
  signer.sign('receipt', {
    accountId,
    hold: hold.parts.length > MAX_NAMED ? { ...hold, parts: [], deadlineMs: 0 } : hold,
  });

/** The receipt, or `undefined` for a forged or altered one. */
export const openReceipt = async (signer: Signer, token: string): Promise<Receipt | undefined> => {
  const opened = await signer.open('receipt', token);
  return opened === undefined ? undefined : payload.parse(opened);
};
