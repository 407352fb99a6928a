import { describe, expect, test, vi } from 'vitest';
import { stripeClient } from '../../lib/stripe/stripe-client.ts';
import { type BillingWorld, type Call, HOUR_MS, openBilling, quietly, START_MS, text } from './billing-world.ts';
import { dyingStripe, dyingTable, lifeOf } from './dying.ts';

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

const customerGone = async (world: BillingWorld) => {
  await world.call('portal');
  await world.stripe.customers.del((await world.billing()).customerId ?? '');
};
const pageOfNobody = async (world: BillingWorld) => {
  await world.call('checkout', { body: { packId: 'pack-500' } });
  await customerGone(world);
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
  {
    it: 'a plan, the customer deleted at Stripe',
    before: customerGone,
    call: 'checkout',
    body: { planId: 'pro' },
    status: 201,
  },
  {
    it: 'a pack whose page is open, the customer deleted at Stripe',
    before: pageOfNobody,
    call: 'checkout',
    body: { packId: 'pack-500' },
    status: 201,
  },
  { it: 'a portal page, the customer deleted at Stripe', before: customerGone, call: 'portal', status: 201 },
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
    change: billing.change?.planId ?? null,
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

/** A dead process does not notice how the time goes by. */
const NEVER_MS = 600_000;
/** More than any of the stories needs. */
const MANY = 20;

describe('killed right after each of its deeds, and asked again: as though nothing had been', () => {
  test.each(STORIES)(
    '$it',
    async (story) => {
      await quietly(async () => {
        const expected = await undisturbed(story);
        for (let deeds = 1, died = true; died; deeds++) {
          expect(deeds).toBeLessThan(MANY);
          const { world, sent } = await begin(story);
          const life = lifeOf(deeds);
          const through = world.depsWith(dyingStripe(life, world.standIn.port), dyingTable(life));
          const first = await Promise.race([world.call(story.call, sent, { through, boundMs: NEVER_MS }), life.end]);
          died = life.isOver();
          if (!died) expect(first).toMatchObject({ status: story.status });
          const second = await world.call(story.call, sent);
          expect([deeds, second]).toMatchObject([deeds, { status: story.status }]);
          expect([deeds, await world.call(story.call, sent)]).toMatchObject([deeds, { status: story.status }]);
          expect({ deeds, ...(await outcome(world)) }).toEqual({ deeds, ...expected });
        }
      });
    },
    120_000,
  );
});

/** Each story in a world of its own, all at once: most of the time is waiting. */
const inAll = (work: (story: Story) => Promise<unknown>): Promise<unknown> =>
  quietly(() => Promise.all(STORIES.map(work)));

describe('Stripe down', () => {
  test.each([true, 'lost_answers'] as const)(
    'outage: %s: 503, when to try again, and right afterwards',
    async (outage) => {
      await inAll(async (story) => {
        const expected = await undisturbed(story);
        const { world, sent } = await begin(story);
        world.standIn.outage(outage);
        const down = await world.call(story.call, sent);
        expect(down, story.it).toMatchObject({ status: 503, body: { code: 'unavailable' } });
        expect(down.headers['retry-after'], story.it).toMatch(/^[1-9]\d*$/);
        world.standIn.outage(false);
        expect(await world.call(story.call, sent), story.it).toMatchObject({ status: story.status });
        expect(await outcome(world), story.it).toEqual(expected);
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

test('Stripe slow: an answer within the bound, and right afterwards', async () => {
  await inAll(async (story) => {
    const expected = await undisturbed(story);
    const { world, sent } = await begin(story);
    world.standIn.delayMs(1_000);
    const slow = await world.call(story.call, sent, { boundMs: 100 });
    expect(slow, story.it).toMatchObject({ status: 503, headers: { 'retry-after': expect.any(String) } });
    world.standIn.delayMs(0);
    expect(await world.call(story.call, sent), story.it).toMatchObject({ status: story.status });
    // What was given up on may still be at it.
    await vi.waitFor(async () => expect(await outcome(world), story.it).toEqual(expected), 15_000);
  });
}, 60_000);

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
