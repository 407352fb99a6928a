import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { type ProblemReply, problem, problemOf } from './problem.ts';

/** Faults that pass: the caller may send the same again, and it will not count twice. By name, because this layer knows no SDK. */
const PASSING =
  /^(Contended|TimeoutError|(Throttling|ProvisionedThroughputExceeded|Transaction(Conflict|InProgress))Exception|RequestLimitExceeded|InternalServerError|ServiceUnavailable|ECONN(REFUSED|RESET)|EPIPE)$/;
const RETRY_AFTER_SECONDS = 2;

const namesOf = (fault: unknown): readonly string[] => {
  if (!(fault instanceof Error)) return [];
  return [fault.name, 'code' in fault ? String(fault.code) : '', ...namesOf(fault.cause)];
};

/** What a caller is told of our own fault: that there was one, and whether to try again. The log has its name and place, no payload. */
export const answerToFault = (fault: unknown, event: APIGatewayProxyEventV2, nowMs: number): ProblemReply => {
  const passing = namesOf(fault).some((name) => PASSING.test(name));
  const { name, stack } = fault instanceof Error ? fault : { name: 'unknown', stack: undefined };
  const places = stack?.split('\n').filter((line) => line.startsWith('    at '));
  const { routeKey, requestContext } = event;
  console.error(
    JSON.stringify({ level: 'ERROR', requestId: requestContext?.requestId, routeKey, fault: name, places }),
  );
  if (passing) return problemOf({ refused: 'unavailable', retryAfterSeconds: RETRY_AFTER_SECONDS }, nowMs);
  return { status: 500, headers: {}, problem: problem('internal', 500) };
};
