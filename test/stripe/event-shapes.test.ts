import type Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { factsOfEvent } from '../../lib/stripe/event-facts.ts';
import { UnknownShape } from '../../lib/stripe/stripe-shape.ts';
import { buy, DAY_MS, openShop, START_MS, subscribe } from '../local/stripe/shop.ts';
import { altered } from './altered-event.ts';

/** One event of each kind, as the stand-in sends it. */
const happened = async (): Promise<ReadonlyMap<string, Stripe.Event>> => {
  const shop = await openShop();
  await subscribe(shop);
  const refunded = await buy(shop, 'price_pack', { client_reference_id: 'order-1' });
  await shop.control('POST', '/refunds', { paymentIntentId: refunded.payment_intent, amount: 100 });
  const disputed = await buy(shop, 'price_pack', { client_reference_id: 'order-2' });
  await shop.control('POST', '/disputes', { paymentIntentId: disputed.payment_intent });
  return new Map((await shop.news()).map((event) => [event.type, event]));
};
let events: ReturnType<typeof happened> | undefined;

const eventOf = async (type: string): Promise<Stripe.Event> => {
  events ??= happened();
  const event = (await events).get(type);
  if (event === undefined) throw new Error(`no ${type}`);
  return event;
};

const SESSION = 'checkout.session.completed';
const UPDATED = 'customer.subscription.updated';
const DISPUTE = 'charge.dispute.created';
/** The end of the period that the subscription is in. */
const END_S = (START_MS + 28 * DAY_MS) / 1000;

describe('tells nothing', () => {
  test.each([
    // event, what is different about it
    [SESSION, 'in setup mode', { 'data.object.mode': 'setup' }],
    [SESSION, 'paid for with nothing', { 'data.object.payment_status': 'no_payment_required' }],
    [SESSION, 'without a customer', { 'data.object.customer': null }],
    [SESSION, 'without an order', { 'data.object.client_reference_id': null }],
    ['invoice.paid', 'of no subscription', { 'data.object.parent': null }],
    ['invoice.paid', 'of a quote', { 'data.object.parent.subscription_details': null }],
    ['invoice.paid', 'that is not paid', { 'data.object.status': 'open' }],
    ['invoice.paid', 'for nothing: a trial', { 'data.object.lines.data.0.subtotal': 0 }],
    ['invoice.paid', 'without lines', { 'data.object.lines.data': [] }],
    ['invoice.paid', 'with a line made by hand', { 'data.object.lines.data.0.parent': null }],
    ['invoice.paid', 'with a line of another subscription', lineOf({ subscription: 'sub_other' })],
    ['invoice.paid', 'with a line without a price', { 'data.object.lines.data.0.pricing': null }],
    ['refund.created', 'of a charge without a payment intent', { 'data.object.payment_intent': null }],
    ['charge.refunded', 'without a payment intent', { 'data.object.payment_intent': null }],
    [DISPUTE, 'of a charge without a payment intent', { 'data.object.payment_intent': null }],
    [DISPUTE, 'an inquiry', { 'data.object.status': 'warning_needs_response' }],
    [DISPUTE, 'an inquiry under review', { 'data.object.status': 'warning_under_review' }],
    [DISPUTE, 'an inquiry that came to nothing', { 'data.object.status': 'warning_closed' }],
    [DISPUTE, 'prevented', { 'data.object.status': 'prevented' }],
    [SESSION, 'of a type never heard of', { type: 'checkout.session.turned_blue', data: undefined }],
  ])('%s %s', async (type, _, changes) => {
    const event = await eventOf(type);
    expect(factsOfEvent(event)).toHaveLength(1);
    expect(factsOfEvent(altered(event, changes))).toEqual([]);
  });

  function lineOf(change: Readonly<Record<string, unknown>>) {
    const at = 'data.object.lines.data.0.parent.subscription_item_details';
    return Object.fromEntries(Object.entries(change).map(([name, to]) => [`${at}.${name}`, to]));
  }
});

describe('tells', () => {
  test.each([
    [DISPUTE, 'status', 'needs_response', { state: 'open' }],
    [DISPUTE, 'status', 'under_review', { state: 'open' }],
    [DISPUTE, 'status', 'appeal_needs_response', { state: 'open' }],
    [DISPUTE, 'status', 'appeal_under_review', { state: 'open' }],
    [DISPUTE, 'status', 'won', { state: 'won' }],
    [DISPUTE, 'status', 'lost', { state: 'lost' }],
    ['refund.created', 'status', 'pending', { failedAtMs: null }],
    ['refund.created', 'status', 'requires_action', { failedAtMs: null }],
    ['refund.created', 'status', null, { failedAtMs: null }],
    ['refund.created', 'status', 'canceled', { failedAtMs: expect.any(Number) }],
    ['refund.created', 'payment_intent', { id: 'pi_1', object: 'payment_intent' }, { paymentId: 'pi_1' }],
    [UPDATED, 'status', 'trialing', { subscription: expect.objectContaining({ status: 'trialing', renews: true }) }],
    [UPDATED, 'status', 'paused', { subscription: expect.objectContaining({ status: 'paused' }) }],
    [UPDATED, 'status', 'unpaid', { subscription: expect.objectContaining({ status: 'unpaid' }) }],
    // A date: within this period, at its end, and in one to come, which does not keep this one from being renewed.
    [UPDATED, 'cancel_at', END_S - 1, { subscription: expect.objectContaining({ renews: false }) }],
    [UPDATED, 'cancel_at', END_S, { subscription: expect.objectContaining({ renews: false }) }],
    [UPDATED, 'cancel_at', END_S + 1, { subscription: expect.objectContaining({ renews: true }) }],
    [UPDATED, 'cancel_at_period_end', true, { subscription: expect.objectContaining({ renews: false }) }],
    [UPDATED, 'customer', { id: 'cus_1', object: 'customer', deleted: true }, { customerId: 'cus_1' }],
    [UPDATED, 'schedule', 'sub_sched_1', { subscription: expect.objectContaining({ scheduleId: 'sub_sched_1' }) }],
    ['invoice.paid', 'amount_paid', 0, { amount: 0, subtotal: 1500 }],
    [SESSION, 'amount_total', 595, { amount: 595, subtotal: 500 }],
  ])('%s, %s %j: %o', async (type, place, value, fact) => {
    expect(factsOfEvent(altered(await eventOf(type), { [`data.object.${place}`]: value }))).toMatchObject([fact]);
  });
});

describe('an invoice of several lines', () => {
  const line = (priceId: string, subtotal: number, startMs: number, proration = true) => ({
    subtotal,
    period: { start: startMs / 1000, end: (START_MS + 28 * DAY_MS) / 1000 },
    pricing: { price_details: { price: priceId } },
    proration,
  });
  const [old, middle, now] = [START_MS, START_MS + DAY_MS, START_MS + 2 * DAY_MS];

  test.each([
    {
      it: 'two upgrades: the later',
      lines: [line('a', -900, middle), line('b', 2000, middle), line('b', -1900, now), line('c', 4000, now)],
      paid: { priceId: 'c', subtotal: 4000, startMs: now },
    },
    {
      it: 'the same, listed the other way round',
      lines: [line('c', 4000, now), line('b', -1900, now), line('b', 2000, middle), line('a', -900, middle)],
      paid: { priceId: 'c', subtotal: 4000, startMs: now },
    },
    {
      it: 'a renewal that takes an upgrade along: its whole period',
      lines: [line('a', -900, old), line('b', 9000, old), line('b', 4900, now, false)],
      paid: { priceId: 'b', subtotal: 4900, startMs: now, proration: false },
    },
    { it: 'nothing but credit: none', lines: [line('a', -900, middle)], paid: null },
  ])('$it', async ({ lines, paid }) => {
    const event = await eventOf('invoice.paid');
    const id = 'sub_1';
    const data = lines.map(({ proration, ...given }) => ({
      ...given,
      parent: { subscription_item_details: { proration, subscription: id } },
    }));
    const invoice = {
      'data.object.parent.subscription_details.subscription': id,
      'data.object.lines.data': data,
    };
    const facts = factsOfEvent(altered(event, invoice));
    expect(facts).toHaveLength(paid === null ? 0 : 1);
    if (paid !== null) expect(facts[0]).toMatchObject({ fact: 'period_paid', subscriptionId: id, ...paid });
  });
});

describe('is refused, naming the place', () => {
  test.each([
    // An event of before API 2025-03-31.basil has neither.
    ['invoice.paid', { 'data.object.parent': undefined, 'data.object.subscription': 'sub_1' }, 'invoice.parent'],
    [
      UPDATED,
      { 'data.object.items.data.0.current_period_end': undefined, 'data.object.current_period_end': 1 },
      'subscription.items.data[0].current_period_end',
    ],
    [UPDATED, { 'data.object.items.data': [] }, 'subscription.items.data'],
    [UPDATED, { 'data.object.status': 'asleep' }, 'subscription.status'],
    [DISPUTE, { 'data.object.status': 'thrown_out' }, 'dispute.status'],
    ['refund.created', { 'data.object.amount': '100' }, 'refund.amount'],
    ['refund.created', { 'data.object.amount': 0.5 }, 'refund.amount'],
    ['charge.refunded', { 'data.object.amount_refunded': undefined }, 'charge.amount_refunded'],
    [SESSION, { 'data.object': {} }, 'session.id'],
    [SESSION, { 'data.object': null }, 'event.data.object'],
    [SESSION, { data: undefined }, 'event.data'],
    [SESSION, { created: 'today' }, 'event.created'],
  ])('%s %j: %s', async (type, changes, path) => {
    const event = altered(await eventOf(type), changes);
    const act = () => factsOfEvent(event);
    expect(act).toThrow(UnknownShape);
    expect(act).toThrow(expect.objectContaining({ message: expect.stringContaining(`${path} `) }));
    expect(act).not.toThrow(/asleep|thrown_out|sub_1|today/);
  });
});
