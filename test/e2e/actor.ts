import * as z from 'zod/mini';
import { type CreditsClient, createCreditsClient } from '../../client/credits-client.ts';
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

/** The client's typed calls, as one for operations whose schemas are at hand. A method, so that the narrower types of the client fit. */
interface AnyCall {
  request(
    method: string,
    path: string,
    asked?: object,
  ): Promise<{ readonly data?: unknown; readonly error?: unknown; readonly response: Response }>;
}

/** What the client sends goes the way of every other request of the tests, whose answers are checked against the contract. */
export const through =
  (system: TestSystem) =>
  async (request: Request): Promise<Response> => {
    const { pathname, search } = new URL(request.url);
    const text = await request.text();
    const reply = await system.request(request.method, pathname + search, {
      headers: Object.fromEntries(request.headers),
      ...(text !== '' && { rawBody: text }),
    });
    return new Response(reply.text, { status: reply.status, headers: reply.headers });
  };

/** Somebody with a token, who calls the API over HTTP. */
export class Actor {
  /** The published client. It tries but once: a 5xx must show. */
  readonly credits: CreditsClient;

  constructor(
    private readonly system: TestSystem,
    readonly sub: string,
    readonly token: string,
  ) {
    this.credits = createCreditsClient({
      baseUrl: system.url,
      token: async () => token,
      fetch: through(system),
      tries: 1,
    });
  }

  send(operation: Pick<Operation, 'method' | 'path'>, asked: Asked = {}): Promise<Reply> {
    return this.system.request(operation.method, pathOf(operation.path, asked), { ...asked, token: this.token });
  }

  /** The answer of a call that must succeed, with the status its operation names. */
  async ok<P, Q, B, R>(operation: Operation<P, Q, B, R>, { params, query, headers, body }: Asked = {}): Promise<R> {
    const client: AnyCall = this.credits;
    const asked = { params: { path: params, query }, headers, body };
    const { data, error, response } = await client.request(operation.method, operation.path, asked);
    if (response.status !== operation.status)
      throw new Error(`${operation.id}: ${response.status} ${JSON.stringify(data ?? error)}`);
    return operation.reply.parse(data);
  }

  /** The refusal of a call that must not succeed. */
  async refused(operation: Operation, asked?: Asked): Promise<Refused> {
    const { status, headers, text, body } = await this.send(operation, asked);
    if (status < 400) throw new Error(`${operation.id} was not refused: ${status} ${text}`);
    const parsed = problem.parse(body);
    return { status, code: parsed.code, problem: parsed, headers };
  }
}
