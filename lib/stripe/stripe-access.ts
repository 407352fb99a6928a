import * as z from 'zod/mini';
import { cachedSecret, type SecretSource } from './cached-secret.ts';
import { type StripeClient, stripeClient } from './stripe-client.ts';

/** The secret's text. */
const secret = z.object({ apiKey: z.string().check(z.regex(/^[sr]k_\w+$/, 'must be a secret or restricted key')) });

/** What is said of a secret never repeats any of it. */
const apiKeyOf = (text: string): string => {
  const parsed = secret.safeParse(jsonOrNothing(text));
  if (!parsed.success) throw new Error('the Stripe API key secret must read {"apiKey": "sk_… or rk_…"}');
  return parsed.data.apiKey;
};

const jsonOrNothing = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Stripe with the key as it is now; one client as long as the key stays. */
export const stripeAccess = (
  source: SecretSource,
  secretId: string,
  endpoint: string | undefined,
): (() => Promise<StripeClient>) => {
  const apiKey = cachedSecret(source, secretId, apiKeyOf);
  let current: { readonly apiKey: string; readonly client: StripeClient } | undefined;
  return async () => {
    const key = await apiKey();
    if (current?.apiKey !== key) current = { apiKey: key, client: stripeClient({ apiKey: key, endpoint }) };
    return current.client;
  };
};
