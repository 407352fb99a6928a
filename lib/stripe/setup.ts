import type { Catalog } from '../domain/catalog.ts';
import type { SoldPrice } from '../domain/sold-price.ts';
import { carryOut } from './setup-carry-out.ts';
import type { SetupChange, SetupPart } from './setup-change.ts';
import { soldItems } from './setup-items.ts';
import { planPortal } from './setup-portal.ts';
import { planPrices, readSoldPrices } from './setup-prices.ts';
import { planVersion } from './setup-version.ts';
import { planWebhook } from './setup-webhook.ts';
import type { StripeClient } from './stripe-client.ts';

export interface SetupWish {
  readonly catalog: Catalog;
  /** `null`: there is no address yet, and endpoints are left alone. */
  readonly webhookUrl: string | null;
  readonly live: boolean;
}

/** What a Stripe account lacks to sell what the catalog sells. Only reads. */
export const planSetup = async (stripe: StripeClient, wish: SetupWish): Promise<SetupPart> => {
  const { catalog, webhookUrl, live } = wish;
  const parts = [
    await planPrices(stripe, soldItems(catalog)),
    await planPortal(stripe, live),
    await planVersion(stripe),
    ...(webhookUrl === null ? [] : [await planWebhook(stripe, webhookUrl)]),
  ];
  return {
    changes: parts.flatMap(({ changes }) => changes),
    faults: parts.flatMap(({ faults }) => faults),
    byHand: parts.flatMap(({ byHand }) => byHand),
  };
};

export interface SetupDeps {
  readonly stripe: StripeClient;
  /** New for each run. */
  readonly attemptId: string;
  /** Told right before each change. */
  readonly onChange: (change: SetupChange) => void;
  /** Given the endpoint's signing secret, at once: Stripe does not show it a second time. */
  readonly keepSecret: (secret: string) => void;
}

export interface SetUp {
  readonly done: readonly SetupChange[];
  readonly byHand: readonly string[];
  /** As the stage is to be told: current first, then those of before. */
  readonly prices: readonly SoldPrice[];
}

/**
 * Makes a Stripe account sell what the catalog sells (R16), and looks again whether it does. What is there already is left as it is: a run
 * after a crash, or after an answer that was lost, does what is missing, and the next one nothing. Throws where something of somebody
 * else's is in the way, before anything is done.
 */
export const setUpStripe = async (deps: SetupDeps, wish: SetupWish): Promise<SetUp> => {
  const { stripe, attemptId, onChange, keepSecret } = deps;
  const plan = await planSetup(stripe, wish);
  if (plan.faults.length > 0) throw new SetupRefused(plan.faults);
  for (const change of plan.changes) {
    onChange(change);
    const secret = await carryOut(stripe, change, attemptId);
    if (secret !== null) keepSecret(secret);
  }
  const left = plan.changes.length === 0 ? plan : await planSetup(stripe, wish);
  if (left.changes.length > 0)
    throw new Error(`Stripe took ${left.changes.map(({ does }) => does).join(', ')} and is as it was`);
  return { done: plan.changes, byHand: left.byHand, prices: await readSoldPrices(stripe, soldItems(wish.catalog)) };
};

/** Something of somebody else's is in the way; nothing was done. */
export class SetupRefused extends Error {
  override readonly name = 'SetupRefused';

  constructor(readonly faults: readonly string[]) {
    super(faults.join('\n'));
  }
}
