import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Authorized } from './authorizer.ts';
import type { Match } from './router.ts';

/** Connection matters, which end at the gateway. */
const hopByHop = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'expect', 'te', 'trailer']);

/** Delivered as text; any other type, and none at all, as base64 (measured: ministackorg/ministack#766). */
const isText = (contentType = ''): boolean =>
  /^(text\/.*|application\/(json|xml|javascript))$/i.test((contentType.split(';')[0] ?? '').trim());

/** Pairs of one name joined by commas, in the order of their first. */
const joined = (pairs: Iterable<readonly [string, string]>): Record<string, string> => {
  const values = new Map<string, string>();
  for (const [name, value] of pairs) {
    const before = values.get(name);
    values.set(name, before === undefined ? value : `${before},${value}`);
  }
  return Object.fromEntries(values);
};

const headersOf = ({ rawHeaders, socket }: IncomingMessage): Record<string, string> => {
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? '').toLowerCase();
    if (!hopByHop.has(name) && name !== 'cookie') pairs.push([name, rawHeaders[i + 1] ?? '']);
  }
  pairs.push(['x-forwarded-for', socket.remoteAddress ?? ''], ['x-forwarded-proto', 'http']);
  return joined(pairs);
};

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `14/Apr/2025:22:14:35 +0000` */
const logTime = (atMs: number): string => {
  const [date = '', time = ''] = new Date(atMs).toISOString().split(/[T.]/);
  const [year, month, day] = date.split('-');
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${time} +0000`;
};

export interface ReceivedRequest {
  readonly request: IncomingMessage;
  readonly match: Match;
  /** Decoded; what AWS calls `rawPath` is decoded too. */
  readonly path: string;
  /** Still encoded. */
  readonly rawQueryString: string;
  readonly body: Buffer;
  readonly authorized: Authorized | undefined;
  readonly nowMs: number;
}

/**
 * The event of an HTTP API's Lambda proxy integration, payload format 2.0. As there, fields without content are left out.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export const proxyEvent = ({ request, match, path, rawQueryString, body, authorized, nowMs }: ReceivedRequest) => {
  const { route, pathParameters } = match;
  const query = joined(new URLSearchParams(rawQueryString));
  const text = isText(request.headers['content-type']);
  const host = request.headers.host ?? 'localhost';
  return {
    version: '2.0',
    routeKey: route.routeKey,
    rawPath: path,
    rawQueryString,
    ...(request.headers.cookie && { cookies: request.headers.cookie.split(/; */) }),
    headers: headersOf(request),
    ...(Object.keys(query).length > 0 && { queryStringParameters: query }),
    requestContext: {
      accountId: '000000000000',
      apiId: 'local',
      ...(authorized && { authorizer: { jwt: authorized } }),
      domainName: host,
      domainPrefix: host.split('.')[0],
      http: {
        method: request.method,
        path,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? '',
        userAgent: request.headers['user-agent'] ?? '',
      },
      requestId: randomBytes(11).toString('base64'),
      routeKey: route.routeKey,
      stage: '$default',
      time: logTime(nowMs),
      timeEpoch: nowMs,
    },
    ...(Object.keys(pathParameters).length > 0 && { pathParameters }),
    ...(body.length > 0 && { body: body.toString(text ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !text,
  };
};
export type ProxyEvent = ReturnType<typeof proxyEvent>;
