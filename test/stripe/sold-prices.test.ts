import { expect, test } from 'vitest';
import { priceOf, soldBy } from '../../lib/domain/sold-price.ts';
import { soldPrices } from '../../lib/stripe/sold-prices.ts';

const pro = { item: 'pro', price: 'price_new', amount: 4900, currency: 'usd' };

test('the first price of an item is the one sold now; what was sold before is still known', () => {
  const prices = soldPrices(JSON.stringify([pro, { ...pro, price: 'price_old', amount: 3900 }]));
  expect(priceOf(prices, 'pro')).toEqual({ item: 'pro', priceId: 'price_new', amount: 4900, currency: 'usd' });
  expect(soldBy(prices, 'price_old')).toMatchObject({ item: 'pro', amount: 3900 });
  expect(priceOf(prices, 'starter')).toBeUndefined();
});

test('a stage may sell nothing', () => {
  expect(soldPrices('[]')).toEqual([]);
});

test.each([
  ['', /STRIPE_PRICES: is not JSON/],
  ['price_1', /STRIPE_PRICES: is not JSON/],
  ['{}', /STRIPE_PRICES: it /],
  [JSON.stringify([{ ...pro, amount: 49.5 }]), /\[0\]\.amount/],
  [JSON.stringify([{ ...pro, amount: '4900' }]), /\[0\]\.amount/],
  [JSON.stringify([pro, { ...pro, price: 'price_2', amount: 0 }]), /\[1\]\.amount/],
  [JSON.stringify([{ ...pro, currency: 'USD' }]), /\[0\]\.currency must be three small letters/],
  [JSON.stringify([{ ...pro, item: '' }]), /\[0\]\.item/],
  [JSON.stringify([{ ...pro, price: undefined }]), /\[0\]\.price/],
  [JSON.stringify([{ ...pro, priceId: 'price_1' }]), /\[0\]\.priceId/],
  [JSON.stringify([pro, { ...pro, item: 'starter' }]), /price_new is listed twice/],
])('%s stops the start: %s', (text, why) => {
  expect(() => soldPrices(text)).toThrow(why);
});
