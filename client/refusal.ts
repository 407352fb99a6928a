import type { components } from './schema.d.ts';

type Fault = NonNullable<components['schemas']['Problem']['errors']>[number];
interface Said<Code extends string> {
  readonly code: Code;
  readonly status: number;
}
type Plain =
  | 'unauthenticated'
  | 'forbidden'
  | 'approval_required'
  | 'not_found'
  | 'idempotency_mismatch'
  | 'estimate_expired'
  | 'hold_expired'
  | 'payload_too_large'
  | 'payment_declined'
  | 'already_subscribed'
  | 'no_subscription'
  | 'subscription_past_due'
  | 'subscription_ending';

/**
 * Every way the API says no, by its `code`. `unavailable` comes only after all tries. `unrecognised` is what has no code of ours: API
 * Gateway's own `{message}`, or a code newer than this client.
 */
export type Refusal =
  | { readonly [Code in Plain]: Said<Code> }[Plain]
  | (Said<'validation_failed'> & { readonly errors: readonly Fault[] })
  | (Said<'insufficient_credits'> & { readonly needed: number; readonly available: number })
  | (Said<'run_already_settled' | 'run_already_failed' | 'run_already_expired'> & { readonly outcome: string })
  | (Said<'refund_not_covered'> & { readonly detail: string })
  | (Said<'daily_run_limit_reached'> & { readonly limit: number; readonly resetsAt: string })
  | Said<'unavailable'>
  | (Said<'unrecognised'> & { readonly message: string });

/** What each refusal says beside its code and status; a code without a line here does not compile. */
const SAYS: Readonly<Record<Exclude<Refusal['code'], 'unrecognised'>, readonly string[]>> = {
  unauthenticated: [],
  forbidden: [],
  approval_required: [],
  not_found: [],
  idempotency_mismatch: [],
  estimate_expired: [],
  hold_expired: [],
  payload_too_large: [],
  payment_declined: [],
  already_subscribed: [],
  no_subscription: [],
  subscription_past_due: [],
  subscription_ending: [],
  unavailable: [],
  validation_failed: ['errors'],
  insufficient_credits: ['needed', 'available'],
  run_already_settled: ['outcome'],
  run_already_failed: ['outcome'],
  run_already_expired: ['outcome'],
  refund_not_covered: ['detail'],
  daily_run_limit_reached: ['limit', 'resetsAt'],
};

/** The codes this client knows. */
export const REFUSAL_CODES: readonly string[] = Object.keys(SAYS);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const isRefusal = (body: unknown): body is Refusal => {
  if (!isRecord(body)) return false;
  const says = Object.entries(SAYS).find(([code]) => code === body['code'])?.[1];
  return says?.every((name) => name in body) === true;
};

/** The refusal in an answer that is not a success. */
export const refusalOf = ({ error, response }: { readonly error?: unknown; readonly response: Response }): Refusal => {
  if (isRefusal(error)) return error;
  const message = isRecord(error) && typeof error['message'] === 'string' ? error['message'] : JSON.stringify(error);
  return { code: 'unrecognised', status: response.status, message: message ?? response.statusText };
};

/** Thrown by `accepted`. */
export class Refused extends Error {
  override readonly name = 'Refused';
  constructor(readonly refusal: Refusal) {
    super(`${refusal.status} ${refusal.code}`);
  }
}

type Answer<Data> =
  | { readonly data: Data; readonly error?: never; readonly response: Response }
  | { readonly data?: never; readonly error: unknown; readonly response: Response };

/** The data of an answer that must be a success; otherwise throws `Refused`. */
export const accepted = <Data>(answer: Answer<Data>): Data => {
  if (answer.data === undefined) throw new Refused(refusalOf(answer));
  return answer.data;
};
