import type * as z from 'zod/mini';
import type { Refusal } from '../../domain/refusal.ts';

export type Scope = 'credits/user' | 'credits/agent' | 'credits/support';
export type Door = 'estimate' | 'approve' | 'settle' | 'account' | 'support' | 'pricing' | 'billing' | 'webhooks';

export interface Operation<Params = unknown, Query = unknown, Body = unknown, Reply = unknown> {
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: `/v1/${string}`;
  readonly door: Door;
  readonly summary: string;
  /** Any one of them lets a token in; none: public. */
  readonly scopes: readonly Scope[];
  readonly params: z.ZodMiniType<Params>;
  readonly query: z.ZodMiniType<Query>;
  readonly body: z.ZodMiniType<Body>;
  /** The `Idempotency-Key` header, where nothing in the request itself tells a repeat; optional where a repeat mostly tells itself. */
  readonly idempotencyKey?: z.ZodMiniType<string | undefined>;
  readonly status: 200 | 201;
  readonly reply: z.ZodMiniType<Reply>;
  /** What it can refuse with beside what every call can (`validation_failed`, `unauthenticated`, `forbidden`, `unavailable`). */
  readonly refusals: readonly Refusal['refused'][];
}

/** Keeps the schemas' types. */
export const operation = <P, Q, B, R>(described: Operation<P, Q, B, R>): Operation<P, Q, B, R> => described;

export const routeKey = (described: Pick<Operation, 'method' | 'path'>): string =>
  `${described.method} ${described.path}`;
