import { catalog } from '../../../lib/catalog/catalog.ts';
import type { Order } from '../../../lib/domain/billing.ts';
import type { PaymentFact } from '../../../lib/domain/payment-fact.ts';
import { applyFact } from '../../../lib/payments/apply-fact.ts';
import { changeBilling, readOrder } from '../../../lib/store/billing.ts';
import { customerRow, orderRow } from '../../../lib/store/billing-row.ts';
import type { AccountId, Deed, StripeDeed } from './plan.ts';
import { newLife } from './scheduler.ts';
import { customerOf, PRICES, type Subscribed } from './stripe-model.ts';
import type { World } from './world.ts';

const nameOf = (fact: PaymentFact): string => JSON.stringify(fact);

/** A subscription that was ended as bought beside another has no purchase for its money to be of. */
const isOfUndone = ({ stripe }: World, fact: PaymentFact): boolean => {
  const of = stripe.money.find(
    ({ paid, intentId }) => paid === fact || ('paymentId' in fact && intentId === fact.paymentId),
  );
  return stripe.subscriptions.some(
    (one) => one.undone && of?.paid.fact === 'period_paid' && of.paid.subscriptionId === one.subscription.id,
  );
};

/** Tells a fact to the webhook's logic until it is answered. */
export const deliver = async (world: World, fact: PaymentFact, actor: string): Promise<void> => {
  const answer = await world.request({ actor, operation: `deliver ${fact.fact}` }, (life) =>
    applyFact(world.paymentDepsOf(life), fact),
  );
  if (answer === null) return;
  world.note(actor, () => `deliver ${nameOf(fact)} → ${answer}`);
  if ((answer === 'ignored' && !isOfUndone(world, fact)) || answer === 'mismatch')
    world.fault(`R17: ${nameOf(fact)} was answered ${answer}`);
  world.delivered(fact);
};

const deliverAll = (world: World, facts: readonly PaymentFact[], delays: readonly number[]): void => {
  for (const fact of facts) {
    for (const [at, delayMs] of delays.entries()) {
      void world.spawn(async () => {
        await world.park(null, world.now() + delayMs);
        await deliver(world, fact, `stripe-${1 + (at % 2)}`);
      });
    }
  }
};

/** What a checkout writes before anything is paid: customer and order. */
const orderOf = async (world: World, accountId: AccountId, packId: string): Promise<Order | null> => {
  const price = PRICES.find(({ item }) => item === packId);
  const pack = catalog.packs.find(({ id }) => id === packId);
  if (price === undefined || pack === undefined) return null;
  const item = { kind: 'pack', id: packId, credits: pack.credits } as const;
  const placed = { id: world.stripe.newId('order'), accountId, item, createdMs: world.now(), sessionId: null };
  const order: Order = { ...placed, priceId: price.priceId, amount: price.amount, currency: price.currency };
  const customerId = customerOf(accountId);
  return world.request({ actor: accountId, operation: 'order' }, async (life) => {
    const { table } = world.depsOf(life);
    if ((await readOrder(table, accountId, order.id)) !== null) return order;
    await changeBilling(table, accountId, (billing) => ({
      billing: { ...billing, customerId, orders: { ...billing.orders, [packId]: order } },
      rows: [orderRow(order), ...(billing.customerId === null ? [customerRow(customerId, accountId)] : [])],
    }));
    return order;
  });
};

const customer = (world: World, accountId: AccountId): Promise<boolean | null> =>
  world.request({ actor: accountId, operation: 'customer' }, async (life) => {
    const { table } = world.depsOf(life);
    const customerId = customerOf(accountId);
    await changeBilling(table, accountId, (billing) =>
      billing.customerId === null
        ? { billing: { ...billing, customerId }, rows: [customerRow(customerId, accountId)] }
        : null,
    );
    return true;
  });

/** Stripe's own clock of one subscription: renewals, dunning, the end. Stands still once its life is over. */
const keep = async (world: World, one: Subscribed, delays: readonly number[]): Promise<void> => {
  for (let atMs = world.stripe.actsAtMs(one); atMs !== null; atMs = world.stripe.actsAtMs(one)) {
    await world.park(world.stripesClock, atMs);
    if (world.stripe.actsAtMs(one) !== atMs) continue;
    const facts = world.stripe.act(one, world.now());
    world.note('stripe', () => `by itself: ${facts.map(nameOf).join(' ')}`);
    deliverAll(world, facts, delays);
  }
};

const factsOf = async (
  world: World,
  account: AccountId,
  deed: StripeDeed,
  delays: readonly number[],
): Promise<readonly PaymentFact[]> => {
  const { stripe, now } = world;
  const own = stripe.money.filter((one) => one.accountId === account);
  const live = stripe.liveOf(account);
  switch (deed.does) {
    case 'pack': {
      const order = await orderOf(world, account, catalog.packs[deed.pack]?.id ?? 'pack-500');
      return order === null ? [] : stripe.payPack(order, now());
    }
    case 'subscribe': {
      if ((await customer(world, account)) !== true) return [];
      const facts = stripe.subscribe(account, deed.planId, now());
      const one = stripe.subscriptions.at(-1);
      // Not at work: waits for months.
      if (one !== undefined) void keep(world, one, delays);
      return facts;
    }
    case 'upgrade':
      return live === undefined ? [] : stripe.upgrade(live, now());
    case 'cancel':
    case 'resume': {
      if (live === undefined) return [];
      const resumes = deed.does === 'resume';
      const { status } = live.subscription;
      if (status === 'unpaid' && !resumes) return stripe.finish(live, now());
      if (status !== 'unpaid' && status !== 'past_due') return [stripe.change(live, now(), { renews: resumes })];
      if (!resumes) return [stripe.change(live, now(), { renews: false })];
      const facts = stripe.payLate(live, now());
      if (status === 'unpaid' && facts.length > 0) void keep(world, live, delays);
      return facts;
    }
    case 'end':
      return live === undefined ? [] : stripe.finish(live, now());
    case 'declines':
      if (live !== undefined) live.declines = true;
      return [];
    case 'refund': {
      const one = own[deed.pick % Math.max(1, own.length)];
      if (one === undefined) return [];
      const facts = stripe.refund(one, deed.percent, now());
      if (deed.fails) {
        void world.spawn(async () => {
          await world.park(null, now() + 3000);
          deliverAll(world, stripe.refundFails(one, now()), delays);
        });
      }
      return facts;
    }
    case 'dispute':
    case 'close': {
      const one = own[deed.pick % Math.max(1, own.length)];
      if (one === undefined) return [];
      return deed.does === 'dispute' ? stripe.dispute(one, deed.percent, now()) : stripe.close(one, deed.won, now());
    }
  }
};

/** Something happens at Stripe, and its facts go out: late, several times, in any order, or not at all. */
export const atStripe = async (
  world: World,
  { account, deed, deliveries }: Extract<Deed, { what: 'stripe' }>,
): Promise<void> => {
  const facts = await factsOf(world, account, deed, deliveries);
  if (facts.length > 0) world.note('stripe', () => `${deed.does}: ${facts.map(nameOf).join(' ')}`);
  for (const fact of facts) world.owed.add(fact);
  deliverAll(world, facts, deliveries);
};

/** R21: everything Stripe has, told by the path webhooks take; one that fails does not keep the others waiting. */
export const reconcile = async (world: World): Promise<void> => {
  for (const fact of world.stripe.listed(world.now())) {
    const life = newLife('reconcile', `deliver ${fact.fact}`, world.now());
    const applied = applyFact(world.paymentDepsOf(life), fact).catch((thrown) => world.hear(life.operation, thrown));
    await Promise.race([applied, life.died]);
    life.over = true;
  }
};
