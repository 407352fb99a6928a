import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { keepDataFile } from './data-file.ts';

/** What stands for the ARNs of the stack's secrets. */
export const SECRET_IDS = {
  signing: 'local:signing-key',
  stripeApiKey: 'local:stripe-api-key',
  stripeWebhook: 'local:stripe-webhook-secret',
} as const;

/** Newest first; as Secrets Manager would hold it after a rotation. */
const keyRing = z.object({
  keys: z.array(z.object({ kid: z.string(), k: z.string() })).check(z.minLength(1)),
});

export interface StripeSecrets {
  readonly apiKey: string;
  /** Newest first. */
  readonly webhookSecrets: readonly string[];
}

/**
 * Stands in for Secrets Manager. The signing key is made once and kept in the data directory: estimates given before a restart stay good.
 * Stripe's are the stand-in's or from the environment, and not written down.
 */
export const openSecrets = async (
  dataDir: string,
  { apiKey, webhookSecrets }: StripeSecrets,
): Promise<(id: string) => Promise<string>> => {
  const ring = await keepDataFile(join(dataDir, 'signing-key.json'), keyRing, () => ({
    keys: [{ kid: 'local', k: randomBytes(32).toString('base64url') }],
  }));
  const texts = new Map<string, string>([
    [SECRET_IDS.signing, JSON.stringify(ring)],
    [SECRET_IDS.stripeApiKey, JSON.stringify({ apiKey })],
    [SECRET_IDS.stripeWebhook, JSON.stringify({ secrets: webhookSecrets })],
  ]);
  return async (id) => {
    const text = texts.get(id);
    if (text === undefined) throw new Error(`There is no secret ${id} on this machine`);
    return text;
  };
};
