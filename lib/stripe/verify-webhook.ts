import Stripe from 'stripe';
import * as z from 'zod/mini';
import { MINUTE_MS, SECOND_MS } from '../domain/time.ts';
import { cachedSecret, type SecretSource } from './cached-secret.ts';
import { text } from './stripe-shape.ts';

/** Older ones are refused, as Stripe's own libraries do: who records a delivery cannot send it for ever. */
const TOLERANCE_S = 300;
/** After a rotation the one before is accepted as well: Stripe signs with both for as long as a day. */
const ACCEPTED_SECRETS = 2;
/** A signature that fails may be of a secret rotated in since: it is read again, but no oftener for all the forgeries of the world. */
const REREAD_MS = MINUTE_MS;

const secretText = z.object({
  secrets: z.array(z.string().check(z.regex(/^whsec_\S+$/))).check(z.minLength(1)),
});

/** What is said of a secret never repeats any of it. */
const secretsOf = (text: string): readonly string[] => {
  const parsed = secretText.safeParse(jsonOrNothing(text));
  if (!parsed.success) throw new Error('the webhook secret must read {"secrets": ["whsec_…", …]}, the newest first');
  return parsed.data.secrets.slice(0, ACCEPTED_SECRETS);
};

const jsonOrNothing = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** By what an event of any type is known, and what the log says of it. The rest of it is looked at by whom it interests. */
const named = z.object({ id: text, type: text });

/** The signature's instant: the header's last `t`, which is the one that the SDK counts from. */
const signedAtS = (header: string): number => {
  const instants = header.split(',').filter((part) => part.startsWith('t='));
  return Number(instants.at(-1)?.slice(2) ?? Number.NaN);
};

/** The SDK refuses signatures that are too old, and takes those of any future. */
const isInTime = (header: string, nowMs: number): boolean =>
  Math.abs(Math.floor(nowMs / SECOND_MS) - signedAtS(header)) <= TOLERANCE_S;

const signedWith = (raw: Buffer, header: string, secrets: readonly string[], nowMs: number): Verified => {
  for (const secret of secrets) {
    try {
      const event = Stripe.webhooks.constructEvent(raw, header, secret, TOLERANCE_S, undefined, nowMs);
      return named.safeParse(event).success ? event : 'no_event';
    } catch (fault) {
      // It is signed where the fault is another than that: not JSON, or a "thin" event, which has nothing in it.
      if (!(fault instanceof Stripe.errors.StripeSignatureVerificationError)) return 'no_event';
    }
  }
  return 'not_signed';
};

/** `not_signed`: by nobody who knows a secret of ours, or not now. `no_event`: signed, and yet not an event. */
export type Verified = Stripe.Event | 'not_signed' | 'no_event';
export type VerifyWebhook = (raw: Buffer, signature: string | undefined) => Promise<Verified>;

/**
 * R17: verifies the raw body, byte for byte as it came, against its `stripe-signature`. The last two secrets are accepted; a rotated one
 * is known a minute after its first use. The comparison is the SDK's, in constant time.
 */
export const verifyWebhook = (source: SecretSource, secretId: string): VerifyWebhook => {
  const secrets = cachedSecret(source, secretId, secretsOf);
  return async (raw, signature) => {
    const nowMs = source.now();
    if (signature === undefined || !isInTime(signature, nowMs)) return 'not_signed';
    const known = await secrets();
    const verified = signedWith(raw, signature, known, nowMs);
    if (verified !== 'not_signed') return verified;
    const fresh = await secrets(REREAD_MS);
    return fresh === known ? verified : signedWith(raw, signature, fresh, nowMs);
  };
};
