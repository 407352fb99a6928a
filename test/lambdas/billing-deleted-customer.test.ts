import { describe, expect, test } from 'vitest';
import { accountOfCustomer, changeBilling } from '../../lib/store/billing.ts';
import { customerRow } from '../../lib/store/billing-row.ts';
import { forgetAccount } from '../../lib/store/forget-account.ts';
import { deleteCustomer } from '../../lib/stripe/delete-customer.ts';
import { type BillingWorld, openBilling, quietly, text } from './billing-world.ts';

const PACK = { body: { packId: 'pack-500' } };
const PLAN = { body: { planId: 'starter' } };

const customerOf = async (world: BillingWorld): Promise<string> => {
  const { customerId } = await world.billing();
  if (customerId === null) throw new Error('no customer');
  return customerId;
};

/** Somebody deletes the account's customer in Stripe's dashboard. */
const deleted = async (world: BillingWorld): Promise<string> => {
  const customerId = await customerOf(world);
  await world.stripe.customers.del(customerId);
  return customerId;
};

const customersAtStripe = async (world: BillingWorld): Promise<readonly string[]> =>
  (await world.stripe.customers.list()).data.map(({ id }) => id);

const left = async (world: BillingWorld, kind: string): Promise<number> =>
  (await world.account()).grants
    .filter((grant) => grant.kind === kind)
    .reduce((sum, grant) => sum + grant.remaining, 0);

describe('an account whose customer was deleted at Stripe', () => {
  test.each([
    ['a pack', { packId: 'pack-500' }],
    ['a plan', { planId: 'starter' }],
  ])('buys %s as another customer of its own, and what it bought before stays', async (_, item) => {
    const world = await openBilling();
    await world.buy({ packId: 'pack-500' });
    const gone = await deleted(world);
    const before = (await world.account()).grants.length;
    const session = await world.stripe.checkout.sessions.retrieve(await world.buy(item));
    const customer = await customerOf(world);
    expect(customer).not.toBe(gone);
    expect(session.customer).toBe(customer);
    expect(await customersAtStripe(world)).toEqual([customer]);
    expect((await world.account()).grants.length).toBe(before + 1);
  });

  test('is shown the portal as another customer of its own', async () => {
    const world = await openBilling();
    await world.call('portal');
    const gone = await deleted(world);
    expect(await world.call('portal')).toMatchObject({ status: 201 });
    expect(await customersAtStripe(world)).toEqual([await customerOf(world)]);
    expect(await customerOf(world)).not.toBe(gone);
  });

  test('is credited with what its first customer has paid, however late that is told', async () => {
    const world = await openBilling();
    world.webhooks.heard = false;
    await world.buy({ packId: 'pack-500' });
    const gone = await deleted(world);
    await world.buy({ packId: 'pack-500' });
    expect(await left(world, 'pack')).toBe(0);
    world.webhooks.heard = true;
    await world.control('POST', '/webhooks/redeliver', { order: 'reversed' });
    expect(await left(world, 'pack')).toBe(1000);
    expect(await accountOfCustomer(world.table, gone)).toBe('ann');
    expect(await accountOfCustomer(world.table, await customerOf(world))).toBe('ann');
  });

  test('subscribes anew: its subscription has ended with the customer', async () => {
    const world = await openBilling();
    await world.buy({ planId: 'starter' });
    await deleted(world);
    await world.moveTo(world.clock.nowMs);
    expect((await world.call('view')).body).toMatchObject({ status: 'canceled' });
    await world.buy({ planId: 'pro' });
    expect((await world.call('view')).body).toMatchObject({ plan: 'pro', status: 'active' });
  });

  test('has one new customer, however many requests find out at once', async () => {
    const world = await openBilling();
    await world.call('portal');
    await deleted(world);
    const asked = [PACK, PLAN, PACK, PLAN].flatMap((sent) => [world.call('checkout', sent), world.call('portal')]);
    for (const { status } of await Promise.all(asked)) expect(status).toBe(201);
    expect(await customersAtStripe(world)).toEqual([await customerOf(world)]);
    const { data: pages } = await world.stripe.checkout.sessions.list({ status: 'open' });
    expect(pages.map(({ mode }) => mode).sort()).toEqual(['payment', 'subscription']);
  });

  test('is not led to the page that was open for it, which is closed', async () => {
    const world = await openBilling();
    const first = text(await world.call('checkout', PACK), 'sessionId');
    await deleted(world);
    const second = text(await world.call('checkout', PACK), 'sessionId');
    expect(second).not.toBe(first);
    expect(await world.stripe.checkout.sessions.retrieve(first)).toMatchObject({ status: 'expired' });
    expect(text(await world.call('checkout', PACK), 'sessionId')).toBe(second);
    await world.pay(second);
    expect(await left(world, 'pack')).toBe(500);
  });

  test('buys again though that happens to it twice in a day', async () => {
    const world = await openBilling();
    const all = new Set<string>();
    for (let times = 0; times < 3; times++) {
      expect(await world.call('checkout', PACK)).toMatchObject({ status: 201 });
      all.add(await deleted(world));
    }
    expect(await world.call('portal')).toMatchObject({ status: 201 });
    expect(all.add(await customerOf(world)).size).toBe(4);
  });
});

describe('an account that is forgotten', () => {
  const forget = ({ table, clock, stripe }: BillingWorld) =>
    forgetAccount(table, 'ann', clock.nowMs, (customerId) => deleteCustomer(stripe, customerId));

  test('leaves no customer behind, though it has had two', async () => {
    const world = await openBilling();
    await world.call('portal');
    await deleted(world);
    await world.call('portal');
    const customerId = await customerOf(world);
    expect(await forget(world)).toMatchObject({ customerId });
    expect(await customersAtStripe(world)).toEqual([]);
    expect(await world.billing()).toMatchObject({ customerId: null });
  });

  test('may be one whose customer somebody has deleted already', async () => {
    const world = await openBilling();
    await world.call('portal');
    const customerId = await deleted(world);
    expect(await forget(world)).toMatchObject({ customerId });
    expect(await world.billing()).toMatchObject({ customerId: null });
  });

  test('buys again as a new customer, on the same day too, when Stripe still repeats the answer of the first', async () => {
    const world = await openBilling();
    await world.call('portal');
    const first = await customerOf(world);
    await forget(world);
    await world.buy({ packId: 'pack-500' });
    expect(await customerOf(world)).not.toBe(first);
    expect(await customersAtStripe(world)).toEqual([await customerOf(world)]);
    expect(await left(world, 'pack')).toBe(500);
  });
});

test('a customer that Stripe does not know at all is a fault of ours, another account’s key or the other mode’s: it is kept', async () => {
  const world = await openBilling();
  const customerId = 'cus_of_another_mode';
  await changeBilling(world.table, 'ann', (billing) => ({
    billing: { ...billing, customerId },
    rows: [customerRow(customerId, 'ann')],
  }));
  for (const [call, sent] of [
    ['checkout', PACK],
    ['portal', {}],
  ] as const) {
    const answered = await quietly(() => world.call(call, sent));
    expect(answered).toMatchObject({ status: 500, body: { code: 'internal' } });
  }
  expect(await world.billing()).toMatchObject({ customerId });
  expect(await customersAtStripe(world)).toEqual([]);
});
