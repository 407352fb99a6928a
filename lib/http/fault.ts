import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { type ProblemReply, problem, problemOf } from './problem.ts';

/** Faults that pass: the caller may send the same again, and it will not count twice. By name, because this layer knows no SDK; Stripe's errors have theirs as a `type`. */
const PASSING =
  /^(Contended|(Timeout|Abort)Error|(Throttling|ProvisionedThroughputExceeded|Transaction(Conflict|InProgress))Exception|RequestLimitExceeded|Internal(Server|Service)Error|ServiceUnavailable|ECONN(REFUSED|RESET)|EPIPE|ENOTFOUND|EAI_AGAIN|Stripe(API|Connection|RateLimit)Error)$/;
const RETRY_AFTER_SECONDS = 2;

const namesOf = (fault: unknown): readonly string[] => {
  if (!(fault instanceof Error)) return [];
  const own = 'type' in fault ? String(fault.type) : fault.name;
  return [own, 'code' in fault ? String(fault.code ?? '') : '', ...namesOf(fault.cause)];
};

/** What a caller is told of our own fault: that there was one, and whether to try again. The log has its name, code and place, no payload. */
export const answerToFault = (fault: unknown, event: APIGatewayProxyEventV2, nowMs: number): ProblemReply => {
  const names = namesOf(fault);
  const passing = names.some((name) => PASSING.test(name));
  const [name = 'unknown', code] = names;
  const places = fault instanceof Error ? fault.stack?.match(/^ {4}at .*/gm) : undefined;
  const { routeKey: route, requestContext } = event;
  console.error({ requestId: requestContext?.requestId, route, fault: name, code, places });
  if (passing) return problemOf({ refused: 'unavailable', retryAfterSeconds: RETRY_AFTER_SECONDS }, nowMs);
  return { status: 500, headers: {}, problem: problem('internal', 500) };
};
