/** Where secrets are read, by which clock. */
export interface SecretSource {
  readonly now: () => number;
  readonly readSecret: (id: string) => Promise<string>;
}

/** How long a secret is believed to be as it was read: a rotated one is known to every Lambda after so long. */
export const SECRET_CACHED_MS = 5 * 60 * 1000;

/** After a reading that failed the secret of before is good for so long again, before it is asked for anew. */
const ASK_AGAIN_MS = 10 * 1000;

/**
 * A secret, read when it is first needed and again when it was read longer ago than the caller accepts. Calls at one time share one
 * reading. Where it cannot be read the one of before still holds, however old; where there is none, the next call asks anew.
 */
export const cachedSecret = <T>(
  { now, readSecret }: SecretSource,
  id: string,
  parse: (text: string) => T,
): ((acceptedAgeMs?: number) => Promise<T>) => {
  let cached: { readonly value: Promise<T>; readonly readAtMs: number } | undefined;
  let failedAtMs = Number.NEGATIVE_INFINITY;
  return (acceptedAgeMs = SECRET_CACHED_MS) => {
    const nowMs = now();
    const before = cached;
    const fresh = before !== undefined && nowMs < Math.max(before.readAtMs + acceptedAgeMs, failedAtMs + ASK_AGAIN_MS);
    if (fresh) return before.value;
    const value = readSecret(id)
      .then(parse)
      .catch((fault: unknown) => {
        failedAtMs = nowMs;
        cached = before;
        if (before === undefined) throw fault;
        console.error({ what: 'secret not read', fault: fault instanceof Error && fault.name });
        return before.value;
      });
    cached = { value, readAtMs: nowMs };
    return value;
  };
};
