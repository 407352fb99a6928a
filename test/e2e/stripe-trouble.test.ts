import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  cancelSubscription,
  changePlan,
  createCheckout,
  createPortal,
  getBilling,
  refundLegacy,
  requestQuote,
  resumeSubscription,
} from '../../lib/http/contract/billing.ts';
import type { Operation } from '../../lib/http/contract/operation.ts';
import { settleRun } from '../../lib/http/contract/settle.ts';
import type { Actor, Asked } from './actor.ts';
import type { Api } from './api.ts';
import { legacyPayment } from './legacy-payment.ts';
import { Shop } from './shop.ts';
import { allEvents, deliver, eventsOf, lastOf, ofCustomer } from './webhook-sender.ts';

/** What nobody waits longer for. */
const MOST_MS = 10_000;

let shop: Shop;
let api: Api;
beforeAll(async () => {
  shop = await Shop.open();
  api = shop.api;
});
afterAll(() => api.stop());

type Trouble = { readonly outage: boolean | 'lost_answers' } | { readonly delayMs: number };
const suffer = (trouble: Trouble) => shop.control('PUT', 'api', trouble);
const recover = () => shop.control('PUT', 'api', { outage: false, delayMs: 0 });
afterEach(recover);

interface Call {
  readonly it: string;
  readonly owner: Actor;
  readonly actor: Actor;
  readonly operation: Operation;
  readonly asked: Asked;
  /** What Stripe tells once of it when it is done, and of whom; a page it does not tell of. */
  readonly tells?: readonly [customerId: string, type: string];
}

/** Every call that needs Stripe, each about an account of its own. */
const calls = async (): Promise<readonly Call[]> => {
  const subscribed = async (planId: string) => {
    const owner = await api.user();
    return { owner, customer: (await shop.buy(owner, { planId })).customer };
  };
  await api.nextNoon();
  const [buyer, visitor, old] = [await api.user(), await api.user(), await api.user()];
  const [leaving, back, up, down] = await Promise.all([
    subscribed('starter'),
    subscribed('starter'),
    subscribed('starter'),
    subscribed('pro'),
  ]);
  await back.owner.ok(cancelSubscription);
  const payment = await legacyPayment(shop, { accountId: old.sub });
  const { paymentIntentId } = payment;
  const updated = 'customer.subscription.updated';
  const own = (owner: Actor, operation: Operation, body: object = {}) => ({
    it: operation.id,
    owner,
    actor: owner,
    operation,
    asked: { body },
  });
  return [
    own(buyer, createCheckout, { packId: 'pack-500' }),
    own(visitor, createPortal),
    { ...own(leaving.owner, cancelSubscription), tells: [leaving.customer, updated] },
    { ...own(back.owner, resumeSubscription), tells: [back.customer, updated] },
    { ...own(up.owner, changePlan, { planId: 'pro' }), tells: [up.customer, 'invoice.paid'] },
    { ...own(down.owner, changePlan, { planId: 'starter' }), tells: [down.customer, 'subscription_schedule.created'] },
    {
      ...own(old, refundLegacy, { accountId: old.sub, paymentIntentId, reason: 'asked for it' }),
      actor: api.support,
      tells: [payment.customerId, 'charge.refunded'],
    },
  ];
};

/** How often Stripe has told what each call leads to. */
const countsOf = async (asked: readonly Call[]): Promise<readonly number[]> => {
  const all = await allEvents(shop);
  return asked.map(({ tells: [customerId, type] = ['', ''] }) =>
    customerId === '' ? 0 : ofCustomer(all, customerId).filter((event) => event.type === type).length,
  );
};

/** Sends it again, as a client does that is told when, until it is answered. */
const insist = async ({ actor, operation, asked }: Call): Promise<number> => {
  for (;;) {
    const { status } = await actor.send(operation, asked);
    if (status !== 503) return status;
  }
};

const useCredits = async (owner: Actor): Promise<void> => {
  const { runId } = await api.hold(owner, 5);
  await api.agent.ok(settleRun, { params: { runId }, body: { credits: 3 } });
  await api.balance(owner);
};

const TROUBLES: readonly (readonly [it: string, trouble: Trouble])[] = [
  ['Stripe is down', { outage: true }],
  ['Stripe’s answers are lost on their way', { outage: 'lost_answers' }],
  ['Stripe takes four seconds for everything', { delayMs: 4000 }],
];

describe.each(TROUBLES)('%s', (_, trouble) => {
  test('buying is unavailable, and says so in time; using credits is not; a repeat does it, once', async () => {
    const asked = await calls();
    const before = await countsOf(asked);
    await suffer(trouble);

    let waiting = asked.length;
    const answers = asked.map(async ({ it, actor, operation, asked: request }) => {
      const startMs = performance.now();
      const { status, body, headers } = await actor.send(operation, request);
      waiting -= 1;
      const retryAfter = Number(headers.get('retry-after'));
      return { it, status, body, retryAfter, ms: performance.now() - startMs };
    });
    const hot = (async () => {
      for (const { owner } of asked.slice(0, 4)) await useCredits(owner);
      return waiting;
    })();
    for (const { it, ms, retryAfter, ...answer } of await Promise.all(answers)) {
      expect({ it, ...answer }).toMatchObject({ it, status: 503, body: { code: 'unavailable' } });
      expect(retryAfter, it).toBeGreaterThan(0);
      expect(ms, it).toBeLessThan(MOST_MS);
    }
    // Who waits for Stripe keeps nobody else waiting.
    if ('delayMs' in trouble) expect(await hot).toBeGreaterThan(0);
    await hot;
    for (const { owner } of asked.slice(0, 3)) {
      await owner.ok(getBilling);
      await owner.ok(requestQuote, { body: { company: 'Example Ltd' } });
    }

    await recover();
    await Promise.all(
      asked.map(async (call) => {
        expect([call.it, await insist(call)]).toEqual([call.it, call.operation.status]);
        await shop.isSound(call.owner);
      }),
    );
    expect(await countsOf(asked)).toEqual(
      before.map((count, index) => count + (asked[index]?.tells === undefined ? 0 : 1)),
    );
  });
});

describe('what is told while Stripe cannot be asked', () => {
  const untold = async (item: { planId: string } | { packId: string }, type: string) => {
    await api.nextNoon();
    const owner = await api.user();
    await shop.webhooks(false);
    const { customer } = await shop.buy(owner, item);
    await shop.webhooks(true);
    return { owner, body: JSON.stringify(lastOf(await eventsOf(shop, customer), type)) };
  };

  test('a plan comes again when it can, and is granted then', async () => {
    const { owner, body } = await untold({ planId: 'starter' }, 'invoice.paid');
    await suffer({ outage: true });
    expect(await deliver(api, body)).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(await shop.left(owner, 'subscription')).toBe(0);
    await recover();
    expect(await deliver(api, body)).toMatchObject({ status: 200 });
    expect(await shop.left(owner, 'subscription')).toBe(2000);
    await shop.isSound(owner);
  });

  test('a pack is granted: nothing has to be asked', async () => {
    const { owner, body } = await untold({ packId: 'pack-500' }, 'checkout.session.completed');
    await suffer({ outage: true });
    expect(await deliver(api, body)).toMatchObject({ status: 200 });
    expect(await shop.left(owner, 'pack')).toBe(500);
  });
});
