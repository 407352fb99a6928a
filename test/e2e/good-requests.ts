import { getBalance, getPreferences, getRun, listUsage, putPreferences } from '../../lib/http/contract/account.ts';
import { createRun } from '../../lib/http/contract/approve.ts';
import {
  cancelSubscription,
  changePlan,
  createCheckout,
  createPortal,
  getBilling,
  refundLegacy,
  requestQuote,
  resumeSubscription,
} from '../../lib/http/contract/billing.ts';
import { createEstimate } from '../../lib/http/contract/estimate.ts';
import type { Operation } from '../../lib/http/contract/operation.ts';
import { getHealth, getOpenapi, getPricing } from '../../lib/http/contract/pricing.ts';
import { extendRun, failRun, settleRun } from '../../lib/http/contract/settle.ts';
import { assignPlan, getAccount, grantCredits, refundRun } from '../../lib/http/contract/support.ts';
import { stripeWebhook } from '../../lib/http/contract/webhooks.ts';
import type { Actor } from './actor.ts';
import { type Api, DAY, iso, type Run } from './api.ts';
import { legacyPayment } from './legacy-payment.ts';
import type { Shop } from './shop.ts';
import { rawSignatureOf } from './webhook-sender.ts';

/** A request that is good as it is; the tests send it with one thing changed. */
export interface GoodRequest {
  readonly operation: Operation;
  readonly actor: Actor;
  readonly params?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
  /** Headers that depend on the body as it goes over the wire. */
  readonly sealed?: (content: string | Uint8Array) => Readonly<Record<string, string>>;
}

/** Two accounts with something of everything, on a clock that stands still. */
export interface Scene {
  readonly shop: Shop;
  readonly api: Api;
  readonly ann: Actor;
  readonly bob: Actor;
  /** Ann's, still held for hours: of the metered tool, of a tool priced by unit. */
  readonly held: Run;
  readonly heldUnits: Run;
  /** Ann's. */
  readonly settled: Run;
  /** Ann's, not approved yet. */
  readonly estimateId: string;
  /** Bob's. */
  readonly foreignEstimateId: string;
  readonly foreignRun: Run;
  /** Payments of before the relaunch. */
  readonly payment: string;
  readonly foreignPayment: string;
}

export const openScene = async (shop: Shop): Promise<Scene> => {
  const { api } = shop;
  await api.nextNoon();
  const [ann, bob] = [await api.user('ann'), await api.user('bob')];
  for (const owner of [ann, bob]) await api.promote(owner, 1000);
  await shop.buy(ann, { planId: 'starter' });
  const held = await api.hold(ann, 20, 43_200);
  const settled = await api.hold(ann, 10);
  await api.agent.ok(settleRun, { params: { runId: settled.runId }, body: { credits: 7 } });
  const failed = await api.hold(ann, 5);
  await api.agent.ok(failRun, { params: { runId: failed.runId }, body: { reason: 'broken' } });
  const byUnit = api.pricing.tools.find(({ pricing }) => pricing.kind === 'per_unit');
  const units = await ann.ok(createEstimate, { body: { tool: byUnit?.id, input: byUnit?.exampleInput } });
  const oldPayment = async (accountId: string) => (await legacyPayment(shop, { accountId })).paymentIntentId;
  return {
    shop,
    api,
    ann,
    bob,
    held,
    heldUnits: await ann.ok(createRun, { body: { estimateId: units.estimateId, holdSeconds: 86_400 } }),
    settled,
    estimateId: (await api.quote(ann, 5)).estimateId,
    foreignEstimateId: (await api.quote(bob, 5)).estimateId,
    foreignRun: await api.hold(bob, 15, 86_400),
    payment: await oldPayment(ann.sub),
    foreignPayment: await oldPayment(bob.sub),
  };
};

/** One good request for every operation of the contract, by its id. */
export const goodRequests = async (scene: Scene): Promise<Readonly<Record<string, GoodRequest>>> => {
  const { api, ann, held, settled, estimateId } = scene;
  const { agent, support } = api;
  const ofHeld = { params: { runId: held.runId } };
  const ofAnn = { params: { id: ann.sub } };
  const { receipt } = held;
  const nowMs = await api.system.clock.now();
  const expiresAt = iso(nowMs + DAY);
  const requests: readonly GoodRequest[] = [
    { operation: getPricing, actor: ann },
    { operation: getOpenapi, actor: ann },
    { operation: getHealth, actor: ann },
    { operation: getBalance, actor: ann },
    { operation: listUsage, actor: ann },
    { operation: getPreferences, actor: ann },
    { operation: getRun, actor: ann, ...ofHeld },
    { operation: getAccount, actor: support, ...ofAnn },
    {
      operation: createEstimate,
      actor: ann,
      body: { tool: api.metered.id, input: { maxCredits: 5 }, accountId: ann.sub },
    },
    { operation: createRun, actor: ann, body: { estimateId, holdSeconds: 60 } },
    { operation: putPreferences, actor: ann, body: { autoApproveUpTo: 5, lowBalanceAt: 6 } },
    { operation: extendRun, actor: agent, ...ofHeld, body: { seconds: 60 } },
    { operation: settleRun, actor: agent, ...ofHeld, body: { credits: 3, receipt } },
    {
      operation: failRun,
      actor: agent,
      params: { runId: scene.heldUnits.runId },
      body: { reason: 'broken', receipt: scene.heldUnits.receipt },
    },
    {
      operation: grantCredits,
      actor: support,
      ...ofAnn,
      headers: { 'idempotency-key': 'good' },
      body: { credits: 5, reason: 'sorry', note: 'n', expiresAt },
    },
    { operation: assignPlan, actor: support, ...ofAnn, body: { planId: 'starter', reason: 'trial' } },
    {
      operation: refundRun,
      actor: support,
      params: { runId: settled.runId },
      body: { reason: 'goodwill', note: 'n' },
    },
    { operation: getBilling, actor: ann },
    { operation: createCheckout, actor: ann, body: { packId: 'pack-500' } },
    { operation: createPortal, actor: ann, body: {} },
    { operation: cancelSubscription, actor: ann, body: {} },
    { operation: resumeSubscription, actor: ann, body: {} },
    { operation: changePlan, actor: ann, body: { planId: 'pro' } },
    {
      operation: requestQuote,
      actor: ann,
      headers: { 'idempotency-key': 'a-quote' },
      body: { company: 'Example Ltd', contact: 'ann@example.com', creditsPerMonth: 250_000, message: 'Hello' },
    },
    {
      operation: refundLegacy,
      actor: support,
      body: { accountId: ann.sub, paymentIntentId: scene.payment, reason: 'asked for it' },
    },
    {
      operation: stripeWebhook,
      actor: ann,
      sealed: (content) => rawSignatureOf(content, nowMs),
      body: { id: 'evt_good', type: 'customer.turned_blue' },
    },
  ];
  return Object.fromEntries(requests.map((request) => [request.operation.id, request]));
};

/** All that the API shows of both accounts; while the clock stands still it changes only when something is done. */
export const snapshot = async ({ shop, api, ann, bob, ...scene }: Scene): Promise<unknown> => {
  const runs = [scene.held, scene.heldUnits, scene.settled, scene.foreignRun];
  return {
    stripe: (await shop.events()).length,
    runs: await Promise.all(runs.map(({ runId }) => api.agent.ok(getRun, { params: { runId } }))),
    accounts: await Promise.all(
      [ann, bob].map(async (owner) => ({
        seen: await api.support.ok(getAccount, { params: { id: owner.sub } }),
        balance: await api.balance(owner),
        preferences: await owner.ok(getPreferences),
        billing: await owner.ok(getBilling),
        history: await api.history(owner),
      })),
    ),
  };
};
