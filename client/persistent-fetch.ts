/** Sends one request and answers; it throws where there was no answer. */
export type Send = (request: Request) => Promise<Response>;

export interface Persistence {
  /** Asked before each try, so that a lapsed token is replaced. */
  readonly token: (() => Promise<string>) | undefined;
  readonly send: Send;
  /** For one try, its body included. */
  readonly timeoutMs: number;
  readonly tries: number;
  readonly sleep: (ms: number) => Promise<void>;
  /** At least 0, less than 1. */
  readonly random: () => number;
}

const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 10_000;
const SECOND_MS = 1000;

/**
 * A 429 of ours is the daily run limit, which lasts until midnight: only API Gateway's own, its throttle, passes. A 5xx of any kind may
 * have happened before or after the write, and the repeat finds out.
 */
const passes = ({ status, headers }: Response): boolean =>
  status >= 500 || (status === 429 && headers.get('content-type')?.startsWith('application/problem+json') !== true);

/** The whole answer, so that one cut off on the way counts as none. */
const once = async ({ token, send, timeoutMs }: Persistence, request: Request): Promise<Response> => {
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(timeoutMs)]);
  const sent = new Request(request.clone(), { signal });
  if (token !== undefined) sent.headers.set('authorization', `Bearer ${await token()}`);
  const answer = await send(sent);
  const { status, statusText, headers } = answer;
  return new Response((await answer.text()) || null, { status, statusText, headers });
};

const askedMs = (answer: Response | undefined): number => Number(answer?.headers.get('retry-after') ?? 0) * SECOND_MS;

/**
 * A `fetch` that sends a request again where its answer got lost or told of a passing trouble: a bounded number of times, with full jitter
 * that doubles, never sooner than `Retry-After` asks; where that is too long to wait, the answer is handed on. It is safe with this API, and
 * only because each of its calls is recognised when it is repeated (I7). Throws what the last try threw.
 */
export const persistentFetch =
  (how: Persistence): Send =>
  async (request) => {
    for (let tried = 1; ; tried++) {
      const last = tried >= how.tries;
      const answer = await once(how, request).catch((fault: unknown) => {
        if (last || request.signal.aborted) throw fault;
        return undefined;
      });
      const isWorthIt = !last && askedMs(answer) <= LONGEST_WAIT_MS;
      if (answer !== undefined && !(isWorthIt && passes(answer))) return answer;
      await how.sleep(askedMs(answer) + how.random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tried));
    }
  };
