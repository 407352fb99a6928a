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

/** Every refusal's HTTP status and title; a refusal without them does not compile. */
export const ANSWERS: Readonly<Record<Refusal['refused'], { readonly status: number; readonly title: string }>> = {
  validation_failed: { status: 400, title: 'The request is not valid.' },
  unauthenticated: { status: 401, title: 'A valid token is needed.' },
  insufficient_credits: { status: 402, title: 'Not enough credits.' },
  forbidden: { status: 403, title: 'Not allowed.' },
  approval_required: { status: 403, title: 'The owner has to approve this.' },
  not_found: { status: 404, title: 'Not found.' },
  run_already: { status: 409, title: 'The run has already ended.' },
  idempotency_mismatch: { status: 409, title: 'Sent before with another body.' },
  estimate_expired: { status: 410, title: 'The estimate has expired.' },
  hold_expired: { status: 410, title: 'The hold has lapsed; nothing is charged.' },
  payload_too_large: { status: 413, title: 'The body is too large.' },
  refund_not_covered: { status: 422, title: 'This is not refunded.' },
  daily_run_limit_reached: { status: 429, title: 'No more runs today.' },
  unavailable: { status: 503, title: 'Temporarily unavailable; send it again.' },
};

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

const retryAfterSeconds = (refusal: Refusal, nowMs: number): number | undefined => {
  if (refusal.refused === 'unavailable') return refusal.retryAfterSeconds;
  if (refusal.refused === 'daily_run_limit_reached') return Math.ceil((refusal.resetsAtMs - nowMs) / SECOND_MS);
  return undefined;
};

/** The HTTP answer to a refusal. */
export const problemOf = (refusal: Refusal, nowMs: number): ProblemReply => {
  const { status, title } = ANSWERS[refusal.refused];
  const code = refusal.refused === 'run_already' ? `run_already_${refusal.outcome}` : refusal.refused;
  const retryAfter = retryAfterSeconds(refusal, nowMs);
  return {
    status,
    headers: retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
    problem: { type: `urn:credits:problem:${code}`, title, status, code, ...extensionsOf(refusal) },
  };
};
