import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { dynamoClient } from '../../../lib/store/table.ts';
import { type Endpoint, type Reply, statusOf, timeoutError } from './endpoint.ts';
import { OPERATIONS } from './memory-table.ts';
import { isObject } from './value.ts';

interface HttpRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

const operationOf = (headers: HttpRequest['headers']) => {
  const target = headers['x-amz-target'] ?? headers['X-Amz-Target'] ?? '';
  const operation = OPERATIONS.find((each) => target.endsWith(`.${each}`));
  if (operation === undefined) throw new Error(`the memory table does not know ${target}`);
  return operation;
};

/** The SDK's body has string methods too, which warn. */
const textOf = (body: unknown): string => (body instanceof Uint8Array ? new TextDecoder().decode(body) : String(body));

const httpAnswer = (reply: Exclude<Reply, { readonly timedOut: true }>) => {
  if (reply.ok) return { statusCode: 200, body: reply.output };
  const { type, message, item, reasons } = reply.refusal;
  const body = {
    __type: `com.amazonaws.dynamodb.v20120810#${type}`,
    message,
    ...(item === undefined ? {} : { Item: item }),
    ...(reasons === undefined ? {} : { CancellationReasons: reasons }),
  };
  return { statusCode: statusOf(type), body };
};

/**
 * The product's own client with the whole SDK in it, marshalling, signing, retries and errors, on top of an endpoint in this
 * process instead of the network. Several times slower than `quickClient`, which must answer the same.
 */
export const wireClient = (endpoint: Endpoint, config: DynamoDBClientConfig = {}): DynamoDBDocumentClient =>
  dynamoClient({
    region: 'eu-central-1',
    endpoint: 'http://memory.invalid',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: {
      handle: async ({ headers, body }: HttpRequest) => {
        const request: unknown = JSON.parse(textOf(body));
        if (!isObject(request)) throw new Error('a request is an object');
        const reply = await endpoint(operationOf(headers), request);
        if ('timedOut' in reply) throw timeoutError();
        const answer = httpAnswer(reply);
        return {
          response: {
            statusCode: answer.statusCode,
            headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': 'memory' },
            body: Buffer.from(JSON.stringify(answer.body)),
          },
        };
      },
    },
    ...config,
  });
