import { catalog } from '../../lib/catalog/catalog.ts';
import { inLambda } from '../../lib/http/production-runtime.ts';
import type { Runtime } from '../../lib/http/runtime.ts';
import { applyFact } from '../../lib/payments/apply-fact.ts';
import { paymentDependencies } from '../../lib/payments/dependencies.ts';
import { verifyWebhook } from '../../lib/stripe/verify-webhook.ts';
import { dynamoTable } from '../dependencies.ts';
import { type Receiving, receive } from './receive.ts';
import { webhookDoor, webhookSettings } from './webhook-door.ts';

/** What Stripe says has happened. */
export const createHandler = (runtime: Runtime) => {
  const { secretId, liveOnly } = webhookSettings(runtime);
  const { deps } = paymentDependencies(runtime, dynamoTable(runtime, catalog), catalog);
  const receiving: Receiving = {
    verify: verifyWebhook(runtime, secretId),
    apply: (fact) => applyFact(deps, fact),
    now: runtime.now,
    liveOnly,
  };
  return webhookDoor(runtime, (raw, signature) => receive(receiving, raw, signature));
};

export const handler = inLambda(createHandler);
