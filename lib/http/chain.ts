import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { EARLY_MS, whileAsked } from '../deadline/deadline.ts';
import type { Refusal } from '../domain/refusal.ts';
import { answerToFault } from './fault.ts';
import { type ProblemReply, problemOf } from './problem.ts';
import { requestLine } from './request-line.ts';
import type { Runtime } from './runtime.ts';

type Result = APIGatewayProxyStructuredResultV2;
type Answer = (event: APIGatewayProxyEventV2) => Promise<Result | Refusal>;

const asResult = ({ status, headers, problem }: ProblemReply): Result => ({
  statusCode: status,
  headers: { 'content-type': 'application/problem+json', ...headers },
  body: JSON.stringify(problem),
});

/** Rejects when the signal is aborted, with its reason. */
const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

/**
 * Around every door of the API: a refusal and a fault are answered as problem+json, what takes too long as `unavailable` before the function
 * is cut off, and each answer is noted in the log. Hand-written for its size, and for a time limit of each request's own
 * (docs/adr/0025-what-a-hot-door-says.md).
 */
export const chain =
  (runtime: Runtime, answer: Answer) =>
  async (event: APIGatewayProxyEventV2, context: Pick<Context, 'getRemainingTimeInMillis'>): Promise<Result> => {
    const startMs = runtime.now();
    const limit = new AbortController();
    const timer = setTimeout(
      () => limit.abort(new DOMException('', 'TimeoutError')),
      context.getRemainingTimeInMillis() - EARLY_MS,
    );
    const { signal } = limit;
    const result = await Promise.race([whileAsked(signal, () => answer(event)), aborted(signal)])
      .then((reply) => ('refused' in reply ? asResult(problemOf(reply, runtime.now())) : reply))
      .catch((fault: unknown) => asResult(answerToFault(fault, event, runtime.now())));
    clearTimeout(timer);
    // Whatever was left waiting sends nothing more.
    limit.abort();
    runtime.note?.(requestLine(event, result, runtime, startMs));
    return result;
  };
