import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Scope } from '../../lib/http/contract/operation.ts';
import { operations } from '../../lib/http/contract/operations.ts';
import { stripeWebhook } from '../../lib/http/contract/webhooks.ts';
import type { Api } from './api.ts';
import { answerOf, requestAbout, stateOf } from './request-about.ts';
import { Shop } from './shop.ts';
import { deliver, signatureOf } from './webhook-sender.ts';

const SCOPES: readonly Scope[] = ['credits/user', 'credits/agent', 'credits/support'];

/** What a token of one scope gets on its own account and on another's; a scope that is not named is not let in. */
interface Cell {
  readonly own: string;
  readonly other: string;
}
const both = (answer: string): Cell => ({ own: answer, other: answer });

/** Calls that name no account: they show and change the caller's own, whatever else is sent along. */
const OWN_ONLY = { 'credits/user': both('200') };
const MADE_FOR_ONESELF = { 'credits/user': both('201') };
/** Who has no subscription has nothing to change, whoever else has one. */
const OF_SUBSCRIBERS = { 'credits/user': { own: '200', other: '409 no_subscription' } };
const SUPPORTS = (answer: string) => ({ 'credits/support': both(answer) });
const AGENTS = { 'credits/agent': both('200') };

/** Every operation × every scope × whose account. The document says who is let in; this says what they then may do. */
const EXPECTED: Readonly<Record<string, Readonly<Partial<Record<Scope, Cell>>>>> = {
  getPricing: {},
  getOpenapi: {},
  getHealth: {},
  createEstimate: { 'credits/user': { own: '201', other: '403 forbidden' }, 'credits/agent': both('201') },
  createRun: {
    'credits/user': { own: '201', other: '400 validation_failed' },
    // R4: an agent's token alone never approves, not even on the account that bears its name.
    'credits/agent': both('403 approval_required'),
  },
  getRun: {
    'credits/user': { own: '200', other: '404 not_found' },
    'credits/agent': both('200'),
    'credits/support': both('200'),
  },
  settleRun: AGENTS,
  failRun: AGENTS,
  extendRun: AGENTS,
  getBalance: OWN_ONLY,
  listUsage: OWN_ONLY,
  getPreferences: OWN_ONLY,
  putPreferences: OWN_ONLY,
  getBilling: OWN_ONLY,
  createCheckout: MADE_FOR_ONESELF,
  createPortal: MADE_FOR_ONESELF,
  cancelSubscription: OF_SUBSCRIBERS,
  resumeSubscription: OF_SUBSCRIBERS,
  changePlan: OF_SUBSCRIBERS,
  requestQuote: MADE_FOR_ONESELF,
  getAccount: SUPPORTS('200'),
  grantCredits: SUPPORTS('201'),
  assignPlan: SUPPORTS('200'),
  refundRun: SUPPORTS('200'),
  refundLegacy: SUPPORTS('200'),
  stripeWebhook: {},
};

let shop: Shop;
let api: Api;
beforeAll(async () => {
  shop = await Shop.open();
  api = shop.api;
  await api.nextNoon();
});
afterAll(() => api.stop());

test('the table has a row for every operation, and lets in whom the document lets in', () => {
  const served = api.system.contract.operations;
  expect(Object.keys(EXPECTED).toSorted()).toEqual(served.map(({ operationId }) => operationId).toSorted());
  for (const { operationId, scopes } of served) {
    expect(Object.keys(EXPECTED[operationId] ?? {}).toSorted(), operationId).toEqual(scopes.toSorted());
  }
});

describe.each(operations.filter(({ scopes }) => scopes.length > 0))('$id', ({ id, method, path, scopes }) => {
  const call = { method, path };

  test('each scope that is let in, on one’s own account and on another’s', async () => {
    for (const scope of scopes) {
      for (const whose of ['own', 'other'] as const) {
        const owner = await api.user();
        await api.promote(owner, 4321);
        const asked = await requestAbout(shop, id, owner, 17);
        const caller = await api.actor(whose === 'own' ? owner.sub : `stranger-of-${owner.sub}`, [scope]);
        const before = await stateOf(api, owner);
        const reply = await caller.send(call, asked);
        expect(answerOf(reply), `${scope} ${whose}`).toBe(EXPECTED[id]?.[scope]?.[whose]);
        // A stranger changes nothing, and learns nothing, where nobody let them.
        const meant = whose === 'own' || scope !== 'credits/user';
        if (reply.status >= 400 || !meant) expect(await stateOf(api, owner)).toEqual(before);
        if (!meant) expect(reply.text).not.toMatch(/4321|4361/);
      }
    }
  });
});

test('a public call takes any token, and none', async () => {
  const open = operations.filter(({ id, scopes }) => scopes.length === 0 && id !== stripeWebhook.id);
  for (const { method, path } of open) {
    for (const authorization of [undefined, 'Bearer junk', 'Basic x']) {
      const headers = authorization === undefined ? {} : { authorization };
      expect((await api.system.request(method, path, { headers })).status).toBe(200);
    }
  }
});

test('the webhook asks for Stripe’s signature and for nothing else, whatever the token', async () => {
  const rawBody = JSON.stringify({ id: 'evt_1', type: 'customer.turned_blue' });
  const tokens = await Promise.all(
    [[], ...SCOPES.map((scope) => [scope]), SCOPES].map((scopes) => api.system.token('ann', scopes)),
  );
  const signature = signatureOf(rawBody, await api.system.clock.now());
  const shared = { 'stripe-signature': 'whsec_local' };
  for (const authorization of [undefined, 'Bearer junk', 'Basic x', ...tokens.map((token) => `Bearer ${token}`)]) {
    const bearing = authorization === undefined ? {} : { authorization };
    for (const unsigned of [bearing, { ...bearing, ...shared }]) {
      expect(answerOf(await deliver(api, rawBody, unsigned))).toBe('400 validation_failed');
    }
    expect(answerOf(await deliver(api, rawBody, { ...bearing, ...signature }))).toBe('200');
  }
});

test('a token with several scopes may do what each of them may, and no more', async () => {
  const owner = await api.user();
  const other = await api.user();
  const dual = await api.actor(owner.sub, ['credits/user', 'credits/agent']);
  const own = await dual.send({ method: 'POST', path: '/v1/runs' }, await requestAbout(shop, 'createRun', owner, 0));
  expect(own).toMatchObject({ status: 201, body: { approval: { how: 'explicit', by: owner.sub } } });
  const foreign = await dual.send(
    { method: 'POST', path: '/v1/runs' },
    await requestAbout(shop, 'createRun', other, 0),
  );
  expect(foreign).toMatchObject({ status: 403, body: { code: 'approval_required' } });
  const granted = await dual.send(
    { method: 'POST', path: '/v1/support/accounts/{id}/grants' },
    await requestAbout(shop, 'grantCredits', owner, 0),
  );
  expect(granted).toMatchObject({ status: 403, body: { message: 'Forbidden' } });
});
