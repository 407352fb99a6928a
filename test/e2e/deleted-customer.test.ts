import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCheckout, createPortal } from '../../lib/http/contract/billing.ts';
import { Shop } from './shop.ts';
import { eventsOf } from './webhook-sender.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await Shop.open();
});
afterAll(() => shop.api.stop());

test('a customer deleted in Stripe’s dashboard does not keep its account from buying, in the portal neither', async () => {
  const { owner, session: first } = await shop.subscriber('starter');
  const pack = await shop.buy(owner, { packId: 'pack-500' });
  expect(pack.customer).toBe(first.customer);
  const { sessionId: open } = await owner.ok(createCheckout, { body: { packId: 'pack-2000' } });
  await shop.control('DELETE', `customers/${first.customer}`);
  expect(await shop.billing(owner)).toMatchObject({ status: 'canceled', nextCharge: null });

  const [page, again] = await Promise.all([
    owner.ok(createCheckout, { body: { packId: 'pack-2000' } }),
    owner.ok(createCheckout, { body: { packId: 'pack-2000' } }),
    owner.ok(createPortal),
  ]);
  expect(again).toEqual(page);
  expect(page.sessionId).not.toBe(open);
  const bought = await shop.pay(page.sessionId);
  const plan = await shop.buy(owner, { planId: 'pro' });
  expect(bought.customer).not.toBe(first.customer);
  expect(plan.customer).toBe(bought.customer);
  expect(await shop.billing(owner)).toMatchObject({ plan: 'pro', status: 'active' });
  expect(await shop.left(owner, 'pack')).toBe(2500);

  // What is told of either customer, however often, and money that goes back to the one that is gone, still find the account.
  for (const customer of [first.customer, bought.customer])
    expect((await eventsOf(shop, customer)).length).toBeGreaterThan(0);
  await shop.redeliver({ times: 3, order: 'shuffled', concurrently: true });
  expect(await shop.left(owner, 'pack')).toBe(2500);
  await shop.refund(pack.paymentIntentId);
  expect(await shop.left(owner, 'pack')).toBe(2000);
  expect(await shop.billing(owner)).toMatchObject({ plan: 'pro', status: 'active' });
  await shop.isSound(owner);
});
