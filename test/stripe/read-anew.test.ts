import type Stripe from 'stripe';
import { expect, test } from 'vitest';
import { factsOfEvent, HEARD_EVENTS, type HeardEvent, isHeard } from '../../lib/stripe/event-facts.ts';
import { readAnew } from '../../lib/stripe/read-anew.ts';
import { UnknownShape } from '../../lib/stripe/stripe-shape.ts';
import { buy, checkout, DAY_MS, HOUR_MS, idOf, key, openShop, START_MS, subscribe } from '../local/stripe/shop.ts';
import { altered } from './altered-event.ts';

/** Everything that events tell of but a pause, which the stand-in does not know; and Stripe as it is some hours later. */
const history = async () => {
  const shop = await openShop();
  const { subscription, customerId } = await subscribe(shop);
  const refunded = await buy(shop, 'price_pack', { client_reference_id: 'order-1' });
  await shop.control('POST', '/refunds', { paymentIntentId: refunded.payment_intent, amount: 100 });
  const disputed = await buy(shop, 'price_pack', { client_reference_id: 'order-2' });
  const { body } = await shop.control('POST', '/disputes', { paymentIntentId: disputed.payment_intent });
  await shop.control('POST', `/disputes/${body['id']}/close`, { outcome: 'lost' });
  for (const [order, outcome] of [
    ['order-3', 'paid'],
    ['order-4', 'declined'],
  ] as const) {
    const later = await checkout(shop, 'price_pack', { client_reference_id: order });
    await shop.control('POST', `/checkout/${later.id}/pay`, { outcome: 'paid_later' });
    if (outcome === 'declined') await shop.control('POST', `/checkout/${later.id}/pay`, { outcome });
  }
  const left = await checkout(shop, 'price_pack', { client_reference_id: 'order-5' });
  await shop.stripe.checkout.sessions.expire(left.id, {}, key());
  await shop.control('PUT', `/customers/${customerId}`, { nextPayment: 'fails' });
  await shop.moveTo(START_MS + 28 * DAY_MS + 2 * HOUR_MS);
  await shop.stripe.subscriptions.cancel(subscription.id, {}, key());
  const events = (await shop.news()).filter(isHeard);
  await shop.moveTo(START_MS + 28 * DAY_MS + 3 * HOUR_MS + 1500);
  return { shop, events };
};
const AS_OF_MS = START_MS + 28 * DAY_MS + 3 * HOUR_MS + 1000;
const dated = { asOfMs: AS_OF_MS };
const canceled = expect.objectContaining({ ...dated, status: 'canceled' });

/** What an event tells that is read anew, where it is another thing than it told itself. */
const ANEW: readonly (readonly [type: HeardEvent['type'], as: object])[] = [
  ['checkout.session.completed', {}],
  ['checkout.session.async_payment_succeeded', {}],
  ['checkout.session.async_payment_failed', {}],
  ['checkout.session.expired', {}],
  ['invoice.paid', {}],
  // The subscription has ended since: it is tried no more.
  ['invoice.payment_failed', { nextAttemptMs: null }],
  ['customer.subscription.deleted', { listed: true, subscription: canceled }],
  ['charge.refunded', dated],
  ['refund.created', {}],
  ['charge.dispute.closed', { ...dated, listed: true }],
];

/** An event of which nothing can be read but what it is about. */
const bare = (event: Stripe.Event, type: string, id: string): HeardEvent => {
  const heard = altered(event, { type, 'data.object': { id } });
  if (!isHeard(heard)) throw new Error(`${type} is not heard`);
  return heard;
};

test('an event that cannot be read tells the same by its object, as of now', async () => {
  const { shop, events } = await history();
  for (const [type, as] of ANEW) {
    const telling = events.filter((event) => event.type === type && factsOfEvent(event).length > 0);
    expect(telling.length, type).toBeGreaterThan(0);
    for (const event of telling) {
      const again = await readAnew(shop.stripe, bare(event, type, idOf(event.data.object)), AS_OF_MS);
      expect(again, type).toEqual(factsOfEvent(event).map((fact) => ({ ...fact, ...as })));
    }
  }
});

test('every type that is heard is about a thing that Stripe is asked for; without its id it is refused', async () => {
  const { shop, events } = await history();
  const [event] = events;
  if (event === undefined) throw new Error('nothing has happened');
  for (const type of HEARD_EVENTS) {
    const asked = readAnew(shop.stripe, bare(event, type, 'none'), AS_OF_MS);
    await expect(asked, type).rejects.toMatchObject({ code: 'resource_missing' });
  }
  await expect(readAnew(shop.stripe, bare(event, 'invoice.paid', ''), AS_OF_MS)).rejects.toThrow(UnknownShape);
});
