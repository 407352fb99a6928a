import Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { catalog } from '../../lib/catalog/catalog.ts';
import { readStripePrices } from '../../lib/infra/stripe-prices.ts';
import { HEARD_EVENTS } from '../../lib/stripe/event-facts.ts';
import { planSetup } from '../../lib/stripe/setup.ts';
import type { SetupChange } from '../../lib/stripe/setup-change.ts';
import { contextPrices, setupPreview, setupReport } from '../../lib/stripe/setup-report.ts';
import { checkout, key } from '../local/stripe/shop.ts';
import { everything, itemsOf, NOTHING, openAccount, priced, sold, URL_OF_STAGE } from './setup-account.ts';

describe('a new account', () => {
  test('gets a product and a price for all that is sold, a portal for cards and invoices, and one endpoint', async () => {
    const { shop, secrets, setUp } = await openAccount();
    const { done, prices, byHand } = await setUp();
    expect(done).toHaveLength(2 * sold.length + 2);
    expect(byHand).toEqual([]);
    expect(itemsOf(prices)).toEqual(sold);

    const { prices: all, portals, endpoints } = await everything(shop);
    expect(all.find(({ lookup_key }) => lookup_key === 'credits_pro-yearly')).toMatchObject({
      product: 'credits_pro-yearly',
      unit_amount: 49_000,
      currency: 'usd',
      recurring: { interval: 'year', interval_count: 1 },
      metadata: { creditsItem: 'pro-yearly' },
    });
    expect(all.find(({ lookup_key }) => lookup_key === 'credits_pack-500')).toMatchObject({
      recurring: null,
      unit_amount: 500,
    });
    expect(portals).toHaveLength(1);
    expect(portals[0]).toMatchObject({
      is_default: true,
      features: {
        payment_method_update: { enabled: true },
        invoice_history: { enabled: true },
        customer_update: { enabled: true, allowed_updates: ['address', 'email', 'name', 'tax_id'] },
        subscription_cancel: { enabled: false },
        subscription_update: { enabled: false },
      },
    });
    expect(endpoints).toHaveLength(1);
    expect(endpoints[0]).toMatchObject({
      url: URL_OF_STAGE,
      status: 'enabled',
      api_version: Stripe.API_VERSION,
      enabled_events: [...HEARD_EVENTS],
    });
    expect(secrets).toEqual(['whsec_local']);
  });

  test('sells by the list that is printed: the stack takes it, and Checkout takes its prices', async () => {
    const { shop, setUp } = await openAccount();
    const { prices } = await setUp();
    const listed = contextPrices(prices);
    expect(readStripePrices(JSON.stringify({ dev: listed }), 'dev', catalog)).toEqual(listed);
    const pro = prices.find(({ item }) => item === 'pro');
    expect(await checkout(shop, pro?.priceId ?? '')).toMatchObject({ mode: 'subscription', amount_total: 4900 });
  });

  test('is only looked at by a preview', async () => {
    const { shop, stripe } = await openAccount();
    const before = await everything(shop);
    const { changes, byHand } = await planSetup(stripe, { catalog, webhookUrl: URL_OF_STAGE, live: false });
    expect(setupPreview(changes, byHand)).toContain('price of pro: made, 4900 usd a month');
    expect(changes).toHaveLength(14);
    expect(await everything(shop)).toEqual(before);
  });

  test('without an address yet gets everything but the endpoint', async () => {
    const { shop, secrets, setUp } = await openAccount();
    expect((await setUp(catalog, { webhookUrl: null })).done).toHaveLength(13);
    expect((await everything(shop)).endpoints).toEqual([]);
    expect(secrets).toEqual([]);
  });
});

describe('a second run', () => {
  test('changes nothing, and says so', async () => {
    const { shop, setUp, secrets } = await openAccount();
    const first = await setUp();
    const before = await everything(shop);
    const second = await setUp();
    expect(second.done).toEqual([]);
    expect(second.prices).toEqual(first.prices);
    expect(await everything(shop)).toEqual(before);
    expect(secrets).toHaveLength(1);
    const told = { stage: 'dev', secretFile: null, hasEndpoint: true } as const;
    expect(setupReport(second, told)).toContain(NOTHING);
    // No call of Stripe's tells or sets it, so that every run says it (R19).
    expect(setupReport(second, told)).toMatch(/^4\. .*cancel the subscription.*mark it as unpaid/m);
  });

  test.each([
    ['a price', (stripe: Stripe, { id }: Stripe.Price) => stripe.prices.update(id, { active: false }, key())],
    [
      'a product',
      (stripe: Stripe, { product }: Stripe.Price) =>
        stripe.products.update(String(product), { active: false, name: 'Old' }, key()),
    ],
    [
      'the endpoint',
      async (stripe: Stripe) => {
        const [endpoint] = (await stripe.webhookEndpoints.list()).data;
        return stripe.webhookEndpoints.update(
          endpoint?.id ?? '',
          { disabled: true, enabled_events: ['invoice.paid'] },
          key(),
        );
      },
    ],
    [
      'the portal',
      (stripe: Stripe) =>
        stripe.billingPortal.configurations.update(
          'bpc_default',
          { features: { invoice_history: { enabled: false } } },
          key(),
        ),
    ],
  ])('puts %s right that somebody has changed since, and nothing else', async (_, spoil) => {
    const { shop, setUp } = await openAccount();
    const first = await setUp();
    const before = await everything(shop);
    const pro = before.prices.find(({ lookup_key }) => lookup_key === 'credits_pro');
    if (pro === undefined) throw new Error('no price');
    await spoil(shop.stripe, pro);
    const second = await setUp();
    expect(second.done).toHaveLength(1);
    expect(second.prices).toEqual(first.prices);
    expect(await everything(shop)).toEqual(before);
  });
});

describe('a price that changed in the catalog', () => {
  test.each([
    ['amount', { amount: 5900 }],
    ['interval', { interval: 'year' }],
  ] as const)(
    'by its %s becomes a new one; the old stays for whoever renews at it, and stays listed',
    async (_, change) => {
      const { shop, setUp } = await openAccount();
      const old = (await setUp()).prices.find(({ item }) => item === 'pro');
      const { done, prices } = await setUp(priced('pro', change));
      expect(done).toMatchObject([{ does: 'create_price', transfer: true }]);
      const [current, before, ...more] = prices.filter(({ item }) => item === 'pro');
      expect(more).toEqual([]);
      expect(before).toEqual(old);
      expect(await shop.stripe.prices.retrieve(before?.priceId ?? '')).toMatchObject({
        active: true,
        lookup_key: null,
      });
      expect(await shop.stripe.prices.retrieve(current?.priceId ?? '')).toMatchObject({ lookup_key: 'credits_pro' });
      expect(readStripePrices(contextPrices(prices), 'dev', priced('pro', change))).toHaveLength(7);
      expect((await setUp(priced('pro', change))).done).toEqual([]);
    },
  );

  test('and back again is the first price again', async () => {
    const { setUp } = await openAccount();
    const first = (await setUp()).prices;
    await setUp(priced('pro', { amount: 5900 }));
    const { done, prices } = await setUp();
    expect(done).toMatchObject([{ does: 'use_price', priceId: first.find(({ item }) => item === 'pro')?.priceId }]);
    expect(prices.filter(({ item }) => item !== 'pro')).toEqual(first.filter(({ item }) => item !== 'pro'));
    expect(prices.filter(({ item }) => item === 'pro').map(({ amount }) => amount)).toEqual([4900, 5900]);
  });

  test('is left out when it was archived, unless somebody renews at it', async () => {
    const { shop, setUp } = await openAccount();
    const old = (await setUp()).prices.find(({ item }) => item === 'pro')?.priceId ?? '';
    const session = await checkout(shop, old);
    await shop.control('POST', `/checkout/${session.id}/pay`, { outcome: 'paid' });
    await shop.stripe.prices.update(old, { active: false }, key());
    // The catalog has moved on, so that nothing wants the old one back.
    const now = priced('pro', { amount: 5900 });
    expect((await setUp(now)).prices.map(({ priceId }) => priceId)).toContain(old);
    const { subscription } = await shop.stripe.checkout.sessions.retrieve(session.id);
    await shop.stripe.subscriptions.cancel(String(subscription), {}, key());
    expect((await setUp(now)).prices.map(({ priceId }) => priceId)).not.toContain(old);
  });
});

describe('answers that are lost', () => {
  const steps = 2 * sold.length + 2;

  // The first product, a price in the middle, the last one, the portal, the endpoint.
  test.each([0, 5, 11, 12, 13])('at change %i: the next run does what is missing, once', async (lost) => {
    const { shop, setUp, secrets } = await openAccount();
    const seen: SetupChange[] = [];
    const broken = setUp(catalog, {
      onChange: (change) => {
        seen.push(change);
        if (seen.length === lost + 1) shop.standIn.outage('lost_answers');
      },
    });
    await expect(broken).rejects.toMatchObject({ type: 'StripeConnectionError' });
    shop.standIn.outage(false);
    const { done, prices } = await setUp();
    // What was carried out without an answer is not done again.
    expect(done).toHaveLength(steps - lost - 1);
    expect(itemsOf(prices)).toEqual(sold);
    const { products, prices: all, endpoints, portals } = await everything(shop);
    expect(products.filter(({ id }) => id.startsWith('credits_'))).toHaveLength(sold.length);
    expect(all.filter(({ metadata }) => metadata['creditsItem'] !== undefined)).toHaveLength(sold.length);
    expect([endpoints.length, portals.length]).toEqual([1, 1]);
    // Stripe shows the secret in the answer that was lost: the report then says where else it is.
    const shown = seen.at(-1)?.does !== 'create_webhook';
    expect(secrets).toEqual(shown ? ['whsec_local'] : []);
    expect((await setUp()).done).toEqual([]);
  });

  test('a Stripe that is down has nothing done to it', async () => {
    const { shop, setUp } = await openAccount();
    const before = await everything(shop);
    shop.standIn.outage(true);
    await expect(setUp()).rejects.toMatchObject({ statusCode: 503 });
    shop.standIn.outage(false);
    expect(await everything(shop)).toEqual(before);
  });
});

describe('somebody else’s', () => {
  test('products, prices and endpoints in the account are not touched', async () => {
    const { shop, setUp } = await openAccount();
    const { stripe } = shop;
    await stripe.products.create({ id: 'other', name: 'Other', metadata: { creditsItem: 'pro' } }, key());
    await stripe.prices.create(
      { product: 'other', currency: 'usd', unit_amount: 4900, recurring: { interval: 'month' }, lookup_key: 'pro' },
      key(),
    );
    await stripe.webhookEndpoints.create({ url: 'https://other.example.com/hook', enabled_events: ['*'] }, key());
    const before = await everything(shop);
    const { prices } = await setUp();
    await setUp(priced('pro', { amount: 5900 }));
    const after = await everything(shop);
    expect(after.products).toEqual(expect.arrayContaining(before.products));
    expect(after.prices).toEqual(expect.arrayContaining(before.prices));
    expect(after.endpoints).toEqual(expect.arrayContaining(before.endpoints));
    const theirs = before.prices.map(({ id }) => id);
    expect(prices.filter(({ priceId }) => theirs.includes(priceId))).toEqual([]);
  });

  test.each([
    [
      'product',
      /product credits_pro is there, and was not made for pro/,
      (stripe: Stripe) => stripe.products.create({ id: 'credits_pro', name: 'Theirs' }, key()),
    ],
    [
      'lookup key',
      /has the lookup key credits_pro, and was not made for pro/,
      (stripe: Stripe) =>
        stripe.prices.create(
          { product: 'prod_price_pro', currency: 'usd', unit_amount: 5, lookup_key: 'credits_pro' },
          key(),
        ),
    ],
  ])('%s in the way stops it before anything is done', async (_, why, inTheWay) => {
    const { shop, setUp } = await openAccount();
    await inTheWay(shop.stripe);
    const before = await everything(shop);
    await expect(setUp()).rejects.toThrow(why);
    expect(await everything(shop)).toEqual(before);
  });

  test('an extra price of our product that a person made is not sold by', async () => {
    const { shop, setUp } = await openAccount();
    await setUp();
    const special = await shop.stripe.prices.create(
      { product: 'credits_pro', currency: 'usd', unit_amount: 100, recurring: { interval: 'month' } },
      key(),
    );
    const { done, prices } = await setUp();
    expect(done).toEqual([]);
    expect(prices.map(({ priceId }) => priceId)).not.toContain(special.id);
  });
});

describe('an endpoint of another API version', () => {
  test('is replaced, and left to a person to delete when the new secret is in place', async () => {
    const { shop, setUp, secrets } = await openAccount();
    const old = await shop.stripe.webhookEndpoints.create(
      { url: URL_OF_STAGE, enabled_events: ['*'], api_version: '2025-03-31.basil' },
      key(),
    );
    const { byHand } = await setUp();
    expect(byHand).toEqual([
      expect.stringContaining(`${old.id} delivers to the same URL, at API version 2025-03-31.basil`),
    ]);
    expect(secrets).toHaveLength(1);
    expect(await shop.stripe.webhookEndpoints.retrieve(old.id)).toMatchObject({ status: 'enabled' });
    await shop.stripe.webhookEndpoints.del(old.id);
    expect(await setUp()).toMatchObject({ done: [], byHand: [] });
  });
});
