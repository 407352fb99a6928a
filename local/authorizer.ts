import type { JWTPayload } from 'jose';
import type { Issuer } from './issuer.ts';
import type { Route } from './routes.ts';

/** What a function gets to know of a token (`requestContext.authorizer.jwt`). */
export interface Authorized {
  readonly claims: Readonly<Record<string, string>>;
  /** The token's scopes; `null` on a route that asks for none. */
  readonly scopes: readonly string[] | null;
}

export type Authorization =
  | Authorized
  | { readonly denied: 'unauthorized'; readonly challenge: string }
  | { readonly denied: 'forbidden' };

const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Every claim as text, the way API Gateway writes them: arrays as `[a b]`, nulls left out (measured: floci-io/floci#2011). */
const claimTexts = (payload: JWTPayload): Record<string, string> =>
  Object.fromEntries(
    Object.entries(payload).flatMap(([name, value]) => {
      if (value === null || value === undefined) return [];
      return [[name, Array.isArray(value) ? `[${value.map(asText).join(' ')}]` : asText(value)]];
    }),
  );

const scopesOf = (payload: JWTPayload): string[] => {
  const given = payload['scp'] ?? payload['scope'];
  if (Array.isArray(given)) return given.map(asText);
  return typeof given === 'string' ? given.split(' ').filter((scope) => scope !== '') : [];
};

/**
 * An HTTP API's JWT authorizer: any good token first (401), then any one of the route's scopes (403). The header may hold the bare token.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
 */
export const authorize = async (issuer: Issuer, route: Route, header: string | undefined): Promise<Authorization> => {
  const token = header?.replace(/^bearer(?= |$)/i, '').trim();
  if (!token) return { denied: 'unauthorized', challenge: 'Bearer' };
  let payload: JWTPayload;
  try {
    payload = await issuer.verify(token);
  } catch {
    const challenge = 'Bearer scope="" error="invalid_token" error_description="the token is not valid"';
    return { denied: 'unauthorized', challenge };
  }
  const scopes = scopesOf(payload);
  if (route.scopes.length > 0 && !route.scopes.some((scope) => scopes.includes(scope))) return { denied: 'forbidden' };
  return { claims: claimTexts(payload), scopes: route.scopes.length > 0 ? scopes : null };
};
