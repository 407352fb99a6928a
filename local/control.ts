import type { IncomingMessage } from 'node:http';
import * as z from 'zod/mini';
import type { Fault } from '../lib/domain/refusal.ts';
import { type Problem, problemOf } from '../lib/http/problem.ts';
import { APP_PATH, appPage } from './app-page.ts';
import { BUS_PATH, type Bus } from './bus.ts';
import type { Clock } from './clock.ts';
import type { Walk } from './clock-walk.ts';
import { type Answer, gatewayAnswer, json } from './http-answer.ts';
import { readBody } from './http-body.ts';
import type { Issuer } from './issuer.ts';
import type { Payments } from './payments.ts';

const BODY_LIMIT = 1024 * 1024;

export interface ControlParts {
  readonly clock: Clock;
  readonly issuer: Issuer;
  readonly bus: Bus;
  /** Tells the bus all that has happened. */
  readonly drain: () => Promise<void>;
  readonly walk: Walk;
  /** Answers what is below `/local/stripe/`. */
  readonly stripe: Payments['answer'];
}

const asAnswer = (problem: Problem): Answer =>
  json(problem.status, problem, { 'content-type': 'application/problem+json' });

const faulty = (faults: readonly Fault[]): Answer =>
  asAnswer(problemOf({ refused: 'validation_failed', faults }, 0).problem);

const backwards = (now: string): Answer =>
  asAnswer({
    type: 'urn:credits:problem:clock_only_goes_forward',
    title: `It is ${now} already; the clock only goes forward.`,
    status: 409,
    code: 'clock_only_goes_forward',
    now,
  });

/** `$.scopes[0]` */
const jsonPath = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((soFar, key) => soFar + (typeof key === 'number' ? `[${key}]` : `.${String(key)}`), '$');

const tokenRequest = z.strictObject(
  {
    // No other is let in by the API: a token for it would be good for nothing.
    sub: z.string('a text').check(z.regex(/^[\x21-\x7e]{1,255}$/, '1 to 255 printable ASCII characters, no space')),
    // One that no call asks for is no fault: who tests a refusal needs it. https://datatracker.ietf.org/doc/html/rfc6749#section-3.3
    scopes: z.array(z.string().check(z.regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/, 'a scope')), 'a list of scopes'),
  },
  'an object with sub and scopes, and nothing else',
);

const clockRequest = z
  .strictObject(
    {
      now: z.optional(z.iso.datetime({ offset: true, error: 'an ISO 8601 instant such as 2027-01-31T23:59:59.999Z' })),
      advanceSeconds: z.optional(z.number('a number of seconds').check(z.minimum(0, 'the clock only goes forward'))),
      runSchedules: z.optional(z.boolean('true or false')),
    },
    'an object with now or advanceSeconds, and runSchedules at most',
  )
  .check(
    z.refine((body) => body.now === undefined || body.advanceSeconds === undefined, 'either now or advanceSeconds'),
  );

const clockAnswer = (atMs: number): Answer => json(200, { now: new Date(atMs).toISOString() });

/** The answer to a body of the schema; `refused` to any other. */
const parse = async <T>(
  request: IncomingMessage,
  schema: z.ZodMiniType<T>,
): Promise<{ body: T } | { refused: Answer }> => {
  const bytes = await readBody(request, BODY_LIMIT);
  if (bytes === 'too_large') return { refused: gatewayAnswer.tooLarge };
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    return { refused: faulty([{ path: '$', message: 'not JSON' }]) };
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return { body: parsed.data };
  return { refused: faulty(parsed.error.issues.map(({ path, message }) => ({ path: jsonPath(path), message }))) };
};

/** What exists on one machine only: tokens for whoever asks, the clock, the bus. Never deployed. */
export const createControl = ({ clock, issuer, bus, drain, walk, stripe }: ControlParts) => {
  const giveToken = async (request: IncomingMessage): Promise<Answer> => {
    const given = await parse(request, tokenRequest);
    if ('refused' in given) return given.refused;
    return json(200, { token: await issuer.token(given.body.sub, given.body.scopes) });
  };

  const setClock = async (request: IncomingMessage): Promise<Answer> => {
    const given = await parse(request, clockRequest);
    if ('refused' in given) return given.refused;
    const { now, advanceSeconds = 0, runSchedules = true } = given.body;
    const moved = await walk(now === undefined ? { advanceSeconds } : { toMs: Date.parse(now) }, runSchedules);
    if (!('refused' in moved)) return clockAnswer(moved.nowMs);
    return moved.refused === 'backwards'
      ? backwards(new Date(moved.nowMs).toISOString())
      : faulty([{ path: now === undefined ? '$.advanceSeconds' : '$.now', message: 'after the year 9999' }]);
  };

  const toldEvents = async (): Promise<Answer> => {
    await drain();
    return json(200, { events: bus.events() });
  };

  const calls: Readonly<Record<string, (request: IncomingMessage) => Answer | Promise<Answer>>> = {
    'POST /local/token': giveToken,
    'GET /local/clock': () => clockAnswer(clock.now()),
    'PUT /local/clock': setClock,
    'GET /local/events': toldEvents,
    [`POST ${BUS_PATH}/`]: bus.put,
    'GET /.well-known/openid-configuration': ({ headers }) => json(200, issuer.configuration(`http://${headers.host}`)),
    'GET /.well-known/jwks.json': () => json(200, issuer.jwks),
  };

  return {
    /** Whether a path is this control's and not the API's. */
    owns: (path: string): boolean => /^\/(local|\.well-known)(\/|$)/.test(path),
    answer: async (request: IncomingMessage, path: string): Promise<Answer> => {
      if (path.startsWith('/local/stripe/')) return stripe(request, path);
      if (request.method === 'GET' && (path === APP_PATH || path.startsWith(`${APP_PATH}/`))) return appPage(path);
      const name = `${request.method} ${path}`;
      return Object.hasOwn(calls, name)
        ? ((await calls[name]?.(request)) ?? gatewayAnswer.notFound)
        : gatewayAnswer.notFound;
    },
  };
};
