import type { IncomingMessage } from 'node:http';
import type * as z from 'zod/mini';
import type { Fault } from '../../lib/domain/refusal.ts';
import { problemOf } from '../../lib/http/problem.ts';
import { faultsOf } from '../../lib/schema/faults.ts';
import { type Answer, gatewayAnswer, json } from '../http-answer.ts';
import { readBody } from '../http-body.ts';
import { ApiFault } from './api-fault.ts';

const BODY_LIMIT = 1024 * 1024;

/** An answer instead of the one that was asked for. */
export class Refused extends Error {
  readonly answer: Answer;

  constructor(answer: Answer) {
    super('refused');
    this.name = 'Refused';
    this.answer = answer;
  }
}

const problem = (status: number, body: object): Answer =>
  json(status, body, { 'content-type': 'application/problem+json' });

const faulty = (faults: readonly Fault[]): Answer => {
  const reply = problemOf({ refused: 'validation_failed', faults }, 0);
  return problem(reply.status, reply.problem);
};

export const readText = async (request: IncomingMessage): Promise<string> => {
  const bytes = await readBody(request, BODY_LIMIT);
  if (bytes === 'too_large') throw new Refused(gatewayAnswer.tooLarge);
  return bytes.toString('utf8');
};

/** The request's JSON as the schema has it. Throws `Refused` with 400 and the path of each fault. */
export const readJson = async <Body>(request: IncomingMessage, schema: z.ZodMiniType<Body>): Promise<Body> => {
  let given: unknown;
  try {
    given = JSON.parse(await readText(request));
  } catch (error) {
    if (error instanceof Refused) throw error;
    throw new Refused(faulty([{ path: '$', message: 'not JSON' }]));
  }
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new Refused(faulty(faultsOf(parsed.error.issues, '$')));
};

/** What a control says of Stripe's refusals: 404 of what is not there, 400 of a wrong value, 409 of what cannot be as things stand. */
export const refusalAnswer = ({ status, body, message }: ApiFault): Answer => {
  if (body.code === 'resource_missing') {
    const reply = problemOf({ refused: 'not_found' }, 0);
    return problem(reply.status, { ...reply.problem, detail: message });
  }
  if (status === 400 && body.param !== undefined) return faulty([{ path: `$.${body.param}`, message }]);
  return problem(409, { type: 'urn:credits:problem:conflict', title: message, status: 409, code: 'conflict' });
};

/** The answer of `act`, or of what it threw. */
export const answerOf = async (act: () => Promise<Answer>): Promise<Answer> => {
  try {
    return await act();
  } catch (error) {
    if (error instanceof Refused) return error.answer;
    if (error instanceof ApiFault) return refusalAnswer(error);
    throw error;
  }
};
