import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import type { Operation } from '../../lib/http/contract/operation.ts';
import { routeKey } from '../../lib/http/contract/operation.ts';

export interface Arrival {
  readonly params?: Record<string, string>;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  /** What an authorizer has made of a token; left out where none stood before the function. */
  readonly authorizer?: object;
}

/** An event of an HTTP API's Lambda integration, as a function gets it. */
export const gatewayEvent = (
  operation: Pick<Operation, 'method' | 'path'>,
  { params, headers = {}, body, isBase64Encoded = false, authorizer }: Arrival,
): APIGatewayProxyEventV2 => {
  const key = routeKey(operation);
  const requestContext = {
    accountId: '000000000000',
    apiId: 'api',
    domainName: 'api.example',
    domainPrefix: 'api',
    http: { method: operation.method, path: '/', protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
    requestId: 'request-1',
    routeKey: key,
    stage: '$default',
    time: '',
    timeEpoch: 0,
  };
  return {
    version: '2.0',
    routeKey: key,
    rawPath: '/',
    rawQueryString: '',
    headers,
    requestContext: authorizer === undefined ? requestContext : { ...requestContext, ...{ authorizer } },
    ...(params === undefined ? {} : { pathParameters: params }),
    ...(body === undefined ? {} : { body }),
    isBase64Encoded,
  };
};

/** What API Gateway's JWT authorizer hands on of a good token. */
export const jwtOf = (sub: string, ...scopes: readonly string[]): object => ({
  jwt: { claims: { sub, scope: scopes.join(' ') }, scopes },
});

export const lambdaContext: Context = {
  callbackWaitsForEmptyEventLoop: false,
  functionName: 'door',
  functionVersion: '1',
  invokedFunctionArn: 'arn:aws:lambda:eu-central-1:000000000000:function:door',
  memoryLimitInMB: '128',
  awsRequestId: 'request-1',
  logGroupName: 'log',
  logStreamName: 'log',
  getRemainingTimeInMillis: () => 10_000,
  done: () => undefined,
  fail: () => undefined,
  succeed: () => undefined,
};
