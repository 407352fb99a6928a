import type { IncomingMessage } from 'node:http';
import { authorize } from './authorizer.ts';
import { preflight, withCors } from './cors.ts';
import { type ProxyEvent, proxyEvent } from './event.ts';
import { toAnswer } from './function-result.ts';
import { type Answer, gatewayAnswer } from './http-answer.ts';
import { readBody } from './http-body.ts';
import type { Issuer } from './issuer.ts';
import { decodedPath, matchRoute } from './router.ts';
import type { HttpApi } from './routes.ts';

/** API Gateway's own limit, and Lambda's on the event it is handed (6 MB); both are answered alike. */
const BODY_LIMIT = 10 * 1024 * 1024;
const EVENT_LIMIT = 6 * 1024 * 1024;

export interface GatewayParts {
  readonly api: HttpApi;
  readonly issuer: Issuer;
  readonly now: () => number;
  /** Calls the function behind a route, by its logical id. */
  readonly invoke: (functionId: string, event: ProxyEvent) => Promise<unknown>;
}

export type Gateway = (request: IncomingMessage) => Promise<Answer>;

const targetOf = (url: string): [path: string, query: string] => {
  const at = url.indexOf('?');
  return at < 0 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)];
};

/** An escape in JSON takes six bytes at most for one of the body's. */
const exceedsLambda = (event: ProxyEvent, bodyBytes: number): boolean =>
  bodyBytes * 6 > EVENT_LIMIT && Buffer.byteLength(JSON.stringify(event)) > EVENT_LIMIT;

/** An HTTP API in front of the functions: routes, tokens, scopes, limits and CORS, with API Gateway's statuses and bodies. */
export const createGateway = ({ api, issuer, now, invoke }: GatewayParts): Gateway => {
  const answer = async (request: IncomingMessage): Promise<Answer> => {
    const [rawPath, rawQueryString] = targetOf(request.url ?? '/');
    const path = decodedPath(rawPath);
    if (path === undefined) return gatewayAnswer.badRequest;
    const match = matchRoute(api.routes, request.method ?? 'GET', path);
    if (!match) return gatewayAnswer.notFound;

    const authorization = match.route.guarded
      ? await authorize(issuer, match.route, request.headers.authorization)
      : undefined;
    if (authorization && 'denied' in authorization) {
      return authorization.denied === 'forbidden'
        ? gatewayAnswer.forbidden
        : gatewayAnswer.unauthorized(authorization.challenge);
    }

    const body = await readBody(request, BODY_LIMIT);
    if (body === 'too_large') return gatewayAnswer.tooLarge;
    const event = proxyEvent({ request, match, path, rawQueryString, body, authorized: authorization, nowMs: now() });
    if (exceedsLambda(event, body.length)) return gatewayAnswer.tooLarge;
    try {
      const { headers, ...rest } = toAnswer(await invoke(match.route.functionId, event));
      return { ...rest, headers: { ...headers, 'apigw-requestid': event.requestContext.requestId } };
    } catch (error) {
      console.error(`${match.route.routeKey} failed:`, error);
      return gatewayAnswer.internal;
    }
  };
  return async (request) =>
    api.cors && request.method === 'OPTIONS'
      ? preflight(api.cors, request)
      : withCors(api.cors, request, await answer(request));
};
