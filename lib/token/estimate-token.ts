import * as z from 'zod/mini';
import { GRANT_KINDS } from '../domain/account.ts';
import { type HoldPlan, MAX_NAMED } from '../domain/hold-plan.ts';
import type { Signer } from './signer.ts';

/** R3: a quote that carries all of itself, so that giving one costs no write and none can be altered. */
export interface Estimate {
  readonly accountId: string;
  /** Given with the estimate, so that one estimate makes at most one run (R6); its time is the estimate's. */
  readonly runUuid: string;
  readonly tool: string;
  readonly priceVersion: string;
  readonly credits: number;
  /** How the hold could be placed on the account as the estimate saw it; `null` where it could not. */
  readonly plan: HoldPlan | null;
  /** The version of the standing rule that says yes to it; `null` where the owner must. */
  readonly ruleVersion: number | null;
  /** Old tombstones seen, for the hold to clear away. */
  readonly swept: readonly string[];
}

const plan = z.object({
  draws: z.array(z.object({ grantId: z.int(), kind: z.enum(GRANT_KINDS), credits: z.int(), exact: z.boolean() })),
  nextOrdinal: z.int(),
  ver: z.int(),
  boundMs: z.nullable(z.int()),
  earliestDeadlineMs: z.nullable(z.int()),
});
const payload = z.object({
  accountId: z.string(),
  runUuid: z.string(),
  tool: z.string(),
  priceVersion: z.string(),
  credits: z.int(),
  plan: z.unknown(),
  ruleVersion: z.nullable(z.int()),
  swept: z.array(z.string()),
}) satisfies z.ZodMiniType<Omit<Estimate, 'plan'>>;

/** The text given out as `estimateId`, of bounded length: a plan of more grants than a write can name is made anew by the approval. */
export const signEstimate = (signer: Signer, estimate: Estimate): Promise<string> => {
  const { plan } = estimate;
  return signer.sign('estimate', { ...estimate, plan: plan !== null && plan.draws.length > MAX_NAMED ? null : plan });
};

/** The estimate, or `undefined` for a forged or altered one. */
export const openEstimate = async (signer: Signer, estimateId: string): Promise<Estimate | undefined> => {
  const opened = await signer.open('estimate', estimateId);
  if (opened === undefined) return undefined;
  const estimate = payload.parse(opened);
  const planned = plan.safeParse(estimate.plan);
  // A plan in the words of another release is none: the hold is planned anew.
  return { ...estimate, plan: planned.success ? planned.data : null };
};
