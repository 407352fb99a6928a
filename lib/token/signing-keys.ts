import * as z from 'zod/mini';

export interface SigningKey {
  readonly kid: string;
  readonly secret: Uint8Array;
}

/** No dot: it separates the parts of a token. */
const kid = z.string().check(z.regex(/^[\w-]+$/));
const k = z.string().check(z.regex(/^.{43,}$/));

/** The secret's text: the keys, newest first. */
const rotated = z.object({ keys: z.array(z.object({ kid, k })) });
/** Or the single key the stack generated in the beginning. */
const generated = z.object({ kid, k });

/** After a rotation the one before is accepted as long as this, and far longer than any estimate lives. */
const ACCEPTED_KEYS = 2;
const CACHED_MS = 5 * 60 * 1000;
const REREAD_MS = 10 * 1000;

/** Where the secret is read, by which clock. */
interface Source {
  readonly now: () => number;
  readonly readSecret: (id: string) => Promise<string>;
}

const keysOf = (secret: string): readonly SigningKey[] => {
  const text: unknown = JSON.parse(secret);
  const parsed = rotated.safeParse(text);
  const given = parsed.success ? parsed.data.keys : [generated.parse(text)];
  return given.slice(0, ACCEPTED_KEYS).map((key) => ({ kid: key.kid, secret: new TextEncoder().encode(key.k) }));
};

/**
 * The signing keys, newest first, the last two accepted; read from the secret once in five minutes. Where a token names a key not
 * among them it has perhaps just been rotated in: they are read again, at most once in ten seconds. Keys once read are good for as long
 * as they cannot be read again.
 */
export const signingKeys = (source: Source, secretId: string): ((kid?: string) => Promise<readonly SigningKey[]>) => {
  let cached:
    | { readonly keys: readonly SigningKey[]; readonly readAtMs: number; readonly askedAtMs: number }
    | undefined;
  return async (kid) => {
    const nowMs = source.now();
    const known = kid === undefined || cached?.keys.some((key) => key.kid === kid);
    if (cached !== undefined) {
      const { keys, readAtMs, askedAtMs } = cached;
      if (nowMs < askedAtMs + REREAD_MS || (known && nowMs < readAtMs + CACHED_MS)) return keys;
    }
    try {
      cached = { keys: keysOf(await source.readSecret(secretId)), readAtMs: nowMs, askedAtMs: nowMs };
    } catch (fault) {
      if (cached === undefined) throw fault;
      console.error({ what: 'signing keys not read', fault: fault instanceof Error && fault.name });
      cached = { ...cached, askedAtMs: nowMs };
    }
    return cached.keys;
  };
};
