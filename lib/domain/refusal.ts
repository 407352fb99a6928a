/** A fault in what was sent, at its JSON path. */
export interface Fault {
  readonly path: string;
  readonly message: string;
}

export type Outcome = 'settled' | 'failed' | 'expired';

/** Every way the system says no, as a value. `lib/http/problem.ts` gives each its status; a new one without a status does not compile. */
export type Refusal =
  | { readonly refused: 'validation_failed'; readonly faults: readonly Fault[] }
  | { readonly refused: 'unauthenticated' }
  | { readonly refused: 'insufficient_credits'; readonly needed: number; readonly available: number }
  | { readonly refused: 'forbidden' }
  | { readonly refused: 'approval_required' }
  | { readonly refused: 'not_found' }
  | { readonly refused: 'run_already'; readonly outcome: Outcome }
  | { readonly refused: 'idempotency_mismatch' }
  | { readonly refused: 'estimate_expired' }
  | { readonly refused: 'hold_expired' }
  | { readonly refused: 'payload_too_large' }
  | { readonly refused: 'refund_not_covered'; readonly why: string }
  | { readonly refused: 'payment_declined' }
  | { readonly refused: 'already_subscribed' }
  | { readonly refused: 'no_subscription' }
  | { readonly refused: 'subscription_past_due' }
  | { readonly refused: 'subscription_ending' }
  | { readonly refused: 'daily_run_limit_reached'; readonly limit: number; readonly resetsAtMs: number }
  | { readonly refused: 'unavailable'; readonly retryAfterSeconds: number };

export const isRefusal = <T extends object>(value: T | Refusal): value is Refusal => 'refused' in value;

/** A refusal of input, at one path. */
export const invalid = (path: string, message: string): Refusal => ({
  refused: 'validation_failed',
  faults: [{ path, message }],
});
