import { SECOND_MS } from '../../lib/domain/time.ts';

/** How long a caller waits, whatever Stripe does: an answer within ten seconds. */
export const ANSWER_WITHIN_MS = 9 * SECOND_MS;

/** Called `TimeoutError` so that it is answered `unavailable`. */
class TooSlow extends Error {
  override readonly name = 'TimeoutError';
}

/** Gives up waiting after `boundMs`. What is under way then is left as a crash would leave it: the same request again takes it up. */
export const within = async <T>(boundMs: number, work: () => Promise<T>): Promise<T> => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const bound = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TooSlow(`no answer within ${boundMs} ms`)), boundMs);
  });
  try {
    return await Promise.race([work(), bound]);
  } finally {
    clearTimeout(timer);
  }
};
