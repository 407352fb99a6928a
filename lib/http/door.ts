import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { invalid, isRefusal, type Refusal } from '../domain/refusal.ts';
import { chain } from './chain.ts';
import { type Command, parseCommand } from './command.ts';
import { type Operation, routeKey } from './contract/operation.ts';
import type { Runtime } from './runtime.ts';

/** An answer that is not JSON. */
export interface TextReply {
  readonly contentType: string;
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** One operation behind a door. */
export interface Route {
  readonly key: string;
  readonly answer: (
    event: APIGatewayProxyEventV2,
    body: unknown,
  ) => Promise<APIGatewayProxyStructuredResultV2 | Refusal>;
}

/** Joins an operation of the contract to what carries it out; requests and replies pass through its schemas. */
export const route = <P, Q, B, R extends object>(
  operation: Operation<P, Q, B, R>,
  carryOut: (command: Command<P, Q, B>) => Promise<R | TextReply | Refusal> | R | TextReply | Refusal,
): Route => ({
  key: routeKey(operation),
  answer: async (event, json) => {
    const command = parseCommand(operation, event, json);
    if (isRefusal(command)) return command;
    const reply = await carryOut(command);
    if (isRefusal(reply)) return reply;
    if ('text' in reply && 'contentType' in reply) {
      const headers = { 'content-type': String(reply.contentType), ...reply.headers };
      return { statusCode: operation.status, headers, body: String(reply.text) };
    }
    const body = JSON.stringify(operation.reply.parse(reply));
    return { statusCode: operation.status, headers: { 'content-type': 'application/json' }, body };
  },
});

/** Larger than any request of ours; API Gateway itself would take 10 MB. */
const MAX_BODY_BYTES = 64 * 1024;

/** The body as sent: API Gateway encodes what it does not take for text. */
export const rawBody = ({ body, isBase64Encoded }: APIGatewayProxyEventV2): Buffer =>
  Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8');

/** `undefined` for no body at all; refuses with `validation_failed` where it is not JSON. */
const jsonOf = (raw: Buffer): { readonly json: unknown } | Refusal => {
  if (raw.length === 0) return { json: undefined };
  try {
    return { json: JSON.parse(raw.toString('utf8')) };
  } catch (fault) {
    if (fault instanceof SyntaxError) return invalid('$', 'is not JSON');
    throw fault;
  }
};

/** A Lambda's handler for its operations: size, JSON, command, carrying out. */
export const door = (runtime: Runtime, routes: readonly Route[]) => {
  const byKey = new Map(routes.map((each) => [each.key, each]));
  return chain(runtime, async (event) => {
    const raw = rawBody(event);
    if (raw.length > MAX_BODY_BYTES) return { refused: 'payload_too_large' };
    const found = byKey.get(event.routeKey);
    if (found === undefined) return { refused: 'not_found' };
    const body = jsonOf(raw);
    return isRefusal(body) ? body : found.answer(event, body.json);
  });
};
