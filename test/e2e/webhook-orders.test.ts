import { afterAll, beforeAll, expect, test } from 'vitest';
import { addMonthsMs } from '../../lib/domain/time.ts';
import type { Actor } from './actor.ts';
import { type Api, DAY, HOUR, iso } from './api.ts';
import { Shop } from './shop.ts';
import { allEvents, deliver, ofCustomer, type SentEvent, signatureOf } from './webhook-sender.ts';

let shop: Shop;
let api: Api;
beforeAll(async () => {
  shop = await Shop.open();
  api = shop.api;
});
afterAll(() => api.stop());

const AT_ONCE = 4;
const SEED = 7;

/** Numbers from 0 to 1, the same ones for the same seed. */
const chance = (seed: number) => {
  let state = seed;
  return (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

const shuffled = <T>(items: readonly T[], random: () => number): T[] =>
  items
    .map((item) => ({ item, rank: random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);

/** All that an owner sees, without the ids that Stripe or we made up. */
const seenBy = async (owner: Actor): Promise<unknown> => {
  const { grants, ...balance } = await api.balance(owner);
  const history = await api.history(owner);
  const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value).replaceAll(/"(in|pi|sub)_\w+"/g, '"…"'));
  return plain({
    ...balance,
    grants: grants.map(({ id: _, ...grant }) => grant),
    billing: await shop.billing(owner),
    history: history.map(({ id: _, grants: changes, ...line }) => ({
      ...line,
      grants: changes.map(({ id: __, ...change }) => change),
    })),
  });
};

interface Chapter {
  readonly owner: Actor;
  readonly events: readonly SentEvent[];
}

/** The same happens to so many owners in the same second, and nobody is told of it. */
const untold = async (
  count: number,
  happens: (owner: Actor) => Promise<string>,
  types: readonly string[],
): Promise<readonly Chapter[]> => {
  await api.nextNoon();
  await shop.webhooks(false);
  const owners = await Promise.all(Array.from({ length: count }, () => api.user()));
  const customers = await inTurns(owners, happens);
  await shop.webhooks(true);
  const all = (await allEvents(shop)).filter(({ type }) => types.includes(type));
  return owners.map((owner, index) => ({ owner, events: ofCustomer(all, customers[index] ?? '') }));
};

/** A few at a time, so that each has its turn on a slow machine. */
const inTurns = async <T, R>(items: readonly T[], act: (item: T, index: number) => Promise<R>): Promise<R[]> => {
  const results: R[] = [];
  for (let from = 0; from < items.length; from += AT_ONCE) {
    const turn = items.slice(from, from + AT_ONCE);
    results.push(...(await Promise.all(turn.map((item, offset) => act(item, from + offset)))));
  }
  return results;
};

/** Tells each owner's events in an order of its own, one after the other, and answers with what each then sees: the first's in order. */
const told = async (chapters: readonly Chapter[]): Promise<readonly unknown[]> => {
  const random = chance(SEED);
  const orders = chapters.map(({ events }, index) => (index === 0 ? events : shuffled(events, random)));
  const nowMs = await api.system.clock.now();
  const tried = new Set(orders.map((events) => events.map(({ type }) => type).join()));
  expect(tried.size).toBeGreaterThan(chapters.length / 2);
  return inTurns(chapters, async ({ owner }, index) => {
    for (const event of orders[index] ?? []) {
      const body = JSON.stringify(event);
      expect(await deliver(api, body, signatureOf(body, nowMs))).toMatchObject({ status: 200 });
    }
    await shop.isSound(owner);
    return seenBy(owner);
  });
};

const PURCHASE = [
  'customer.subscription.created',
  'customer.subscription.updated',
  'invoice.paid',
  'checkout.session.completed',
];

test('a subscription’s first seven events in 40 orders: the same balance and history', async () => {
  const chapters = await untold(40, async (owner) => (await shop.buy(owner, { planId: 'starter' })).customer, [
    ...PURCHASE,
    'invoice.finalized',
    'charge.succeeded',
    'payment_intent.succeeded',
  ]);
  expect(chapters.map(({ events }) => events.length)).toEqual(chapters.map(() => 7));
  const [inOrder, ...others] = await told(chapters);
  expect(inOrder).toMatchObject({ plan: 'starter', available: 2060, billing: { status: 'active' } });
  for (const seen of others) expect(seen).toEqual(inOrder);
});

test('with half of its money gone back, in 15 orders: the same balance', async () => {
  const chapters = await untold(
    15,
    async (owner) => {
      const { customer, paymentIntentId } = await shop.buy(owner, { planId: 'starter' });
      await shop.refund(paymentIntentId, 750);
      return customer;
    },
    [...PURCHASE, 'payment_intent.succeeded', 'refund.created', 'charge.refunded'],
  );
  expect(chapters.map(({ events }) => events.length)).toEqual(chapters.map(() => 7));
  const [inOrder, ...others] = await told(chapters);
  expect(inOrder).toMatchObject({ plan: 'starter', available: 1060, billing: { status: 'active' } });
  for (const seen of others) expect(seen).toEqual(inOrder);
});

test('a renewal that fails, told in every order: the same standing', async () => {
  const orders = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ] as const;
  const boughtMs = await api.nextNoon();
  const owners = await Promise.all(orders.map(() => api.user()));
  const customers = await inTurns(owners, async (owner) => (await shop.buy(owner, { planId: 'starter' })).customer);
  for (const customer of customers) await shop.nextPayment(customer, 'fails');
  await shop.webhooks(false);
  const nowMs = await api.at(addMonthsMs(boughtMs, 1) + HOUR);
  await shop.webhooks(true);
  const types = ['customer.subscription.updated', 'invoice.payment_failed'];
  const since = (await allEvents(shop)).filter(
    ({ type, created }) => types.includes(type) && created * 1000 > boughtMs + DAY,
  );
  const chapters = owners.map((owner, index) => ({ owner, events: ofCustomer(since, customers[index] ?? '') }));
  const [inOrder, ...others] = await inTurns(chapters, async ({ owner, events }, index) => {
    expect(events).toHaveLength(3);
    for (const at of orders[index] ?? []) {
      const body = JSON.stringify(events[at]);
      expect(await deliver(api, body, signatureOf(body, nowMs))).toMatchObject({ status: 200 });
    }
    return seenBy(owner);
  });
  const failed = { at: iso(nowMs), nextAttemptAt: iso(nowMs + 3 * DAY) };
  expect(inOrder).toMatchObject({ plan: 'starter', billing: { status: 'past_due', paymentFailed: failed } });
  for (const seen of others) expect(seen).toEqual(inOrder);
});
