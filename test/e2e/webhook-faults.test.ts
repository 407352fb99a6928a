import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Actor } from './actor.ts';
import { type Api, DAY, SECOND } from './api.ts';
import { Shop } from './shop.ts';
import { deliver, eventsOf, lastOf, type SentEvent, signatureOf } from './webhook-sender.ts';

let shop: Shop;
let api: Api;
beforeAll(async () => {
  shop = await Shop.open();
  api = shop.api;
});
afterAll(() => api.stop());

interface Bought {
  readonly owner: Actor;
  readonly customer: string;
  readonly events: readonly SentEvent[];
}

/** Paid at Stripe, and nobody has told us; a noon. */
const untold = async (item: { planId: string } | { packId: string }): Promise<Bought> => {
  await api.nextNoon();
  const owner = await api.user();
  await shop.webhooks(false);
  const { customer } = await shop.buy(owner, item);
  await shop.webhooks(true);
  return { owner, customer, events: await eventsOf(shop, customer) };
};
const untoldPack = async () => {
  const bought = await untold({ packId: 'pack-500' });
  return { ...bought, paid: lastOf(bought.events, 'checkout.session.completed') };
};
const untoldPlan = async () => {
  const bought = await untold({ planId: 'starter' });
  return { ...bought, paid: lastOf(bought.events, 'invoice.paid') };
};

const stateOf = async (owner: Actor): Promise<unknown> => ({
  balance: await api.balance(owner),
  billing: await shop.billing(owner),
  history: await api.history(owner),
});

const text = (event: object): string => JSON.stringify(event, null, 2);
/** The same event with something in it written otherwise; fails where that is not in it. */
const altered = (event: object, from: string | RegExp, to: string): string => {
  const changed = JSON.stringify(event).replaceAll(from, to);
  if (changed === JSON.stringify(event)) throw new Error(`there is no ${from} in it`);
  return changed;
};

const RECEIVED = { status: 200, body: { received: true } };
const NOT_SIGNED = {
  status: 400,
  body: { code: 'validation_failed', errors: [{ path: 'stripe-signature', message: expect.any(String) }] },
};

describe('a signature (R17)', () => {
  type Header = (body: string, nowMs: number) => string;
  const signed: Header = (body, nowMs) => signatureOf(body, nowMs)['stripe-signature'];
  const at =
    (seconds: number): Header =>
    (body, nowMs) =>
      signed(body, nowMs + seconds * SECOND);
  const bad: readonly (readonly [it: string, header: Header | null])[] = [
    ['that is missing', null],
    ['that is empty', () => ''],
    ['that is a word', () => 'whsec_local'],
    ['of another secret', (body, nowMs) => signatureOf(body, nowMs, 'whsec_other')['stripe-signature']],
    ['of another body', (_, nowMs) => signed('{}', nowMs)],
    ['of the body with a blank behind it', (body, nowMs) => signed(`${body} `, nowMs)],
    ['of the body without its indentation', (body, nowMs) => signed(JSON.stringify(JSON.parse(body)), nowMs)],
    ['of 301 seconds ago', at(-301)],
    ['of a day ago', at(-86_400)],
    ['of 301 seconds from now', at(301)],
    [
      'with a later instant written over its own',
      (body, nowMs) => signed(body, nowMs - 1000 * SECOND).replace(/t=\d+/, `t=${nowMs / SECOND}`),
    ],
    ['in milliseconds', (body, nowMs) => signed(body, nowMs * SECOND)],
    ['without its instant', (body, nowMs) => signed(body, nowMs).replace(/t=\d+,/, '')],
    ['with an instant alone', (body, nowMs) => signed(body, nowMs).replace(/,v1=.*/, '')],
    ['of the scheme for tests', (body, nowMs) => signed(body, nowMs).replace('v1=', 'v0=')],
    ['cut by one', (body, nowMs) => signed(body, nowMs).slice(0, -1)],
    ['with more behind it', (body, nowMs) => `${signed(body, nowMs)}0`],
  ];

  test('that is not good is 400, and leaves no trace', async () => {
    const { owner, paid } = await untoldPack();
    const body = text(paid);
    const nowMs = await api.system.clock.now();
    const before = { state: await stateOf(owner), stripe: (await shop.events()).length };
    for (const [it, header] of bad) {
      const headers = header === null ? {} : { 'stripe-signature': header(body, nowMs) };
      const { status, body: answer } = await deliver(api, body, headers);
      expect({ it, status, body: answer }).toMatchObject({ it, ...NOT_SIGNED });
    }
    expect({ state: await stateOf(owner), stripe: (await shop.events()).length }).toEqual(before);
    expect(await deliver(api, body)).toMatchObject(RECEIVED);
    expect(await shop.left(owner, 'pack')).toBe(500);
  });

  const good: readonly (readonly [it: string, header: Header])[] = [
    ['of 300 seconds ago', at(-300)],
    ['of 300 seconds from now', at(300)],
    ['beside one of a secret long gone', (body, nowMs) => signed(body, nowMs).replace(',', `,v1=${'0'.repeat(64)},`)],
    ['beside one of another scheme', (body, nowMs) => `${signed(body, nowMs)},v0=${'0'.repeat(64)}`],
  ];

  test.each(good)('is good %s', async (_, header) => {
    const { owner, paid } = await untoldPack();
    const body = text(paid);
    const headers = { 'stripe-signature': header(body, await api.system.clock.now()) };
    expect(await deliver(api, body, headers)).toMatchObject(RECEIVED);
    expect(await shop.left(owner, 'pack')).toBe(500);
  });

  test('that was recorded is good for five minutes, for its own body, and grants nothing again', async () => {
    const { owner, paid } = await untoldPack();
    const nowMs = await api.system.clock.now();
    const recorded = signatureOf(text(paid), nowMs);
    expect(await deliver(api, text(paid), recorded)).toMatchObject(RECEIVED);
    const before = await api.history(owner);
    for (const [from, to] of [
      ['500', '5000'],
      [paid.id, `${paid.id}x`],
      [owner.sub, 'bob'],
    ] as const) {
      expect(await deliver(api, altered(paid, from, to), recorded)).toMatchObject(NOT_SIGNED);
    }
    await api.at(nowMs + 300 * SECOND);
    expect(await deliver(api, text(paid), recorded)).toMatchObject(RECEIVED);
    await api.at(nowMs + 301 * SECOND);
    expect(await deliver(api, text(paid), recorded)).toMatchObject(NOT_SIGNED);
    expect(await api.history(owner)).toEqual(before);
  });
});

describe('an event that is none of ours is received, and grants nothing', () => {
  type Alter = (paid: SentEvent) => string;
  const strange =
    (from: string | RegExp, to: string): Alter =>
    (paid) =>
      altered(paid, from, to);
  const rows: readonly (readonly [it: string, item: typeof untoldPack | typeof untoldPlan, alter: Alter])[] = [
    ['of a type never heard of', untoldPack, (paid) => text({ ...paid, type: 'customer.turned_blue' })],
    ['of a type with a name that everything has', untoldPack, (paid) => text({ ...paid, type: '__proto__' })],
    ['of a customer nobody knows', untoldPack, strange(/cus_\w+/g, 'cus_unknown')],
    [
      'of an order nobody placed',
      untoldPack,
      (paid) => altered(paid, String(paid.data.object['client_reference_id']), 'order'),
    ],
    [
      'of a session that names no order',
      untoldPack,
      strange(/"client_reference_id":"[^"]*"/g, '"client_reference_id":null'),
    ],
    ['of a session not paid', untoldPack, strange('"payment_status":"paid"', '"payment_status":"unpaid"')],
    ['of a pack for less', untoldPack, strange('"amount_subtotal":500', '"amount_subtotal":499')],
    ['of a pack for more', untoldPack, strange('"amount_subtotal":500', '"amount_subtotal":501')],
    ['of a pack in another currency', untoldPack, strange('"currency":"usd"', '"currency":"eur"')],
    ['of a plan’s customer nobody knows', untoldPlan, strange(/cus_\w+/g, 'cus_unknown')],
    ['of a price nobody sells', untoldPlan, strange('price_starter', 'price_unknown')],
    ['of a plan at the price of a pack', untoldPlan, strange('price_starter', 'price_pack_500')],
    ['of a plan for another’s price', untoldPlan, strange('price_starter', 'price_pro')],
    ['of a plan for less', untoldPlan, strange('"subtotal":1500', '"subtotal":1499')],
    ['of a plan in another currency', untoldPlan, strange('"currency":"usd"', '"currency":"xau"')],
    ['of an invoice not paid', untoldPlan, strange('"status":"paid"', '"status":"open"')],
  ];

  test.each(rows)('%s', async (_, buy, alter) => {
    const { owner, paid } = await buy();
    const before = await stateOf(owner);
    const body = alter(paid);
    for (let times = 0; times < 2; times++) expect(await deliver(api, body)).toMatchObject(RECEIVED);
    expect(await stateOf(owner)).toEqual(before);
    // Nor does it stand in the way of what was paid.
    expect(await deliver(api, text(paid))).toMatchObject(RECEIVED);
    expect((await shop.left(owner, 'pack')) + (await shop.left(owner, 'subscription'))).toBe(
      buy === untoldPack ? 500 : 2000,
    );
    await shop.isSound(owner);
  });

  test('as the version of another API would have it: 400, so that it comes again, and nothing is granted', async () => {
    const { owner, paid } = await untoldPlan();
    const before = await stateOf(owner);
    const { parent: _, ...invoice } = paid.data.object;
    const old = text({ ...paid, data: { object: invoice } });
    expect(await deliver(api, old)).toMatchObject({ status: 400, body: { errors: [{ path: 'invoice.parent' }] } });
    expect(await stateOf(owner)).toEqual(before);
  });
});

describe('fifty at once: one payment, one grant', () => {
  test.each([
    ['a pack', untoldPack, 500],
    ['a plan', untoldPlan, 2000],
  ] as const)('%s', async (_, buy, credits) => {
    const { owner, paid } = await buy();
    const body = text(paid);
    const headers = signatureOf(body, await api.system.clock.now());
    const answers = await Promise.all(Array.from({ length: 50 }, () => deliver(api, body, headers)));
    // Whom too many stood in the way of is told to come again, as Stripe does.
    expect(answers.filter(({ status }) => status !== 200 && status !== 503)).toEqual([]);
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
    expect(await deliver(api, body)).toMatchObject(RECEIVED);
    const given = (await api.history(owner))
      .flatMap(({ grants }) => grants)
      .filter((change) => change.credits === credits);
    expect(given).toHaveLength(1);
    expect((await shop.left(owner, 'pack')) + (await shop.left(owner, 'subscription'))).toBe(credits);
    await shop.isSound(owner);
  });
});

test('told after days, it is granted as of when it was paid', async () => {
  const { owner, paid } = await untoldPack();
  const paidMs = await api.system.clock.now();
  await api.at(paidMs + 3 * DAY);
  expect(await deliver(api, text(paid))).toMatchObject(RECEIVED);
  const [pack] = (await api.balance(owner)).grants.filter(({ kind }) => kind === 'pack');
  expect(pack).toMatchObject({ remaining: 500 });
  expect(Date.parse(pack?.expiresAt ?? '')).toBeLessThan(paidMs + 185 * DAY);
});
