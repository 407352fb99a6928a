import { describe, expect, test } from 'vitest';
import { buy, DAY_MS, HOUR_MS, key, MINUTE_MS, openShop, START_MS } from './shop.ts';

/** Minutes after the first try: 1, 5, 30, 120, 300 and 600 more, and then 720 at a time within three days. */
const TRIES = [0, 1, 6, 36, 156, 456, 1056, 1776, 2496, 3216, 3936];

describe('a delivery', () => {
  test('is sent again until it is answered with 2xx, the same bytes each time', async () => {
    const shop = await openShop();
    shop.receiver.status = () => (shop.received.length <= 3 ? 500 : 204);
    await shop.stripe.customers.create({ email: 'a@example.com' }, key());
    await shop.standIn.idle();
    expect(shop.received).toHaveLength(1);
    await shop.moveTo(START_MS + MINUTE_MS - 1);
    expect(shop.received).toHaveLength(1);
    await shop.moveTo(START_MS + 36 * MINUTE_MS);
    expect(shop.received).toHaveLength(4);
    expect(new Set(shop.bodies).size).toBe(1);
    await shop.moveTo(START_MS + 5 * DAY_MS);
    expect(shop.received).toHaveLength(4);
    expect((await shop.control('GET', '/events')).body).toMatchObject({
      events: [
        { type: 'customer.created', pending_webhooks: 0, delivery: { attempts: 4, delivered: true, lastStatus: 204 } },
      ],
    });
  });

  test('that fails every time is given up after three days, each try at its instant', async () => {
    const shop = await openShop();
    const tries: number[] = [];
    shop.receiver.status = () => {
      tries.push(shop.clock.nowMs - START_MS);
      return 400;
    };
    await shop.stripe.customers.create({}, key());
    await shop.moveTo(START_MS + 10 * DAY_MS);
    expect(tries.map((afterMs) => afterMs / MINUTE_MS)).toEqual(TRIES);
    expect((await shop.stripe.events.list({ delivery_success: false })).data).toMatchObject([{ pending_webhooks: 1 }]);
  });

  test('that never gets an answer counts as failed', async () => {
    const shop = await openShop();
    let lost = true;
    shop.receiver.status = () => (lost ? Promise.reject(new Error('connection reset')) : 200);
    await shop.stripe.customers.create({}, key());
    await shop.standIn.idle();
    lost = false;
    await shop.moveTo(START_MS + MINUTE_MS);
    expect(shop.received).toHaveLength(2);
  });

  test('does not hold up the ones after it', async () => {
    const shop = await openShop();
    shop.receiver.status = ({ type }) => (type === 'charge.succeeded' ? 503 : 200);
    await buy(shop, 'price_pack');
    expect(shop.types()).toEqual([
      'customer.created',
      'payment_intent.created',
      'charge.succeeded',
      'payment_intent.succeeded',
      'checkout.session.completed',
    ]);
    await shop.moveTo(START_MS + MINUTE_MS);
    expect(shop.types().at(-1)).toBe('charge.succeeded');
  });

  test('to do with one customer does not wait for another’s', async () => {
    const shop = await openShop();
    shop.receiver.status = () => 500;
    const [first] = [await shop.stripe.customers.create({}, key()), await shop.stripe.customers.create({}, key())];
    await shop.news();
    let secondCame = () => {};
    const second = new Promise<void>((resolve) => {
      secondCame = resolve;
    });
    shop.receiver.status = ({ data }) => {
      if ('id' in data.object && data.object.id === first.id) return second.then(() => 200);
      secondCame();
      return 200;
    };
    await shop.moveTo(START_MS + MINUTE_MS);
    expect(await shop.news()).toHaveLength(2);
  });

  test('that leads to the next without end does not hold up whoever waits', async () => {
    const shop = await openShop();
    const last = 60;
    let made = 0;
    shop.receiver.status = async () => {
      if (++made < last) await shop.stripe.customers.create({}, key());
      return 200;
    };
    await shop.stripe.customers.create({}, key());
    await shop.moveTo(START_MS + MINUTE_MS);
    expect(shop.received.length).toBeLessThan(last);
    while (shop.received.length < last) await shop.standIn.idle();
    expect((await shop.stripe.events.list({ delivery_success: false })).data).toEqual([]);
  });

  test('comes after the call’s answer, and a control waits for it', async () => {
    const shop = await openShop();
    let answer = (_: number) => {};
    shop.receiver.status = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    await shop.stripe.customers.create({}, key());
    const waiting = shop.control('GET', '/events');
    const first = await Promise.race([waiting, new Promise((resolve) => setImmediate(() => resolve('waits')))]);
    expect(first).toBe('waits');
    answer(200);
    expect((await waiting).body).toMatchObject({ events: [{ delivery: { delivered: true } }] });
  });

  test('is signed as of the clock, also when it is late', async () => {
    const shop = await openShop();
    await buy(shop, 'price_starter');
    await shop.news();
    // Without stops in between: the receiver's clock is two months on when January's event comes.
    shop.clock.nowMs = START_MS + 60 * DAY_MS;
    await shop.standIn.advanceTo(shop.clock.nowMs);
    expect(shop.types()).toContain('invoice.paid');
  });
});

describe('with deliveries off', () => {
  test('what happens is on record and never sent by itself', async () => {
    const shop = await openShop();
    expect(await shop.control('PUT', '/webhooks', { deliver: false })).toEqual({
      status: 200,
      body: { deliver: false },
    });
    await buy(shop, 'price_pack');
    await shop.control('PUT', '/webhooks', { deliver: true });
    await shop.moveTo(START_MS + 4 * DAY_MS);
    expect(shop.received).toEqual([]);
    expect((await shop.stripe.events.list()).data).toHaveLength(5);
  });

  test('a retry that falls due is the last of its event', async () => {
    const shop = await openShop();
    shop.receiver.status = () => 500;
    await shop.stripe.customers.create({}, key());
    await shop.control('PUT', '/webhooks', { deliver: false });
    await shop.moveTo(START_MS + MINUTE_MS);
    await shop.control('PUT', '/webhooks', { deliver: true });
    await shop.moveTo(START_MS + 4 * DAY_MS);
    expect(shop.received).toHaveLength(1);
  });

  test('all can be sent by hand', async () => {
    const shop = await openShop();
    await shop.control('PUT', '/webhooks', { deliver: false });
    await buy(shop, 'price_pack');
    const { status, body } = await shop.control('POST', '/webhooks/redeliver', {});
    expect(status).toBe(200);
    expect(body['statuses']).toEqual([200, 200, 200, 200, 200]);
    expect(shop.types().at(-1)).toBe('checkout.session.completed');
  });
});

describe('a redelivery', () => {
  const history = async () => {
    const shop = await openShop();
    await buy(shop, 'price_starter');
    const events = await shop.news();
    const redeliver = async (body: object) => {
      const answer = await shop.control('POST', '/webhooks/redeliver', body);
      return { answer, ids: (await shop.news()).map(({ id }) => id) };
    };
    return { shop, ids: events.map(({ id }) => id), redeliver };
  };

  test('goes in order, or reversed, as often as asked', async () => {
    const { ids, redeliver } = await history();
    const backwards = [...ids].reverse();
    expect((await redeliver({ times: 2, order: 'as_is', concurrently: false })).ids).toEqual([...ids, ...ids]);
    expect((await redeliver({ times: 1, order: 'reversed', concurrently: false })).ids).toEqual(backwards);
  });

  test('shuffled has all of them, in another order each time, and the same in the same history', async () => {
    const { ids, redeliver } = await history();
    const first = (await redeliver({ times: 3, order: 'shuffled', concurrently: false })).ids;
    const second = (await redeliver({ times: 3, order: 'shuffled', concurrently: false })).ids;
    expect([...first].sort()).toEqual([...ids, ...ids, ...ids].sort());
    expect(first).not.toEqual([...ids, ...ids, ...ids]);
    expect(second).not.toEqual(first);
    const twin = await history();
    const other = (await twin.redeliver({ times: 3, order: 'shuffled', concurrently: false })).ids;
    expect(other.map((id) => twin.ids.indexOf(id))).toEqual(first.map((id) => ids.indexOf(id)));
  });

  test.each([
    { it: 'all at once', concurrently: true, most: 36 },
    { it: 'sixty-four at once at most', concurrently: true, times: 6, most: 64 },
    { it: 'four at once', concurrently: 4, most: 4 },
    { it: 'one after the other', concurrently: false, most: 1 },
  ])('goes $it', async ({ concurrently, times = 3, most }) => {
    const { shop, redeliver } = await history();
    let under = 0;
    let peak = 0;
    shop.receiver.status = async () => {
      peak = Math.max(peak, ++under);
      await new Promise((resolve) => setImmediate(resolve));
      under -= 1;
      return 200;
    };
    await redeliver({ times, order: 'shuffled', concurrently });
    expect(peak).toBe(most);
  });

  test('of chosen events answers with what each got, and leaves the retries alone', async () => {
    const shop = await openShop();
    shop.receiver.status = () => 500;
    await shop.stripe.customers.create({}, key());
    const [event] = await shop.news();
    shop.receiver.status = () => 200;
    const { body } = await shop.control('POST', '/webhooks/redeliver', { eventIds: [event?.id], times: 2 });
    expect(body).toEqual({
      statuses: [200, 200],
      deliveries: [
        { eventId: event?.id, type: 'customer.created', status: 200 },
        { eventId: event?.id, type: 'customer.created', status: 200 },
      ],
    });
    await shop.news();
    await shop.moveTo(START_MS + HOUR_MS);
    expect(await shop.news()).toHaveLength(1);
  });

  test('of an event that is not there names it', async () => {
    const { redeliver } = await history();
    expect((await redeliver({ eventIds: ['evt_x'] })).answer).toMatchObject({
      status: 400,
      body: { errors: [{ path: '$.eventIds[0]' }] },
    });
  });
});
