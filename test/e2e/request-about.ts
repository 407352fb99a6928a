import * as z from 'zod/mini';
import { getPreferences } from '../../lib/http/contract/account.ts';
import { cancelSubscription, getBilling } from '../../lib/http/contract/billing.ts';
import { settleRun } from '../../lib/http/contract/settle.ts';
import type { Actor, Asked } from './actor.ts';
import type { Api } from './api.ts';
import type { Reply } from './harness.ts';
import { legacyPayment } from './legacy-payment.ts';
import type { Shop } from './shop.ts';

/** A good request to an operation about `owner`'s account, whoever sends it; `secret` is a number nobody else may learn. */
export const requestAbout = async (shop: Shop, id: string, owner: Actor, secret: number): Promise<Asked> => {
  const { api } = shop;
  const held = async () => ({ params: { runId: (await api.hold(owner, 5)).runId } });
  const params = { id: owner.sub };
  switch (id) {
    case 'createEstimate':
      return { body: { tool: api.metered.id, input: { maxCredits: 5 }, accountId: owner.sub } };
    case 'createRun':
      return { body: { estimateId: (await api.quote(owner, 5)).estimateId } };
    case 'getRun':
      return held();
    case 'settleRun':
      return { ...(await held()), body: { credits: 1 } };
    case 'failRun':
      return { ...(await held()), body: { reason: 'x' } };
    case 'extendRun':
      return { ...(await held()), body: { seconds: 60 } };
    case 'putPreferences':
      return { body: { autoApproveUpTo: secret } };
    case 'getAccount':
      return { params };
    case 'grantCredits':
      return { params, headers: { 'idempotency-key': 'once' }, body: { credits: 1, reason: 'x' } };
    case 'assignPlan':
      return { params, body: { planId: 'starter', reason: 'x' } };
    case 'refundRun': {
      const run = await held();
      await api.agent.ok(settleRun, { ...run, body: { credits: 1 } });
      return { ...run, body: { reason: 'goodwill' } };
    }
    case 'createCheckout':
      return { body: { packId: 'pack-500' } };
    case 'cancelSubscription':
      await shop.buy(owner, { planId: 'starter' });
      return {};
    case 'resumeSubscription':
      await shop.buy(owner, { planId: 'starter' });
      await owner.ok(cancelSubscription);
      return {};
    case 'changePlan':
      await shop.buy(owner, { planId: 'starter' });
      return { body: { planId: 'pro' } };
    case 'requestQuote':
      return { body: { company: 'Example Ltd', accountId: owner.sub } };
    case 'refundLegacy': {
      const { paymentIntentId } = await legacyPayment(shop, { accountId: owner.sub });
      return { body: { accountId: owner.sub, paymentIntentId, reason: 'x' } };
    }
    case 'listUsage':
    case 'createPortal':
      return {};
    default:
      return { query: { accountId: owner.sub } };
  }
};

/** All that an account's owner can see of it. */
export const stateOf = async (api: Api, owner: Actor): Promise<unknown> => ({
  balance: await api.balance(owner),
  preferences: await owner.ok(getPreferences),
  billing: await owner.ok(getBilling),
  history: await api.history(owner),
});

const problem = z.looseObject({ code: z.string() });
/** A status, and of a refusal its code; the gateway's own in its words. */
export const answerOf = ({ status, body, text }: Reply): string => {
  const refusal = problem.safeParse(body);
  return status < 400 ? String(status) : `${status} ${refusal.success ? refusal.data.code : text}`;
};
