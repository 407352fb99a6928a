import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Scope } from '../../lib/http/contract/operation.ts';
import { operations } from '../../lib/http/contract/operations.ts';
import { Actor, pathOf } from './actor.ts';
import type { Api } from './api.ts';
import { badAuthorizations, type Forger, nobodysTokens, openForger } from './bad-jwts.ts';
import { answerOf, requestAbout, stateOf } from './request-about.ts';
import { Shop } from './shop.ts';

const SCOPES: readonly Scope[] = ['credits/user', 'credits/agent', 'credits/support'];

let shop: Shop;
let api: Api;
let forger: Forger;
/** Headers that hold no good token, and good tokens of no account; were they good, they would be let in anywhere. */
let unknown: Awaited<ReturnType<typeof badAuthorizations>>;
let nameless: readonly string[];
beforeAll(async () => {
  shop = await Shop.open();
  api = shop.api;
  await api.nextNoon();
  forger = await openForger(api.system);
  unknown = await badAuthorizations(api.system, forger, 'ann', SCOPES);
  nameless = await nobodysTokens(forger, SCOPES);
});
afterAll(() => api.stop());

const lookalikes = (scope: Scope): string[] => [
  ...['', 'credits', 'user', 'credits/*', '*', `"${scope}"`, `${scope}s`, `x${scope}`, scope.toUpperCase()],
  `${scope},${scope}`,
];

const FORBIDDEN = '403 {"message":"Forbidden"}';
const UNAUTHORIZED = '401 {"message":"Unauthorized"}';

describe.each(operations.filter(({ scopes }) => scopes.length > 0))('$id', ({ id, method, path, scopes }) => {
  const call = { method, path };

  test('lets in no other scope, none that only looks like one, no bad token', async () => {
    const owner = await api.user();
    const asked = await requestAbout(shop, id, owner, 17);
    const before = await stateOf(api, owner);
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
    expect(await stateOf(api, owner)).toEqual(before);
  });
});
