import { describe, expect, test } from 'vitest';
import { checkout, key, openShop, subscribe } from './shop.ts';

const MISSING = { code: 'resource_missing' };

describe('a deleted customer', () => {
  test('is told as deleted, with nothing else, and listed no more', async () => {
    const { stripe } = await openShop();
    const { id } = await stripe.customers.create({ email: 'a@example.com', metadata: { accountId: 'ann' } }, key());
    const deleted = { id, object: 'customer', deleted: true };
    expect(await stripe.customers.del(id)).toEqual(deleted);
    expect(await stripe.customers.retrieve(id)).toEqual(deleted);
    expect(await stripe.customers.list()).toMatchObject({ data: [] });
  });

  test('can be neither changed nor deleted again, nor sold anything, nor shown a page', async () => {
    const shop = await openShop();
    const { stripe } = shop;
    const customer = (await stripe.customers.create({}, key())).id;
    await stripe.customers.del(customer);
    await expect(stripe.customers.del(customer)).rejects.toMatchObject({ ...MISSING, statusCode: 404 });
    await expect(stripe.customers.update(customer, { name: 'Ann' }, key())).rejects.toMatchObject(MISSING);
    const asParameter = { ...MISSING, statusCode: 400, param: 'customer', message: `No such customer: '${customer}'` };
    await expect(checkout(shop, 'price_pack', { customer })).rejects.toMatchObject(asParameter);
    await expect(stripe.billingPortal.sessions.create({ customer }, key())).rejects.toMatchObject(asParameter);
  });

  test('has no subscription any more, and what was bought before names it still', async () => {
    const shop = await openShop();
    const { session, subscription, customerId } = await subscribe(shop);
    await shop.news();
    await shop.stripe.customers.del(customerId);
    expect((await shop.news()).map(({ type }) => type)).toEqual(['customer.subscription.deleted', 'customer.deleted']);
    expect(await shop.stripe.subscriptions.retrieve(subscription.id)).toMatchObject({ status: 'canceled' });
    const shown = await shop.stripe.checkout.sessions.retrieve(session.id, { expand: ['customer'] });
    expect(shown.customer).toEqual({ id: customerId, object: 'customer', deleted: true });
  });
});
