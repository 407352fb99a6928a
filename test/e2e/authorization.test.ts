import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { getPreferences } from '../../lib/http/contract/account.ts';
import type { Scope } from '../../lib/http/contract/operation.ts';
import { operations } from '../../lib/http/contract/operations.ts';
import { settleRun } from '../../lib/http/contract/settle.ts';
import { Actor, type Asked, pathOf } from './actor.ts';
import { Api } from './api.ts';
import { badAuthorizations, type Forger, nobodysTokens, openForger } from './bad-jwts.ts';
import type { Reply } from './harness.ts';

const SCOPES: readonly Scope[] = ['credits/user', 'credits/agent', 'credits/support'];

/** What a token of one scope gets on its own account and on another's; a scope that is not named is not let in. */
interface Cell {
  readonly own: string;
  readonly other: string;
}
const both = (answer: string): Cell => ({ own: answer, other: answer });

/** Calls that name no account: they show and change the caller's own, whatever else is sent along. */
const OWN_ONLY = { 'credits/user': both('200') };
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
  getAccount: SUPPORTS('200'),
  grantCredits: SUPPORTS('201'),
  assignPlan: SUPPORTS('200'),
  refundRun: SUPPORTS('200'),
};

let api: Api;
let forger: Forger;
/** Headers that hold no good token, and good tokens of no account; were they good, they would be let in anywhere. */
let unknown: Awaited<ReturnType<typeof badAuthorizations>>;
let nameless: readonly string[];
beforeAll(async () => {
  api = await Api.open();
  await api.nextNoon();
  forger = await openForger(api.system);
  unknown = await badAuthorizations(api.system, forger, 'ann', SCOPES);
  nameless = await nobodysTokens(forger, SCOPES);
});
afterAll(() => api.stop());

/** A good request to an operation about `owner`'s account, whoever sends it. */
const requestAbout = async (id: string, owner: Actor, secret: number): Promise<Asked> => {
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
    case 'listUsage':
      return {};
    default:
      return { query: { accountId: owner.sub } };
  }
};

const stateOf = async (owner: Actor): Promise<unknown> => ({
  balance: await api.balance(owner),
  preferences: await owner.ok(getPreferences),
  history: await api.history(owner),
});

const lookalikes = (scope: Scope): string[] => [
  ...['', 'credits', 'user', 'credits/*', '*', `"${scope}"`, `${scope}s`, `x${scope}`, scope.toUpperCase()],
  `${scope},${scope}`,
];

const problem = z.looseObject({ code: z.string() });
const FORBIDDEN = '403 {"message":"Forbidden"}';
const UNAUTHORIZED = '401 {"message":"Unauthorized"}';

test('the table has a row for every operation, and lets in whom the document lets in', () => {
  const served = api.system.contract.operations;
  expect(Object.keys(EXPECTED).toSorted()).toEqual(served.map(({ operationId }) => operationId).toSorted());
  for (const { operationId, scopes } of served) {
    expect(Object.keys(EXPECTED[operationId] ?? {}).toSorted(), operationId).toEqual(scopes.toSorted());
  }
});

const answerOf = ({ status, body, text }: Reply): string => {
  const refusal = problem.safeParse(body);
  return status < 400 ? String(status) : `${status} ${refusal.success ? refusal.data.code : text}`;
};

describe.each(operations.filter(({ scopes }) => scopes.length > 0))('$id', ({ id, method, path, scopes }) => {
  const call = { method, path };

  test('each scope that is let in, on one’s own account and on another’s', async () => {
    for (const scope of scopes) {
      for (const whose of ['own', 'other'] as const) {
        const owner = await api.user();
        await api.promote(owner, 4321);
        const asked = await requestAbout(id, owner, 17);
        const caller = await api.actor(whose === 'own' ? owner.sub : `stranger-of-${owner.sub}`, [scope]);
        const before = await stateOf(owner);
        const reply = await caller.send(call, asked);
        expect(answerOf(reply), `${scope} ${whose}`).toBe(EXPECTED[id]?.[scope]?.[whose]);
        // A stranger changes nothing, and learns nothing, where nobody let them.
        const meant = whose === 'own' || scope !== 'credits/user';
        if (reply.status >= 400 || !meant) expect(await stateOf(owner)).toEqual(before);
        if (!meant) expect(reply.text).not.toMatch(/4321|4361/);
      }
    }
  });

  test('nobody else: no other scope, none that only looks like one, no bad token', async () => {
    const owner = await api.user();
    const asked = await requestAbout(id, owner, 17);
    const before = await stateOf(owner);
    const others = SCOPES.filter((scope) => !scopes.includes(scope));
    const forbidden = [others, ...others.map((scope) => [scope]), ...scopes.flatMap(lookalikes)].map(async (given) => {
      const claims = { ...forger.base, sub: owner.sub, scope: [given].flat().join(' ') };
      const reply = await new Actor(api.system, owner.sub, await forger.sign(claims)).send(call, asked);
      expect(`${given}: ${answerOf(reply)}`).toBe(`${given}: ${FORBIDDEN}`);
    });
    const unauthorized = unknown.map(async ([it, header]) => {
      const headers = { ...asked.headers, ...(header === undefined ? {} : { authorization: header }) };
      const reply = await api.system.raw(method, pathOf(path, asked), { ...asked, headers });
      expect(`${it}: ${answerOf(reply)}`).toBe(`${it}: ${UNAUTHORIZED}`);
    });
    const nobodys = nameless.map(async (token) => {
      const reply = await api.system.raw(method, pathOf(path, asked), { ...asked, token });
      expect(answerOf(reply)).toBe('401 unauthenticated');
    });
    await Promise.all([...forbidden, ...unauthorized, ...nobodys]);
    expect(await stateOf(owner)).toEqual(before);
  });
});

test('a public call takes any token, and none', async () => {
  for (const { method, path } of operations.filter(({ scopes }) => scopes.length === 0)) {
    for (const authorization of [undefined, 'Bearer junk', 'Basic x']) {
      const headers = authorization === undefined ? {} : { authorization };
      expect((await api.system.request(method, path, { headers })).status).toBe(200);
    }
  }
});

test('a token with several scopes may do what each of them may, and no more', async () => {
  const owner = await api.user();
  const other = await api.user();
  const dual = await api.actor(owner.sub, ['credits/user', 'credits/agent']);
  const own = await dual.send({ method: 'POST', path: '/v1/runs' }, await requestAbout('createRun', owner, 0));
  expect(own).toMatchObject({ status: 201, body: { approval: { how: 'explicit', by: owner.sub } } });
  const foreign = await dual.send({ method: 'POST', path: '/v1/runs' }, await requestAbout('createRun', other, 0));
  expect(foreign).toMatchObject({ status: 403, body: { code: 'approval_required' } });
  const granted = await dual.send(
    { method: 'POST', path: '/v1/support/accounts/{id}/grants' },
    await requestAbout('grantCredits', owner, 0),
  );
  expect(granted).toMatchObject({ status: 403, body: { message: 'Forbidden' } });
});
