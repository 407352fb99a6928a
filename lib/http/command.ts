import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod/mini';
import type { Refusal } from '../domain/refusal.ts';
import { faultsOf } from '../schema/faults.ts';
import '../schema/messages.ts';
import type { Operation, Scope } from './contract/operation.ts';
import { accountId } from './contract/words.ts';

export interface Caller {
  /** `sub` of the token: the account's id for a user, the actor's for support. */
  readonly sub: string;
  readonly scopes: readonly Scope[];
}

/** A checked request. */
export interface Command<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly caller: Caller;
  readonly idempotencyKey: string | null;
}

/** What API Gateway's JWT authorizer has verified. */
const authorized = z.object({
  requestContext: z.object({
    authorizer: z.object({
      jwt: z.object({ claims: z.object({ sub: accountId }), scopes: z.nullish(z.array(z.string())) }),
    }),
  }),
});

const SCOPES: readonly Scope[] = ['credits/user', 'credits/agent', 'credits/support'];
const NOBODY: Caller = { sub: '', scopes: [] };

/** The gateway has checked token and scopes; a door opened any other way still lets nobody in. */
const callerOf = (event: APIGatewayProxyEventV2, operation: Operation): Caller | Refusal => {
  if (operation.scopes.length === 0) return NOBODY;
  const parsed = authorized.safeParse(event);
  if (!parsed.success) return { refused: 'unauthenticated' };
  const { claims, scopes } = parsed.data.requestContext.authorizer.jwt;
  const known = SCOPES.filter((scope) => scopes?.includes(scope));
  if (!operation.scopes.some((scope) => known.includes(scope))) return { refused: 'forbidden' };
  return { sub: claims.sub, scopes: known };
};

/** Checks a request by its operation's own schemas. Refuses with every fault at its path: `input.images`, `query.limit`. */
export const parseCommand = <P, Q, B, R>(
  operation: Operation<P, Q, B, R>,
  event: APIGatewayProxyEventV2,
  body: unknown,
): Command<P, Q, B> | Refusal => {
  const caller = callerOf(event, operation);
  if ('refused' in caller) return caller;
  const params = operation.params.safeParse(event.pathParameters ?? {});
  if (!params.success) return { refused: 'not_found' };
  const query = operation.query.safeParse(event.queryStringParameters ?? {});
  const parsed = operation.body.safeParse(operation.method === 'GET' ? {} : body);
  const key = operation.idempotencyKey?.safeParse(event.headers['idempotency-key']);
  if (query.success && parsed.success && key?.success !== false) {
    const [body, idempotencyKey] = [parsed.data, key?.data ?? null];
    return { params: params.data, query: query.data, body, caller, idempotencyKey };
  }
  return {
    refused: 'validation_failed',
    faults: [
      ...faultsOf(query.error?.issues ?? [], 'query'),
      ...faultsOf(parsed.error?.issues ?? [], '').map((fault) => (fault.path === '' ? { ...fault, path: '$' } : fault)),
      ...faultsOf(key?.error?.issues ?? [], 'headers.idempotency-key'),
    ],
  };
};
