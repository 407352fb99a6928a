import * as z from 'zod/mini';
import type { Operation } from '../../lib/http/contract/operation.ts';
import type { Reply, RequestOptions, TestSystem } from './harness.ts';

export interface Asked extends Omit<RequestOptions, 'token'> {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number>>;
}

const problem = z.looseObject({ code: z.string() });

/** A refusal of ours. */
export interface Refused {
  readonly status: number;
  readonly code: string;
  readonly problem: Readonly<Record<string, unknown>>;
  readonly headers: Headers;
}

/** `/v1/runs/{runId}` with its parameters filled in, and the query behind. */
export const pathOf = (template: string, { params = {}, query = {} }: Pick<Asked, 'params' | 'query'>): string => {
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) search.append(name, String(value));
  return search.size === 0 ? path : `${path}?${search}`;
};

/** Somebody with a token, who calls the API over HTTP. */
export class Actor {
  constructor(
    private readonly system: TestSystem,
    readonly sub: string,
    readonly token: string,
  ) {}

  send(operation: Pick<Operation, 'method' | 'path'>, asked: Asked = {}): Promise<Reply> {
    return this.system.request(operation.method, pathOf(operation.path, asked), { ...asked, token: this.token });
  }

  /** The answer of a call that must succeed, with the status its operation names. */
  async ok<P, Q, B, R>(operation: Operation<P, Q, B, R>, asked?: Asked): Promise<R> {
    const reply = await this.send(operation, asked);
    if (reply.status !== operation.status) throw new Error(`${operation.id}: ${reply.status} ${reply.text}`);
    return operation.reply.parse(reply.body);
  }

  /** The refusal of a call that must not succeed. */
  async refused(operation: Operation, asked?: Asked): Promise<Refused> {
    const { status, headers, text, body } = await this.send(operation, asked);
    if (status < 400) throw new Error(`${operation.id} was not refused: ${status} ${text}`);
    const parsed = problem.parse(body);
    return { status, code: parsed.code, problem: parsed, headers };
  }
}
