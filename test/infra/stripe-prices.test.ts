import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { catalog } from '../../lib/catalog/catalog.ts';
import { readStripePrices } from '../../lib/infra/stripe-prices.ts';
import { soldPrices } from '../../lib/stripe/sold-prices.ts';
import { samplePrices } from './sample-prices.ts';
import { synthesize } from './synthesize.ts';

const read = (given: unknown, stage: 'dev' | 'prod' = 'dev') => readStripePrices(given, stage, catalog);
const [first, ...rest] = samplePrices;
const withFirst = (change: Record<string, unknown>) => [{ ...first, ...change }, ...rest];
const old = { item: 'starter', price: 'price_of_before', amount: 900, currency: 'eur' };

describe('the prices of a stage', () => {
  it.each([
    { given: samplePrices, as: 'a list' },
    { given: JSON.stringify(samplePrices), as: 'a list in JSON' },
    { given: { dev: samplePrices, prod: [] }, as: 'lists by stage' },
    { given: JSON.stringify({ dev: samplePrices }), as: 'lists by stage in JSON' },
  ])('are read from $as', ({ given }) => {
    expect(read(given)).toEqual(samplePrices);
  });

  it.each([{ given: undefined }, { given: [] }, { given: { prod: samplePrices } }])(
    'are none where the context gives none: %o',
    ({ given }) => {
      expect(read(given)).toEqual([]);
    },
  );

  it('may have earlier ones of an item, of any amount and currency, after the one sold now', () => {
    expect(read([...samplePrices, old])).toContainEqual(old);
  });

  it.each([
    { given: 'price_1', fault: 'not JSON' },
    { given: { test: samplePrices }, fault: 'dev and prod only' },
    { given: rest, fault: `${first?.item} has no price` },
    { given: [old, ...samplePrices], fault: 'starter is 1500 usd in the catalog, 900 eur at Stripe' },
    { given: withFirst({ amount: 1499 }), fault: 'starter is 1500 usd in the catalog, 1499 usd at Stripe' },
    { given: withFirst({ currency: 'eur' }), fault: 'starter is 1500 usd in the catalog, 1500 eur at Stripe' },
    { given: withFirst({ currency: 'USD' }), fault: 'a currency as Stripe writes it' },
    { given: withFirst({ amount: '1500' }), fault: 'whole cents' },
    { given: withFirst({ price: 'prod_1' }), fault: 'a price id of Stripe' },
    { given: withFirst({ price: rest[0]?.price }), fault: `${rest[0]?.price} is listed twice` },
    { given: withFirst({ interval: 'month' }), fault: 'nothing else' },
    { given: [...samplePrices, { ...old, item: 'gold' }], fault: 'gold: the catalog has no such plan or pack' },
    { given: [...samplePrices, { ...old, item: 'free' }], fault: 'free: the catalog has no such plan or pack' },
    { given: Array.from({ length: 31 }, (_, at) => ({ ...old, price: `price_${at}` })), fault: 'at most 30' },
  ])('are refused with $fault', ({ given, fault }) => {
    expect(() => read(given)).toThrow(fault);
  });
});

describe('the stack', () => {
  const { doors, warnings } = synthesize({ stripePrices: samplePrices, appUrl: 'https://app.example.com/shop' });
  const variables = (door: string) =>
    z
      .object({ Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }) })
      .parse(doors.get(door)?.Properties).Environment.Variables;

  it.each(['billing', 'webhooks', 'schedulers/reconcile'])('hands them to %s in the form its code reads', (door) => {
    const given = z.string().parse(variables(door)['STRIPE_PRICES']);
    expect(soldPrices(given)).toEqual(samplePrices.map(({ price, ...sold }) => ({ ...sold, priceId: price })));
  });

  it('tells billing where Checkout leads back to', () => {
    expect(variables('billing')['APP_URL']).toBe('https://app.example.com/shop');
  });

  it('sells nothing where it would lead back nowhere', () => {
    expect(() => synthesize({ stage: 'prod', stripePrices: samplePrices })).toThrow('stripePrices needs appUrl');
  });

  it('warns where nothing is sold', () => {
    expect(synthesize().warnings).toEqual([expect.stringContaining('No stripePrices')]);
    expect(warnings).toEqual([]);
  });
});
