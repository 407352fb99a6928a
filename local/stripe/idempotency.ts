import { createHash } from 'node:crypto';
import { DAY_MS } from '../../lib/domain/time.ts';
import { ApiFault } from './api-fault.ts';
import type { Database } from './database.ts';
import type { IdempotentAnswer } from './records.ts';

/** Stripe forgets a key a day after its first use; the request would then be carried out again. */
const KEPT_MS = DAY_MS;
const LONGEST_KEY = 255;

/** What the SDK makes up when it is given no key: it protects one call's own retries, and nothing that comes after a crash. */
const MADE_UP = /^stripe-node-retry-/;

export const fingerprintOf = (method: string, path: string, body: string): string =>
  createHash('sha256').update(`${method} ${path}\n${body}`).digest('hex');

/** The key of a POST. Ours all carry one made from our own ids; one without is a mistake of ours. */
export const requiredKey = (key: string | undefined): string => {
  const fault = (message: string) => new ApiFault(400, { type: 'idempotency_error', message }, true);
  if (key === undefined || key === '' || MADE_UP.test(key))
    throw fault('The stand-in takes no POST without an Idempotency-Key of your own, made from your ids.');
  if (key.length > LONGEST_KEY) throw fault(`Idempotency keys have at most ${LONGEST_KEY} characters.`);
  return key;
};

/** The answer that was given to this key. Throws where the key came with another request. */
export const earlierAnswer = (
  db: Database,
  key: string,
  fingerprint: string,
  atMs: number,
): IdempotentAnswer | undefined => {
  const earlier = db.idempotentAnswers.get(key);
  if (earlier === undefined || earlier.atMs + KEPT_MS <= atMs) return undefined;
  if (earlier.fingerprint === fingerprint) return earlier;
  throw new ApiFault(
    400,
    {
      type: 'idempotency_error',
      message: `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
    },
    true,
  );
};
