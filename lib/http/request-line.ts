import { createHash } from 'node:crypto';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Runtime } from './runtime.ts';

/** What is looked at of a request. Whatever is in it may be anybody's making. */
interface Arrived {
  readonly routeKey: string;
  readonly body?: string;
  readonly pathParameters?: { readonly runId?: string | undefined; readonly id?: string | undefined };
  readonly requestContext?: {
    readonly requestId: string;
    readonly authorizer?: { readonly jwt?: { readonly claims?: { readonly sub?: unknown } } };
  };
}

/** An account in the log: always the same for the same account, and not to be turned back into its id. */
export const hashed = (id: unknown): string | undefined =>
  typeof id === 'string' ? createHash('sha256').update(id).digest('hex').slice(0, 16) : undefined;

/** A run's id has its account in it, in the clear: its UUID is logged, the rest hashed. */
const RUN = /^([\da-f-]{36})\.([\w-]+)$/;
const found = (text: string | undefined, pattern: RegExp, group = 1): string | undefined =>
  pattern.exec(text ?? '')?.[group];

/**
 * One line for each answer, hand-written for its size (docs/adr/0025-*): who, where, what became of it, how long it took; nothing that was sent
 * or answered but a refusal's code. A refusal is counted by its code, in CloudWatch's embedded metric format.
 */
export const requestLine = (
  { routeKey, body, pathParameters, requestContext }: Arrived,
  { statusCode = 200, body: answer }: APIGatewayProxyStructuredResultV2,
  { env, now }: Runtime,
  startMs: number,
) => {
  const endMs = now();
  const runId = pathParameters?.runId ?? found(answer, /^{"runId":"([^"]+)/);
  const ofRun = found(runId, RUN, 2);
  const code = statusCode < 400 ? undefined : found(answer, /"code":"(\w+)"/);
  return {
    level: 'INFO',
    service: `credits-${env['STAGE']}`,
    requestId: requestContext?.requestId,
    route: routeKey,
    caller: hashed(requestContext?.authorizer?.jwt?.claims?.sub),
    account: hashed(
      ofRun ? `${Buffer.from(ofRun, 'base64url')}` : (pathParameters?.id ?? found(body, /"accountId":"([^"]+)/)),
    ),
    run: found(runId, RUN),
    status: statusCode,
    ms: endMs - startMs,
    ...(code && {
      code,
      Refusals: 1,
      _aws: {
        Timestamp: endMs,
        CloudWatchMetrics: [
          { Namespace: 'Credits', Dimensions: [['service'], ['service', 'code']], Metrics: [{ Name: 'Refusals' }] },
        ],
      },
    }),
  };
};
