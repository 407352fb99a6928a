import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import {
  cancelSubscription,
  changePlan,
  createCheckout,
  createPortal,
  refundLegacy,
  requestQuote,
  resumeSubscription,
} from '../../lib/http/contract/billing.ts';
import type { Operation } from '../../lib/http/contract/operation.ts';
import { stripeWebhook } from '../../lib/http/contract/webhooks.ts';
import type { Actor, Asked } from './actor.ts';
import { type Api, DAY, HOUR, MINUTE } from './api.ts';
import { legacyPayment } from './legacy-payment.ts';
import { Shop } from './shop.ts';
import { staysAnswered } from './stays-answered.ts';
import { deliver, eventsOf, lastOf } from './webhook-sender.ts';

const AT_ONCE = 8;

let shop: Shop;
let api: Api;
beforeAll(async () => {
  shop = await Shop.open();
  api = shop.api;
});
afterAll(() => api.stop());

const dated = z.looseObject({ asOf: z.string() });
const undated = (body: unknown) => ({ ...dated.parse(body), asOf: 'now' });

/** The same request many times at once; one that found the rest in its way is sent again. Answers with what they were told. */
const atOnce = async (actor: Actor, operation: Operation, asked: Asked = {}): Promise<readonly unknown[]> => {
  const send = async (): Promise<unknown> => {
    for (;;) {
      const { status, body } = await actor.send(operation, asked);
      if (status !== 503) return { status, body };
    }
  };
  return Promise.all(Array.from({ length: AT_ONCE }, send));
};

const allTheSame = (answers: readonly unknown[]): void => {
  for (const answer of answers) expect(answer).toEqual(answers[0]);
};

/** How often Stripe has told of something about a customer. */
const countOf = async (customerId: string, type: string): Promise<number> =>
  (await eventsOf(shop, customerId)).filter((event) => event.type === type).length;

const published = z.object({
  events: z.array(z.object({ type: z.string(), detail: z.looseObject({ accountId: z.string() }) })),
});
const quotesToldOf = async ({ sub }: Actor): Promise<number> => {
  const { body } = await api.system.request('GET', '/local/events');
  const { events } = published.parse(body);
  return events.filter(({ type, detail }) => type === 'enterprise.quote_requested' && detail.accountId === sub).length;
};

describe('a quote that is asked for (R26)', () => {
  const body = { company: 'Example Ltd', creditsPerMonth: 250_000, seats: 12, isUrgent: true };

  test.each([undefined, 'a-key'])('is one quote, however often and whenever it is asked for; key %s', async (key) => {
    const t = await api.nextNoon();
    const owner = await api.user();
    const asked = { body, ...(key !== undefined && { headers: { 'idempotency-key': key } }) };
    allTheSame(await atOnce(owner, requestQuote, asked));
    await staysAnswered(api, t, owner, requestQuote, asked);
    expect(await quotesToldOf(owner)).toBe(1);
  });

  test('is known in another order of its fields, and with nothing said where nothing was', async () => {
    await api.nextNoon();
    const owner = await api.user();
    const first = await owner.ok(requestQuote, { body });
    const { company, ...rest } = body;
    expect(await owner.ok(requestQuote, { body: { ...rest, company } })).toEqual(first);
    expect(await owner.ok(requestQuote, { body: { ...body, phone: null } })).toEqual(first);
  });

  test('is another where anything in it is another, or another asks; not under the same key', async () => {
    await api.nextNoon();
    const [owner, stranger] = [await api.user(), await api.user()];
    const headers = { 'idempotency-key': 'a-key' };
    const { quoteId } = await owner.ok(requestQuote, { body, headers });
    for (const other of [{ ...body, seats: 13 }, { ...body, seats: '12' }, { ...body, extra: '' }, {}]) {
      expect((await owner.ok(requestQuote, { body: other })).quoteId).not.toBe(quoteId);
      const refused = await owner.refused(requestQuote, { body: other, headers });
      expect(refused).toMatchObject({ status: 409, code: 'idempotency_mismatch' });
    }
    expect((await stranger.ok(requestQuote, { body, headers })).quoteId).not.toBe(quoteId);
    expect(await quotesToldOf(owner)).toBe(5);
  });
});

describe('a payment of before the relaunch (R28)', () => {
  test('is refunded once, by whomever, at any distance in time; another reason is a mismatch', async () => {
    const t = await api.nextNoon();
    const owner = await api.user();
    const { paymentIntentId, customerId } = await legacyPayment(shop, { accountId: owner.sub, amount: 900 });
    const body = { accountId: owner.sub, paymentIntentId, reason: 'asked for it' };
    allTheSame(await atOnce(api.support, refundLegacy, { body }));
    await staysAnswered(api, t, api.support, refundLegacy, { body });
    const colleague = await api.actor('support-2', ['credits/support']);
    expect(await colleague.ok(refundLegacy, { body })).toMatchObject({ amount: 900, creditsTakenBack: 0 });
    const other = await api.support.refused(refundLegacy, { body: { ...body, reason: 'another' } });
    expect(other).toMatchObject({ status: 409, code: 'idempotency_mismatch' });
    expect(await countOf(customerId, 'charge.refunded')).toBe(1);
    const lines = await api.history(owner, { kind: 'refund' });
    expect(lines).toMatchObject([{ credits: 0, reason: 'asked for it', actor: 'support-1', payment: paymentIntentId }]);
    await shop.isSound(owner);
  });
});

describe('an event of Stripe’s (R17)', () => {
  test('is received whenever it comes again, and acted on once; under another id too', async () => {
    const t = await api.nextNoon();
    const owner = await api.user();
    await shop.webhooks(false);
    const { customer } = await shop.buy(owner, { packId: 'pack-500' });
    await shop.webhooks(true);
    const paid = lastOf(await eventsOf(shop, customer), 'checkout.session.completed');
    for (const later of [0, MINUTE, 2 * HOUR, 2 * DAY, 400 * DAY]) {
      await api.at(t + later);
      for (const id of [paid.id, paid.id, `${paid.id}${later}`]) {
        expect(await deliver(api, JSON.stringify({ ...paid, id }))).toMatchObject({
          status: stripeWebhook.status,
          body: { received: true },
        });
      }
      const lines = (await api.history(owner, { kind: 'grant' })).filter(({ reason }) => reason === 'pack_purchased');
      expect(lines).toMatchObject([{ credits: 500, at: lines[0]?.at }]);
      await shop.isSound(owner);
    }
  });
});

describe('a page to buy on (R16)', () => {
  test.each([{ packId: 'pack-500' }, { planId: 'starter' }])(
    '%j is the same page while it can be paid',
    async (body) => {
      const t = await api.nextNoon();
      const owner = await api.user();
      const answers = await atOnce(owner, createCheckout, { body });
      allTheSame(answers);
      const { sessionId } = await owner.ok(createCheckout, { body });
      expect(answers[0]).toMatchObject({ body: { sessionId } });
      await api.at(t + 59 * MINUTE);
      expect(await owner.ok(createCheckout, { body })).toMatchObject({ sessionId });
      await api.at(t + 61 * MINUTE);
      const fresh = await owner.ok(createCheckout, { body });
      expect(fresh.sessionId).not.toBe(sessionId);
      const { customer } = await shop.pay(fresh.sessionId);
      expect(await countOf(customer, 'customer.created')).toBe(1);
      expect(await countOf(customer, 'checkout.session.completed')).toBe(1);
      if ('packId' in body) {
        expect((await owner.ok(createCheckout, { body })).sessionId).not.toBe(fresh.sessionId);
      } else {
        expect(await owner.refused(createCheckout, { body })).toMatchObject({ code: 'already_subscribed' });
      }
    },
  );

  test('packs have pages of their own', async () => {
    await api.nextNoon();
    const owner = await api.user();
    const small = await owner.ok(createCheckout, { body: { packId: 'pack-500' } });
    const large = await owner.ok(createCheckout, { body: { packId: 'pack-2000' } });
    expect(large.sessionId).not.toBe(small.sessionId);
    expect(await owner.ok(createCheckout, { body: { packId: 'pack-500' } })).toEqual(small);
  });

  test('the portal’s is a new one each time, of the one customer', async () => {
    await api.nextNoon();
    const owner = await api.user();
    const [one, two] = [await owner.ok(createPortal), await owner.ok(createPortal)];
    expect(one.url).not.toBe(two.url);
    const { customer } = await shop.buy(owner, { packId: 'pack-500' });
    expect(await countOf(customer, 'customer.created')).toBe(1);
  });
});

describe('a subscription that is changed (R18)', () => {
  const LATER = [0, MINUTE, 2 * HOUR, 20 * DAY];
  const updates = 'customer.subscription.updated';

  /** Sends it once, at once, and later; whatever Stripe was to do, it did once. */
  const changesOnce = async (
    owner: Actor,
    [customer, type]: readonly [string, string],
    operation: Operation,
    asked: Asked = {},
  ): Promise<void> => {
    const t = await api.system.clock.now();
    const before = await countOf(customer, type);
    const answers = await atOnce(owner, operation, asked);
    allTheSame(answers);
    const state = await shop.billing(owner);
    expect(answers[0]).toEqual({ status: 200, body: state });
    for (const later of LATER) {
      await api.at(t + later);
      const { status, body } = await owner.send(operation, asked);
      expect({ status, body: undated(body) }).toEqual({ status: 200, body: undated(state) });
    }
    expect(await countOf(customer, type)).toBe(before + 1);
    await shop.isSound(owner);
  };

  test('is cancelled once, and taken back once', async () => {
    const { owner, boughtMs, session } = await shop.subscriber('starter');
    await changesOnce(owner, [session.customer, updates], cancelSubscription);
    await api.at(boughtMs + 21 * DAY);
    const body = {};
    const before = await countOf(session.customer, updates);
    const answers = await atOnce(owner, resumeSubscription, { body });
    allTheSame(answers);
    expect(answers[0]).toMatchObject({ status: 200, body: { endsAt: null } });
    await api.at(boughtMs + 22 * DAY);
    expect(await owner.ok(resumeSubscription, { body })).toMatchObject({ endsAt: null });
    expect(await countOf(session.customer, updates)).toBe(before + 1);
  });

  test('is upgraded once, and charged for it once', async () => {
    const { owner, session } = await shop.subscriber('starter');
    await changesOnce(owner, [session.customer, 'invoice.paid'], changePlan, { body: { planId: 'pro' } });
    expect(await shop.left(owner, 'subscription')).toBe(8000);
  });

  test('is downgraded once', async () => {
    const { owner, session } = await shop.subscriber('pro');
    const asked = { body: { planId: 'starter' } };
    await changesOnce(owner, [session.customer, 'subscription_schedule.created'], changePlan, asked);
    expect(await shop.billing(owner)).toMatchObject({ plan: 'pro', nextPlan: { plan: 'starter' } });
  });
});
