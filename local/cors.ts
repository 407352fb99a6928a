import type { IncomingMessage } from 'node:http';
import type { Answer } from './http-answer.ts';
import type { Cors } from './routes.ts';

const PREFIX = 'access-control-';

const allowedOrigin = (cors: Cors, request: IncomingMessage): string | undefined => {
  const { origin } = request.headers;
  if (origin === undefined) return undefined;
  if (cors.origins.includes('*')) return '*';
  return cors.origins.includes(origin) ? origin : undefined;
};

const originHeaders = (cors: Cors, origin: string): Record<string, string> => ({
  [`${PREFIX}allow-origin`]: origin,
  ...(cors.credentials && { [`${PREFIX}allow-credentials`]: 'true' }),
  ...(origin !== '*' && { vary: 'Origin' }),
});

/** The answer to any OPTIONS request of an API with CORS: API Gateway gives it itself, to the allowed origins with what they may do. */
export const preflight = (cors: Cors, request: IncomingMessage): Answer => {
  const origin = allowedOrigin(cors, request);
  const asked = request.headers['access-control-request-method'] !== undefined;
  const headers =
    origin === undefined || !asked
      ? {}
      : {
          ...originHeaders(cors, origin),
          ...(cors.methods.length > 0 && { [`${PREFIX}allow-methods`]: cors.methods.join(',') }),
          ...(cors.headers.length > 0 && { [`${PREFIX}allow-headers`]: cors.headers.join(',') }),
          ...(cors.maxAgeSeconds !== undefined && { [`${PREFIX}max-age`]: String(cors.maxAgeSeconds) }),
        };
  return { status: 204, headers, body: '' };
};

/** With CORS configured, API Gateway drops what a function says about it and adds its own. */
export const withCors = (cors: Cors | undefined, request: IncomingMessage, answer: Answer): Answer => {
  if (!cors) return answer;
  const own = Object.fromEntries(Object.entries(answer.headers).filter(([name]) => !name.startsWith(PREFIX)));
  const origin = allowedOrigin(cors, request);
  const added = origin === undefined ? {} : originHeaders(cors, origin);
  const exposed = origin !== undefined &&
    cors.exposed.length > 0 && { [`${PREFIX}expose-headers`]: cors.exposed.join(',') };
  return { ...answer, headers: { ...own, ...added, ...exposed } };
};
