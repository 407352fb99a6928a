/** Where secrets are read, by which clock. */
export interface SecretSource {
  readonly now: () => number;
  readonly readSecret: (id: string) => Promise<string>;
}

/** How long a secret is believed to be as it was read: a rotated one is known to every Lambda after so long. */
export const SECRET_CACHED_MS = 5 * 60 * 1000;

/**
 * A secret, read when it is first needed and again when it was read longer ago than the caller accepts. Calls at one time share one
 * reading. What could not be read is asked for anew by the next call.
 */
export const cachedSecret = <T>(
  { now, readSecret }: SecretSource,
  id: string,
  parse: (text: string) => T,
): ((acceptedAgeMs?: number) => Promise<T>) => {
  let cached: { readonly value: Promise<T>; readonly readAtMs: number } | undefined;
  return (acceptedAgeMs = SECRET_CACHED_MS) => {
    const nowMs = now();
    if (cached !== undefined && nowMs < cached.readAtMs + acceptedAgeMs) return cached.value;
    const reading = { value: readSecret(id).then(parse), readAtMs: nowMs };
    cached = reading;
    reading.value.catch(() => {
      if (cached === reading) cached = undefined;
    });
    return reading.value;
  };
};
