import * as z from 'zod/mini';
import { isRefusal, type Refusal } from '../../lib/domain/refusal.ts';
import { chain } from '../../lib/http/chain.ts';
import { routeKey } from '../../lib/http/contract/operation.ts';
import { stripeWebhook } from '../../lib/http/contract/webhooks.ts';
import { rawBody } from '../../lib/http/door.ts';
import type { Runtime } from '../../lib/http/runtime.ts';

/** An event holds one object, an invoice with its lines at the most: some 10 KB. */
const MAX_BODY_BYTES = 1024 * 1024;

const environment = z.object({
  STAGE: z.string(),
  STRIPE_WEBHOOK_SECRET_ARN: z.string(),
});

/** Whose signature is accepted, and whether only real money counts. Stops the start where the environment does not say. */
export const webhookSettings = ({ env }: Runtime): { readonly secretId: string; readonly liveOnly: boolean } => {
  const { STAGE, STRIPE_WEBHOOK_SECRET_ARN } = environment.parse(env);
  return { secretId: STRIPE_WEBHOOK_SECRET_ARN, liveOnly: STAGE === 'prod' };
};

type Take = (raw: Buffer, signature: string | undefined) => Promise<z.infer<typeof stripeWebhook.reply> | Refusal>;

/** The way in for Stripe: the body goes on as the bytes that were signed, not as JSON. A fault of ours is a 5xx, so that it is sent again. */
export const webhookDoor = (runtime: Runtime, take: Take) =>
  chain(runtime, async (event) => {
    if (event.routeKey !== routeKey(stripeWebhook)) return { refused: 'not_found' };
    const raw = rawBody(event);
    if (raw.length > MAX_BODY_BYTES) return { refused: 'payload_too_large' };
    const answer = await take(raw, event.headers['stripe-signature']);
    if (isRefusal(answer)) return answer;
    const body = JSON.stringify(stripeWebhook.reply.parse(answer));
    return { statusCode: stripeWebhook.status, headers: { 'content-type': 'application/json' }, body };
  });
