import { catalog } from '../../lib/catalog/catalog.ts';
import type { PaymentFact } from '../../lib/domain/payment-fact.ts';
import { inLambda } from '../../lib/http/production-runtime.ts';
import type { Runtime } from '../../lib/http/runtime.ts';
import { applyFact } from '../../lib/payments/apply-fact.ts';
import { paymentDependencies } from '../../lib/payments/dependencies.ts';
import { factsOfWholeEvent } from '../../lib/stripe/event-facts.ts';
import { verifyWebhook } from '../../lib/stripe/verify-webhook.ts';
import { openTelemetry } from '../../lib/telemetry/telemetry.ts';
import { dynamoTable } from '../dependencies.ts';
import { receive } from './receive.ts';
import { webhookDoor, webhookSettings } from './webhook-door.ts';

/** What Stripe says has happened. */
export const createHandler = (runtime: Runtime) => {
  const { secretId, liveOnly } = webhookSettings(runtime);
  const { deps, stripe } = paymentDependencies(runtime, dynamoTable(runtime, catalog), catalog);
  const verify = verifyWebhook(runtime, secretId);
  const apply = (fact: PaymentFact) => applyFact(deps, fact);
  const read = factsOfWholeEvent(stripe);
  const receiving = { verify, read, apply, now: runtime.now, liveOnly, telemetry: openTelemetry(runtime) };
  return webhookDoor(runtime, (raw, signature) => receive(receiving, raw, signature));
};

export const handler = inLambda(createHandler);
