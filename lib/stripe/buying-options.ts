import Stripe from 'stripe';

/**
 * For calls that somebody waits for: tried again as long as somebody does. The key makes the SDK's retries, and ours after a crash, one call at Stripe; a call with the same key
 * that is still under way is answered 409, which the SDK tries again.
 */
export const once = (idempotencyKey: string) => ({ idempotencyKey, maxNetworkRetries: 2 }) as const;

/** For calls that change nothing. */
export const again = { maxNetworkRetries: 1 } as const;

/** The card, or whatever pays, was refused, or has to be confirmed by its owner. Nothing was changed. */
export const isDeclined = (fault: unknown): boolean => fault instanceof Stripe.errors.StripeCardError;

/** Stripe would not do it, as things stand there. */
export const isRefused = (fault: unknown): fault is InstanceType<typeof Stripe.errors.StripeInvalidRequestError> =>
  fault instanceof Stripe.errors.StripeInvalidRequestError;

/** Stripe has nothing of this id; of which parameter's, where that matters. */
export const isMissing = (fault: unknown, param?: string): boolean =>
  isRefused(fault) && fault.code === 'resource_missing' && (param === undefined || fault.param === param);

const KEY_IN_USE = 409;

/** Stripe has given its answer, which it would give again to the same key: whoever tries again needs another. */
export const isAnswered = (fault: unknown): boolean =>
  fault instanceof Stripe.errors.StripeError && fault.statusCode !== undefined && fault.statusCode !== KEY_IN_USE;
