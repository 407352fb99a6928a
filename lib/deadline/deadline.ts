import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Of every AWS client: three tries, jittered by the SDK, of 1.5 s each at the most. Without `throwOnRequestTimeout` the SDK only warns of
 * a request that takes longer, and waits on.
 */
export const CLIENT_LIMITS = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 500, requestTimeout: 1_500, throwOnRequestTimeout: true },
};

/** So long before its function is cut off a door answers `unavailable`: in words, with `Retry-After`, whatever it still waits for. */
export const EARLY_MS = 1_000;

const asked = new AsyncLocalStorage<AbortSignal>();

/** Does a request's work; `signal` is aborted when the request has its answer. */
export const whileAsked = <T>(signal: AbortSignal, work: () => T): T => asked.run(signal, work);

/** Aborted when the request that is being worked for has its answer; `undefined` where no request is. For clients other than AWS's. */
export const askedSignal = (): AbortSignal | undefined => asked.getStore();

/**
 * A middleware of an AWS client, below its retries: for a request that has its answer nothing is sent any more. A function is frozen with its
 * answer, and thaws with the next request; a write that still waited would be made then, by the clock of an hour ago.
 */
export const onlyWhileAsked =
  <In, Out>(next: (args: In) => Promise<Out>) =>
  async (args: In): Promise<Out> => {
    asked.getStore()?.throwIfAborted();
    return next(args);
  };
