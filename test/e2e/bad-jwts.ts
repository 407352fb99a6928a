import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportJWK, exportSPKI, generateKeyPair, importJWK, type JWK, type JWTPayload, SignJWT } from 'jose';
import * as z from 'zod/mini';
import type { TestSystem } from './harness.ts';

const jwk = z.looseObject({ kty: z.literal('RSA'), kid: z.string() });
const claimsOf = (token: string): Record<string, unknown> =>
  z.looseObject({}).parse(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')));

/** Signs whatever claims it is given with the system's own key, as its issuer never would. */
export interface Forger {
  readonly sign: (claims: JWTPayload) => Promise<string>;
  /** What a good token of the system claims, but for who and what. */
  readonly base: Readonly<Record<string, unknown>>;
}

export const openForger = async (system: TestSystem): Promise<Forger> => {
  const secret = jwk.parse(JSON.parse(readFileSync(join(system.dataDir, 'issuer-key.json'), 'utf8')));
  const key = await importJWK(secret, 'RS256');
  const { sub: _, scope: __, ...base } = claimsOf(await system.token('anyone', []));
  return {
    base,
    sign: (claims) => new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: secret.kid, typ: 'JWT' }).sign(key),
  };
};

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Everything an `authorization` header may hold that is no good token of this system; `undefined` is no header at all. */
export const badAuthorizations = async (
  system: TestSystem,
  forger: Forger,
  sub: string,
  scopes: readonly string[],
): Promise<readonly (readonly [it: string, header: string | undefined])[]> => {
  const genuine = await system.token(sub, scopes);
  const [head = '', payload = '', signature = ''] = genuine.split('.');
  const claims = { ...forger.base, sub, scope: scopes.join(' ') };
  const nowS = Math.floor((await system.clock.now()) / 1000);
  const published = z.object({ keys: z.array(jwk) }).parse((await system.request('GET', '/.well-known/jwks.json')).body)
    .keys[0];
  if (published === undefined) throw new Error('the issuer publishes no key');
  const publicKey = await importJWK(published, 'RS256', { extractable: true });
  if (publicKey instanceof Uint8Array) throw new Error('an RSA key is none of bytes');
  const hmacOf = (secret: string) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: published.kid }).sign(new TextEncoder().encode(secret));
  const stranger = await generateKeyPair('RS256', { extractable: true });
  const strangers = (header: { jwk?: JWK }) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: published.kid, ...header }).sign(stranger.privateKey);
  const without = (name: string) => Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name));
  const flipped = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
  const bearer: readonly (readonly [string, string])[] = [
    ['a word', 'token'],
    ['three words', 'a.b.c'],
    ['two dots', '..'],
    ['8,000 characters', 'x'.repeat(8000)],
    ['unsigned', `${encode({ alg: 'none', typ: 'JWT' })}.${payload}.`],
    ['unsigned, None', `${encode({ alg: 'None' })}.${payload}.`],
    ['unsigned with a signature', `${encode({ alg: 'none' })}.${payload}.${signature}`],
    ['signed with the public key as a secret', await hmacOf(await exportSPKI(publicKey))],
    ['signed with the published modulus as a secret', await hmacOf(String(published['n']))],
    ['signed by a stranger under our key id', await strangers({})],
    ['signed by a stranger who brings the key along', await strangers({ jwk: await exportJWK(stranger.publicKey) })],
    ['expired a second ago', await forger.sign({ ...claims, exp: nowS - 1 })],
    ['not valid before tomorrow', await forger.sign({ ...claims, nbf: nowS + 86_400 })],
    ['of another issuer', await forger.sign({ ...claims, iss: 'https://issuer.example' })],
    ['of no issuer', await forger.sign(without('iss'))],
    ['for another audience', await forger.sign({ ...claims, aud: 'another-api' })],
    ['for no audience', await forger.sign(without('aud'))],
    ['altered', `${head}.${encode({ ...claims, sub: 'root' })}.${signature}`],
    ['with another head', `${encode({ alg: 'RS256' })}.${payload}.${signature}`],
    ['with a flipped signature', `${head}.${payload}.${flipped}`],
    ['without its signature', `${head}.${payload}`],
    ['cut by one', genuine.slice(0, -1)],
    ['twice', `${genuine}, ${genuine}`],
    ['with more behind it', `${genuine}.x`],
  ];
  return [
    ['no header', undefined],
    ['an empty header', ''],
    ['a scheme alone', 'Bearer'],
    ['a scheme and a blank', 'Bearer '],
    ['name and password', `Basic ${Buffer.from('ann:secret').toString('base64')}`],
    ['another scheme', `Token ${genuine}`],
    ...bearer.map(([it, token]): [string, string] => [it, `Bearer ${token}`]),
  ];
};

/** Good tokens whose subject can be nobody's account: the gateway lets them in, the door does not. */
export const nobodysTokens = async ({ sign, base }: Forger, scopes: readonly string[]): Promise<readonly string[]> => {
  const scope = scopes.join(' ');
  const subs = ['', ' ', 'a b', 'ann\n', 'ann\u0000', 'änn', '🎬', 'x'.repeat(256), 'x'.repeat(5000)];
  return Promise.all([sign({ ...base, scope }), ...subs.map((sub) => sign({ ...base, scope, sub }))]);
};
