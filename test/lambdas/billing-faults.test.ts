import { describe, expect, test } from 'vitest';
import { stripeClient } from '../../lib/stripe/stripe-client.ts';
import { type BillingWorld, type Call, HOUR_MS, openBilling, quietly, START_MS, text } from './billing-world.ts';
import { dyingStripe, dyingTable } from './dying.ts';

const BEFORE_RELAUNCH_MS = Date.UTC(2026, 1, 1);

interface Story {
  readonly it: string;
  /** What has happened before; the requests that follow are all the same. */
  readonly before?: (world: BillingWorld) => Promise<unknown>;
  readonly call: Call;
  readonly body?: object | ((world: BillingWorld) => Promise<object>);
  readonly status: number;
}

const buy = (planId: string) => (world: BillingWorld) => world.buy({ planId });
const ask = (world: BillingWorld, planId: string) => world.call('changePlan', { body: { planId } });
const old = async (world: BillingWorld) => {
  const legacy = { accountId: 'ann', amount: 900, currency: 'usd', createdAtMs: BEFORE_RELAUNCH_MS };
  const paymentIntentId = await world.standIn.addLegacyPayment(legacy);
  return { accountId: 'ann', paymentIntentId, reason: 'asked for it' };
};

const STORIES: readonly Story[] = [
  { it: 'a first plan', call: 'checkout', body: { planId: 'starter' }, status: 201 },
  { it: 'a first pack', call: 'checkout', body: { packId: 'pack-500' }, status: 201 },
  {
    it: 'another plan while one’s page is open',
    before: (world) => world.call('checkout', { body: { planId: 'starter' } }),
    call: 'checkout',
    body: { planId: 'pro' },
    status: 201,
  },
  { it: 'a portal page', call: 'portal', status: 201 },
  { it: 'a cancellation', before: buy('starter'), call: 'cancel', status: 200 },
  {
    it: 'a cancellation with a downgrade pending',
    before: async (world) => {
      await world.buy({ planId: 'pro' });
      await ask(world, 'starter');
    },
    call: 'cancel',
    status: 200,
  },
  {
    it: 'a cancellation past due',
    before: async (world) => {
      await world.buy({ planId: 'starter' });
      await world.card('fails');
      await world.moveTo(Date.UTC(2027, 1, 28, 14));
    },
    call: 'cancel',
    status: 200,
  },
  {
    it: 'taking a cancellation back',
    before: async (world) => {
      await world.buy({ planId: 'starter' });
      await world.call('cancel');
    },
    call: 'resume',
    status: 200,
  },
  { it: 'an upgrade', before: buy('starter'), call: 'changePlan', body: { planId: 'pro' }, status: 200 },
  {
    it: 'an upgrade with a downgrade pending',
    before: async (world) => {
      await world.buy({ planId: 'pro' });
      await ask(world, 'starter');
    },
    call: 'changePlan',
    body: { planId: 'pro-yearly' },
    status: 200,
  },
  { it: 'a downgrade', before: buy('pro'), call: 'changePlan', body: { planId: 'starter' }, status: 200 },
  {
    it: 'another downgrade',
    before: async (world) => {
      await world.buy({ planId: 'pro-yearly' });
      await ask(world, 'pro');
    },
    call: 'changePlan',
    body: { planId: 'starter' },
    status: 200,
  },
  {
    it: 'a downgrade taken back',
    before: async (world) => {
      await world.buy({ planId: 'pro' });
      await ask(world, 'starter');
    },
    call: 'changePlan',
    body: { planId: 'pro' },
    status: 200,
  },
  { it: 'a legacy refund', call: 'legacyRefund', body: old, status: 200 },
];

/** A world after the story's beginning, in which only our own answers tell us of what Stripe does. */
const begin = async (story: Story) => {
  const world = await openBilling();
  await story.before?.(world);
  await world.moveTo(Math.max(world.clock.nowMs + HOUR_MS / 2, START_MS));
  world.webhooks.heard = false;
  const body = typeof story.body === 'function' ? await story.body(world) : story.body;
  return { world, sent: { body } };
};

/** What counts in the end: here, at Stripe, and in what the owner sees; without names that are made up each time. */
const outcome = async (world: BillingWorld) => {
  const [account, billing, history] = [await world.account(), await world.billing(), await world.history()];
  const { stripe } = world;
  const [customers, sessions, invoices, subscriptions, refunds] = await Promise.all([
    stripe.customers.list(),
    stripe.checkout.sessions.list({ status: 'open' }),
    stripe.invoices.list(),
    stripe.subscriptions.list({ status: 'all' }),
    stripe.refunds.list(),
  ]);
  return {
    view: (await world.call('view')).body,
    grants: account.grants.map(({ kind, granted, remaining, expiresAtMs }) => ({
      kind,
      granted,
      remaining,
      expiresAtMs,
    })),
    nextPlanId: account.cycle?.paid?.nextPlanId ?? null,
    change: billing.change,
    orders: Object.values(billing.orders).map(({ item, sessionId }) => [item.id, sessionId !== null]),
    history: history.map(({ kind, reason }) => [kind, reason]),
    customers: customers.data.length,
    openSessions: sessions.data.map(({ mode, amount_total }) => [mode, amount_total]),
    invoices: invoices.data.map(({ status, amount_paid }) => [status, amount_paid]),
    subscriptions: subscriptions.data.map(({ status, cancel_at_period_end, schedule, items }) => [
      status,
      cancel_at_period_end,
      schedule !== null,
      items.data.map(({ price }) => price.id),
    ]),
    refunds: refunds.data.map(({ amount, status }) => [amount, status]),
  };
};

const undisturbed = async (story: Story) => {
  const { world, sent } = await begin(story);
  expect(await world.call(story.call, sent)).toMatchObject({ status: story.status });
  return outcome(world);
};

/** More than any of the stories needs. */
const MANY = 20;

describe('killed right after each of its deeds, and asked again: as though nothing had been', () => {
  test.concurrent.each(STORIES)(
    '$it',
    async (story) => {
      await quietly(async () => {
        const expected = await undisturbed(story);
        for (let deeds = 1, died = true; died; deeds++) {
          expect(deeds).toBeLessThan(MANY);
          const { world, sent } = await begin(story);
          const life = { deeds };
          const through = world.depsWith(dyingStripe(life, world.standIn.port), dyingTable(life));
          const first = await world.call(story.call, sent, { through });
          died = life.deeds <= 0;
          if (!died) expect(first).toMatchObject({ status: story.status });
          const second = await world.call(story.call, sent);
          expect([deeds, second]).toMatchObject([deeds, { status: story.status }]);
          expect(await world.call(story.call, sent), `after ${deeds} deeds, a third time`).toMatchObject({
            status: story.call === 'cancel' && second.body['status'] === 'canceled' ? 409 : story.status,
          });
          expect({ deeds, ...(await outcome(world)) }).toEqual({ deeds, ...expected });
        }
      });
    },
    120_000,
  );
});

describe('Stripe down', () => {
  test.concurrent.each(STORIES)(
    '$it: 503, when to try again, and right afterwards',
    async (story) => {
      await quietly(async () => {
        const expected = await undisturbed(story);
        for (const outage of [true, 'lost_answers'] as const) {
          const { world, sent } = await begin(story);
          world.standIn.outage(outage);
          const down = await world.call(story.call, sent);
          expect(down).toMatchObject({ status: 503, body: { code: 'unavailable' } });
          expect(down.headers['retry-after']).toMatch(/^[1-9]\d*$/);
          world.standIn.outage(false);
          expect(await world.call(story.call, sent)).toMatchObject({ status: story.status });
          expect({ outage, ...(await outcome(world)) }).toEqual({ outage, ...expected });
        }
      });
    },
    60_000,
  );

  test('what needs no Stripe goes on', async () => {
    const world = await openBilling();
    await world.buy({ planId: 'starter' });
    world.standIn.outage(true);
    expect(await world.call('view')).toMatchObject({ status: 200, body: { plan: 'starter' } });
    expect(await world.call('quote', { body: { company: 'Ann & Co' } })).toMatchObject({ status: 201 });
  });
});

test.concurrent.each(STORIES)(
  'Stripe slow: $it: an answer within the bound, and right afterwards',
  async (story) => {
    await quietly(async () => {
      const expected = await undisturbed(story);
      const { world, sent } = await begin(story);
      world.standIn.delayMs(1_000);
      expect(await world.call(story.call, sent, { boundMs: 100 })).toMatchObject({
        status: 503,
        headers: { 'retry-after': expect.any(String) },
      });
      world.standIn.delayMs(0);
      expect(await world.call(story.call, sent)).toMatchObject({ status: story.status });
      const calm = async () => JSON.stringify(await outcome(world)) === JSON.stringify(expected);
      // What was given up on may still be at it.
      await expect.poll(calm, { timeout: 10_000 }).toBe(true);
    });
  },
  60_000,
);

test('a key that Stripe does not take is our own fault, and nothing of it shows', async () => {
  const world = await openBilling();
  const wrong = stripeClient({ apiKey: 'sk_test_wrong', endpoint: `http://127.0.0.1:${world.standIn.port}` });
  const through = world.depsWith(wrong);
  const answered = await quietly(() => world.call('checkout', { body: { planId: 'pro' } }, { through }));
  expect(answered).toMatchObject({ status: 500, body: { code: 'internal' } });
  expect(JSON.stringify(answered)).not.toMatch(/sk_test|Stripe|key/i);
  expect((await world.billing()).orders).toEqual({});
});

test('an order whose session was never made, after the hour of its session: a new one', async () => {
  const world = await openBilling();
  world.standIn.outage(true);
  await quietly(() => world.call('portal'));
  world.standIn.outage(false);
  await world.call('portal');
  world.standIn.outage(true);
  await quietly(() => world.call('checkout', { body: { planId: 'pro' } }));
  const { orders } = await world.billing();
  world.standIn.outage(false);
  world.clock.nowMs += HOUR_MS;
  const sessionId = text(await world.call('checkout', { body: { planId: 'pro' } }), 'sessionId');
  const session = await world.stripe.checkout.sessions.retrieve(sessionId);
  expect(session.client_reference_id).not.toBe(orders['plan']?.id);
  await world.pay(sessionId);
  expect((await world.call('view')).body).toMatchObject({ plan: 'pro' });
});
