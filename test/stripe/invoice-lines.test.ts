import type Stripe from 'stripe';
import { expect, test } from 'vitest';
import { askStripe } from '../../lib/stripe/ask-stripe.ts';
import { factsOfEvent, factsOfWholeEvent } from '../../lib/stripe/event-facts.ts';
import { factsOfInvoice } from '../../lib/stripe/invoice-facts.ts';
import { listFacts } from '../../lib/stripe/list-facts.ts';
import { readWithInvoice } from '../../lib/stripe/plan-change.ts';
import { stripeClient } from '../../lib/stripe/stripe-client.ts';
import { UnknownShape } from '../../lib/stripe/stripe-shape.ts';
import { LOCAL_STRIPE_KEY } from '../../local/stripe/local-keys.ts';
import { idOf, openShop, subscribe } from '../local/stripe/shop.ts';
import { altered } from './altered-event.ts';
import { LONG_PERIOD, renewLong } from './long-invoice.ts';

const never = () => Promise.reject(new Error('Stripe was asked'));

const renewed = async () => {
  const shop = await openShop();
  const { subscription } = await subscribe(shop);
  const short = (await shop.news()).find(({ type }) => type === 'invoice.paid');
  const invoiceId = await renewLong(shop, subscription);
  const long = (await shop.news()).find(({ type }) => type === 'invoice.paid');
  if (short === undefined || long === undefined) throw new Error('nothing was paid');
  const client = stripeClient({ apiKey: LOCAL_STRIPE_KEY, endpoint: `http://localhost:${shop.standIn.port}` });
  return { shop, client, subscription, invoiceId, short, long };
};

test('the lines of an invoice come ten with it, and all when they are asked for', async () => {
  const { shop, client, invoiceId, subscription } = await renewed();
  const invoice = await client.invoices.retrieve(invoiceId);
  expect(invoice.lines).toMatchObject({ has_more: true, url: `/v1/invoices/${invoiceId}/lines` });
  expect(invoice.lines.data).toHaveLength(10);
  const lines: Stripe.InvoiceLineItem[] = [];
  for await (const line of client.invoices.listLineItems(invoiceId, { limit: 5 })) lines.push(line);
  expect(lines).toHaveLength(13);
  expect(lines.slice(0, 10)).toEqual(invoice.lines.data);
  expect(new Set(lines.map(({ id }) => id)).size).toBe(13);
  expect(lines.at(-1)).toMatchObject({ subtotal: 1500, parent: { subscription_item_details: { proration: false } } });
  await expect(client.invoices.listLineItems('in_none')).rejects.toMatchObject({ code: 'resource_missing' });
  const first = await shop.stripe.invoices.list({ subscription: subscription.id });
  expect(first.data.map(({ lines: { has_more } }) => has_more)).toEqual([true, false]);
});

test('of an invoice that is cut nothing is told: it is refused, naming the place', async () => {
  const { client, invoiceId, long } = await renewed();
  const invoice = await client.invoices.retrieve(invoiceId);
  for (const act of [() => factsOfEvent(long), () => factsOfInvoice(invoice)]) {
    expect(act).toThrow(UnknownShape);
    expect(act).toThrow(/invoice\.lines\.has_more /);
  }
  // None of ours, or not paid: its lines tell nothing anyway.
  expect(factsOfEvent(altered(long, { 'data.object.parent': null }))).toEqual([]);
  expect(factsOfEvent(altered(long, { 'data.object.status': 'open' }))).toEqual([]);
  expect(factsOfEvent(altered(long, { type: 'invoice.payment_failed' }))).toMatchObject([{ fact: 'payment_failed' }]);
});

test('its period is told wherever Stripe can be asked', async () => {
  const { shop, client, subscription, invoiceId, long } = await renewed();
  const period = { ...LONG_PERIOD, paymentId: invoiceId };
  const nowMs = shop.clock.nowMs;
  expect(await factsOfWholeEvent(async () => client)(long)).toMatchObject([period]);
  expect((await listFacts(client, 'events', 0, null, nowMs)).facts).toContainEqual(expect.objectContaining(period));
  expect((await listFacts(client, 'invoices', 0, null, nowMs)).facts).toContainEqual(expect.objectContaining(period));
  const [payment] = (await client.invoicePayments.list({ invoice: invoiceId })).data;
  const ask = askStripe(
    async () => client,
    () => nowMs,
  );
  expect(await ask.paidBy(idOf(payment?.payment.payment_intent))).toMatchObject([period]);
  expect(await readWithInvoice({ stripe: client, id: 'change-1', nowMs }, subscription.id)).toMatchObject([
    { fact: 'subscription' },
    period,
  ]);
});

test('Stripe is asked only where something is missing', async () => {
  const { short, long } = await renewed();
  expect(await factsOfWholeEvent(never)(short)).toEqual(factsOfEvent(short));
  await expect(factsOfWholeEvent(never)(long)).rejects.toThrow('Stripe was asked');
  expect(await factsOfWholeEvent(never)(altered(long, { 'data.object.parent': null }))).toEqual([]);
  await expect(factsOfWholeEvent(never)(altered(long, { data: undefined }))).rejects.toThrow(/event\.data /);
  await expect(factsOfWholeEvent(never)(altered(long, { 'data.object.parent': undefined }))).rejects.toThrow(
    /invoice\.parent /,
  );
});
