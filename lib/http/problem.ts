import type { Refusal } from '../domain/refusal.ts';
import { SECOND_MS } from '../domain/time.ts';

/** A refusal as RFC 9457 `application/problem+json`. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly [extension: string]: unknown;
}

export interface ProblemReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly problem: Problem;
}

/** Every refusal's HTTP status; a refusal without one does not compile. */
export const STATUS: Readonly<Record<Refusal['refused'], number>> = {
  validation_failed: 400,
  unauthenticated: 401,
  insufficient_credits: 402,
  payment_declined: 402,
  forbidden: 403,
  approval_required: 403,
  not_found: 404,
  run_already: 409,
  idempotency_mismatch: 409,
  already_subscribed: 409,
  no_subscription: 409,
  subscription_past_due: 409,
  subscription_ending: 409,
  estimate_expired: 410,
  hold_expired: 410,
  payload_too_large: 413,
  refund_not_covered: 422,
  daily_run_limit_reached: 429,
  unavailable: 503,
};

/** The code is the type of the problem, and reads as its title. */
export const problem = (code: string, status: number, extensions: Record<string, unknown> = {}): Problem => ({
  type: `urn:credits:problem:${code}`,
  title: code.replaceAll('_', ' '),
  status,
  code,
  ...extensions,
});

/** What a refusal says beyond its code. */
const extensionsOf = (refusal: Refusal): Record<string, unknown> => {
  switch (refusal.refused) {
    case 'validation_failed':
      return { errors: refusal.faults };
    case 'insufficient_credits':
      return { needed: refusal.needed, available: refusal.available };
    case 'run_already':
      return { outcome: refusal.outcome };
    case 'refund_not_covered':
      return { detail: refusal.why };
    case 'daily_run_limit_reached':
      return { limit: refusal.limit, resetsAt: new Date(refusal.resetsAtMs).toISOString() };
    default:
      return {};
  }
};

/** At least a second: what was refused a moment before midnight may be answered after it. */
const retryAfterSeconds = (refusal: Refusal, nowMs: number): number | undefined => {
  if (refusal.refused === 'unavailable') return refusal.retryAfterSeconds;
  if (refusal.refused !== 'daily_run_limit_reached') return undefined;
  return Math.max(1, Math.ceil((refusal.resetsAtMs - nowMs) / SECOND_MS));
};

/** The HTTP answer to a refusal. */
export const problemOf = (refusal: Refusal, nowMs: number): ProblemReply => {
  const status = STATUS[refusal.refused];
  const code = refusal.refused === 'run_already' ? `run_already_${refusal.outcome}` : refusal.refused;
  const retryAfter = retryAfterSeconds(refusal, nowMs);
  return {
    status,
    headers: retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
    problem: problem(code, status, extensionsOf(refusal)),
  };
};
