import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { DAY_MS, HOUR_MS, idOf, START_MS, subscribe } from '../local/stripe/shop.ts';
import { type Altering, DOWN } from './between.ts';
import { openReconcile } from './reconcile-shop.ts';

type World = Awaited<ReturnType<typeof openReconcile>>;

const list = z.looseObject({ data: z.array(z.looseObject({ id: z.string() })) });
const event = z.looseObject({ type: z.string(), data: z.looseObject({ object: z.looseObject({ id: z.string() }) }) });

/** An event as an account has it whose default API version is older than 2025-03-31.basil. */
const asOfOld = (given: unknown): unknown => {
  const told = event.parse(given);
  const { object } = told.data;
  const without = (name: string) => Object.fromEntries(Object.entries(object).filter(([key]) => key !== name));
  const with2024 = (old: object) => ({ ...told, api_version: '2024-06-20', data: { object: old } });
  if (told.type.startsWith('invoice.')) return with2024({ ...without('parent'), subscription: 'sub_old' });
  if (told.type.startsWith('customer.subscription.'))
    return with2024({ ...object, current_period_end: 1, items: { data: [{ id: 'si_1', price: { id: 'price_1' } }] } });
  return { ...told, api_version: '2024-06-20' };
};
const changing =
  (where: string | RegExp, change: (one: { id: string }) => unknown): Altering =>
  (path, answer) => {
    if (typeof where === 'string' ? path !== where : !where.test(path)) return answer;
    const page = list.safeParse(answer);
    return page.success ? { ...page.data, data: page.data.data.map(change) } : change({ id: '', ...Object(answer) });
  };
const oldEvents = changing('/v1/events', asOfOld);

/** A subscriber of ours since the last run, of whom no webhook has told. */
const subscriber = async (world: World) => {
  await world.run('recent');
  await world.shop.moveTo(START_MS + HOUR_MS);
  const { customerId, subscription, session } = await subscribe(world.shop);
  await world.join('ann', customerId);
  return { customerId, subscription, session };
};
const metric = (world: World, name: string): readonly unknown[] =>
  world.noted.flatMap((line) => (name in line ? [Object.entries(line).find(([key]) => key === name)?.[1]] : []));

describe('the events of an account whose API version is of before basil', () => {
  test('are read anew, each by its object, and what was paid is granted once', async () => {
    const world = await openReconcile();
    await subscriber(world);
    world.between.alter = oldEvents;
    expect(await world.run('recent')).toMatchObject({ failed: 0, unreadable: 0, mismatched: 0 });
    const granted = await world.left('ann', 'subscription');
    expect(granted).toHaveLength(1);
    await world.shop.moveTo(START_MS + 2 * HOUR_MS);
    expect(await world.run('recent')).toMatchObject({ repaired: 0, failed: 0, unreadable: 0 });
    expect(await world.left('ann', 'subscription')).toEqual(granted);
  });

  test('tell of a renewal that fails, and of a refund, as well', async () => {
    const world = await openReconcile();
    const { customerId, subscription } = await subscriber(world);
    const pack = await world.buyPack('ann', customerId);
    world.between.alter = oldEvents;
    await world.run('recent');
    const [before] = await world.left('ann', 'pack');
    expect(before).toBe(500);
    await world.shop.control('POST', '/refunds', { paymentIntentId: pack.payment_intent, amount: 100 });
    await world.shop.control('PUT', `/customers/${customerId}`, { nextPayment: 'fails' });
    await world.run('recent');
    expect(await world.left('ann', 'pack')).toEqual([400]);
    await world.shop.moveTo(START_MS + 20 * DAY_MS);
    await world.run('recent');
    await world.shop.moveTo(START_MS + 28 * DAY_MS + 3 * HOUR_MS);
    const { latest_invoice: invoice } = await world.shop.stripe.subscriptions.retrieve(subscription.id);
    expect(await world.run('recent')).toMatchObject({ failed: 0, unreadable: 0 });
    expect(await world.failed(`${idOf(invoice)}:1`)).toBe(true);
    expect((await world.billing()).subscription).toMatchObject({ status: 'past_due' });
  });

  test('tell nothing of an attempt that failed, once the invoice is paid', async () => {
    const world = await openReconcile();
    const { customerId, subscription } = await subscriber(world);
    await world.run('recent');
    await world.shop.control('PUT', `/customers/${customerId}`, { nextPayment: 'fails' });
    await world.shop.moveTo(START_MS + 20 * DAY_MS);
    await world.run('recent');
    await world.shop.moveTo(START_MS + 28 * DAY_MS + 3 * HOUR_MS);
    await world.shop.control('PUT', `/customers/${customerId}`, { nextPayment: 'succeeds' });
    await world.shop.moveTo(START_MS + 40 * DAY_MS);
    const { latest_invoice: invoice, status } = await world.shop.stripe.subscriptions.retrieve(subscription.id);
    expect(status).toBe('active');
    world.between.alter = oldEvents;
    expect(await world.run('recent')).toMatchObject({ failed: 0, unreadable: 0 });
    for (const attempt of [1, 2, 3]) expect(await world.failed(`${idOf(invoice)}:${attempt}`)).toBe(false);
    expect((await world.billing()).subscription).toMatchObject({ status: 'active' });
    expect(await world.left('ann', 'subscription')).toEqual([2000]);
  });

  test('that Stripe does not answer for stop the run where it is, and the next one goes on from there', async () => {
    const world = await openReconcile();
    await subscriber(world);
    world.between.alter = (path, answer) => (path.startsWith('/v1/invoices/') ? DOWN : oldEvents(path, answer));
    await expect(world.run('recent')).rejects.toMatchObject({ type: 'StripeAPIError' });
    expect(await world.left('ann', 'subscription')).toEqual([]);
    world.between.alter = oldEvents;
    expect(await world.run('recent')).toMatchObject({ failed: 0, unreadable: 0 });
    expect(await world.left('ann', 'subscription')).toHaveLength(1);
  });

  test.each<[string, Altering]>([
    ['is strange itself', changing(/^\/v1\/(invoices|subscriptions)\/\w+$/, ({ id }) => ({ id, object: 'strange' }))],
    [
      'Stripe has no more',
      changing('/v1/events', (one) => {
        const { data, ...told } = event.parse(one);
        return { ...told, data: { object: { ...data.object, id: 'gone' } } };
      }),
    ],
    ['has no id', changing('/v1/events', (one) => ({ ...one, data: { object: { id: 1 } } }))],
  ])('whose object %s are counted, and keep nothing else waiting', async (_, alter) => {
    const world = await openReconcile();
    const { customerId } = await subscriber(world);
    const strange = (path: string, answer: unknown) => {
      const page = list.safeParse(path === '/v1/events' ? oldEvents(path, answer) : null);
      if (!page.success) return alter(path, answer);
      const isOld = (one: unknown) => event.parse(one).type !== 'checkout.session.completed';
      const changed = list.parse(alter(path, page.data)).data;
      return { ...page.data, data: page.data.data.map((one, at) => (isOld(one) ? changed[at] : one)) };
    };
    await world.buyPack('ann', customerId);
    world.between.alter = strange;
    const counts = z.looseObject({ unreadable: z.int() }).parse(await world.run('recent'));
    expect(counts).toMatchObject({ complete: true, failed: 0, repaired: 1 });
    expect(counts.unreadable).toBeGreaterThan(0);
    expect(await world.left('ann', 'pack')).toEqual([500]);
    expect(await world.left('ann', 'subscription')).toEqual([]);
    expect(metric(world, 'ReconcileUnreadable').at(-1)).toBe(counts.unreadable);
    expect(world.log.filter((line) => line.includes('"not readable"'))).toHaveLength(counts.unreadable);
    // The next one begins after it: what cannot be read today is no reason to read everything again for ever.
    await world.shop.moveTo(START_MS + 3 * DAY_MS);
    expect(await world.run('recent')).toMatchObject({ unreadable: expect.any(Number) });
    await world.shop.moveTo(START_MS + 5 * DAY_MS);
    expect(await world.run('recent')).toMatchObject({ heard: 0, unreadable: 0 });
  });
});

describe('a thing of a shape that is not known, among those of a night', () => {
  test.each(['/v1/invoices', '/v1/checkout/sessions', '/v1/subscriptions', '/v1/refunds', '/v1/disputes'])(
    'of %s is counted, told and passed over',
    async (source) => {
      const world = await openReconcile();
      const { subscription, customerId } = await subscribe(world.shop);
      await world.join('ann', customerId);
      const [one, two] = [await world.buyPack('ann', customerId), await world.buyPack('ann', customerId)];
      await world.shop.control('POST', '/refunds', { paymentIntentId: one.payment_intent, amount: 100 });
      await world.shop.control('POST', '/disputes', { paymentIntentId: two.payment_intent });
      expect(subscription.status).toBe('active');
      world.between.alter = (path, answer) => {
        if (path !== source) return answer;
        const { data, ...page } = list.parse(answer);
        return { ...page, data: [{ id: 'strange_1', object: 'strange', status: 'complete' }, ...data] };
      };
      expect(await world.run('full')).toMatchObject({ complete: true, failed: 0, unreadable: 1 });
      expect(await world.left('ann', 'subscription')).toHaveLength(1);
      expect((await world.left('ann', 'pack')).length).toBeGreaterThan(0);
      expect(metric(world, 'ReconcileUnreadable')).toEqual([1]);
      const told = world.log.map((line) => JSON.parse(line)).filter(({ message }) => message === 'not readable');
      expect(told).toMatchObject([{ level: 'ERROR', id: 'strange_1', faults: expect.any(Array) }]);
    },
  );
});

/** A pack that is paid, and that a night's list has told of. */
const reconciledPack = async () => {
  const world = await openReconcile();
  const customer = await world.shop.stripe.customers.create({}, { idempotencyKey: 'ann' });
  await world.join('ann', customer.id);
  const pack = await world.buyPack('ann', customer.id);
  await world.run('full');
  return { world, pack };
};

test('a refund is repaired once, and night after night it is known', async () => {
  const { world, pack } = await reconciledPack();
  await world.shop.control('POST', '/refunds', { paymentIntentId: pack.payment_intent, amount: 100 });
  for (const [days, repaired] of [
    [1, 1],
    [2, 0],
    [3, 0],
  ] as const) {
    await world.shop.moveTo(START_MS + days * DAY_MS);
    expect(await world.run('full')).toMatchObject({ repaired });
    expect(await world.left('ann', 'pack')).toEqual([400]);
  }
});

describe('a dispute', () => {
  test('is repaired once, and night after night it is known, until it is closed', async () => {
    const { world, pack } = await reconciledPack();
    const { body } = await world.shop.control('POST', '/disputes', { paymentIntentId: pack.payment_intent });
    const night = async (days: number) => {
      await world.shop.moveTo(START_MS + days * DAY_MS);
      return world.run('full');
    };
    expect(await night(1)).toMatchObject({ repaired: 1 });
    expect(await world.left('ann', 'pack')).toEqual([0]);
    for (const days of [2, 3]) expect(await night(days)).toMatchObject({ repaired: 0 });
    await world.shop.control('POST', `/disputes/${body['id']}/close`, { outcome: 'won' });
    expect(await night(4)).toMatchObject({ repaired: 1 });
    expect(await world.left('ann', 'pack')).toEqual([500]);
    for (const days of [5, 6]) expect(await night(days)).toMatchObject({ repaired: 0 });
  });
});

test('a run that an earlier version has left goes on where it was', async () => {
  const world = await openReconcile();
  await subscriber(world);
  const { table } = world;
  const counts = { heard: 7, repaired: 0, mismatched: 0, undone: 0, failed: 0 };
  const run = { startedMs: START_MS + HOUR_MS, sinceMs: START_MS, source: 'events', after: null, counts };
  await table.client.send(
    new PutCommand({ TableName: table.name, Item: { pk: 'R#stripe', sk: 'recent', ver: 9, doneMs: START_MS, run } }),
  );
  const { heard } = z.looseObject({ heard: z.int() }).parse(await world.run('recent'));
  expect(heard).toBeGreaterThan(7);
  expect(metric(world, 'ReconcileUnreadable').at(-1)).toBe(0);
  expect(await world.left('ann', 'subscription')).toHaveLength(1);
});
