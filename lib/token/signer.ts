import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SigningKey } from './signing-keys.ts';

/** What a token is for; one kind never passes for another. */
export type TokenKind = 'estimate' | 'receipt' | 'cursor';

export interface Signer {
  /** `kid.payload.mac`: the payload as base64url JSON, with HMAC-SHA256 (RFC 2104) over kind, key id and payload by the newest key. */
  readonly sign: (kind: TokenKind, payload: unknown) => Promise<string>;
  /** The payload; `undefined` for whatever is not a token of that kind by one of the accepted keys, and no word why. */
  readonly open: (kind: TokenKind, token: string) => Promise<unknown>;
}

const macOf = (kind: TokenKind, { kid, secret }: SigningKey, payload: string): Buffer =>
  createHmac('sha256', secret).update(`${kind}.${kid}.${payload}`).digest();

/** There is no algorithm to choose and none to confuse: one MAC, compared in constant time, before anything is decoded. */
export const createSigner = (keys: (kid?: string) => Promise<readonly SigningKey[]>): Signer => ({
  sign: async (kind, content) => {
    const [newest] = await keys();
    if (newest === undefined) throw new Error('there is no signing key');
    const payload = Buffer.from(JSON.stringify(content)).toString('base64url');
    return `${newest.kid}.${payload}.${macOf(kind, newest, payload).toString('base64url')}`;
  },
  open: async (kind, token) => {
    const [kid, payload, mac, ...rest] = token.split('.');
    const key = (await keys(kid)).find((each) => each.kid === kid);
    if (key === undefined || payload === undefined || mac === undefined || rest.length > 0) return undefined;
    const expected = macOf(kind, key, payload);
    const given = Buffer.from(mac, 'base64url');
    const genuine = given.length === expected.length && timingSafeEqual(given, expected);
    // Only the one way to write a MAC is taken, so that a token cannot be altered and still open.
    return genuine && given.toString('base64url') === mac
      ? JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))
      : undefined;
  },
});
