import { join } from 'node:path';
import { createLocalJWKSet, exportJWK, generateKeyPair, importJWK, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import * as z from 'zod/mini';
import { keepDataFile } from './data-file.ts';

/** Not this server's address: that has a port, and tokens must outlive it. */
const ISSUER = 'urn:agent-credits:local';
const AUDIENCE = 'credits';
/** API Gateway's JWT authorizer takes RSA only. */
const ALGORITHM = 'RS256';

const rsa = { kty: z.literal('RSA'), kid: z.string(), alg: z.literal(ALGORITHM), n: z.string(), e: z.string() };
const publicKey = z.object({ ...rsa, use: z._default(z.literal('sig'), 'sig') });
const privateKey = z.object({
  ...rsa,
  d: z.string(),
  p: z.string(),
  q: z.string(),
  dp: z.string(),
  dq: z.string(),
  qi: z.string(),
});

/** Signs the tokens of one machine, and accepts them. */
export interface Issuer {
  /** A token for `sub` with these scopes. It has no `exp`, so it does not lapse. */
  readonly token: (sub: string, scopes: readonly string[]) => Promise<string>;
  /** The claims of a token that is whole, ours and meant for this API; throws otherwise. */
  readonly verify: (token: string) => Promise<JWTPayload>;
  /** `/.well-known/openid-configuration`, seen at `baseUrl`. */
  readonly configuration: (baseUrl: string) => object;
  /** `/.well-known/jwks.json` */
  readonly jwks: { readonly keys: readonly z.infer<typeof publicKey>[] };
}

const newKey = async (): Promise<z.infer<typeof privateKey>> => {
  const pair = await generateKeyPair(ALGORITHM, { extractable: true });
  return privateKey.parse({ ...(await exportJWK(pair.privateKey)), kid: 'local', alg: ALGORITHM });
};

/** The key pair is made once and kept in the data directory: tokens stay good across restarts. */
export const openIssuer = async (dataDir: string, now: () => number): Promise<Issuer> => {
  const secret = await keepDataFile(join(dataDir, 'issuer-key.json'), privateKey, newKey);
  const jwks = { keys: [publicKey.parse(secret)] };
  const signingKey = await importJWK(secret, ALGORITHM);
  const keys = createLocalJWKSet(jwks);

  return {
    token: (sub, scopes) =>
      new SignJWT({ scope: scopes.join(' '), client_id: 'local' })
        .setProtectedHeader({ alg: ALGORITHM, kid: secret.kid, typ: 'JWT' })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setSubject(sub)
        .setIssuedAt(new Date(now()))
        .sign(signingKey),
    verify: async (token) => {
      const judgedAt = { issuer: ISSUER, audience: AUDIENCE, algorithms: [ALGORITHM], currentDate: new Date(now()) };
      return (await jwtVerify(token, keys, judgedAt)).payload;
    },
    configuration: (baseUrl) => ({
      issuer: ISSUER,
      jwks_uri: `${baseUrl}/.well-known/jwks.json`,
      response_types_supported: ['token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: [ALGORITHM],
    }),
    jwks,
  };
};
