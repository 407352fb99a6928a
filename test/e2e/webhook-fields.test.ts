import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { cancelSubscription } from '../../lib/http/contract/billing.ts';
import type { Actor } from './actor.ts';
import { type Api, MINUTE } from './api.ts';
import { Shop } from './shop.ts';
import { deliver, eventsOf, lastOf, type SentEvent, signatureOf } from './webhook-sender.ts';

const AT_ONCE = 4;

let shop: Shop;
let api: Api;
let owner: Actor;
let events: readonly SentEvent[];
/** One customer to whom all has happened that an event can tell of. */
beforeAll(async () => {
  shop = await Shop.open();
  api = shop.api;
  await api.nextNoon();
  owner = await api.user();
  const { customer, paymentIntentId } = await shop.buy(owner, { packId: 'pack-2000' });
  await shop.refund(paymentIntentId, 900);
  const disputed = await shop.buy(owner, { packId: 'pack-500' });
  await shop.close(await shop.dispute(disputed.paymentIntentId), 'won');
  await shop.buy(owner, { planId: 'starter' });
  await owner.ok(cancelSubscription);
  events = await eventsOf(shop, customer);
  // Two words of one second on a subscription would have to be asked about, each time.
  await api.at((await api.system.clock.now()) + MINUTE);
});
afterAll(() => api.stop());

const seenNow = async (): Promise<unknown> => ({
  balance: await api.balance(owner),
  billing: await shop.billing(owner),
  history: await api.history(owner),
});

/** Of no type that a field has whose value is this; two of them, in turn. */
const wrongFor = (value: unknown, index: number): readonly unknown[] => {
  const wrong: readonly unknown[] = [[], {}, true, 0.5, { id: 5 }, 'text'];
  const other = wrong.filter((each) => typeof each !== typeof value || typeof value === 'object' || value === 0);
  // An empty list will do where a list is asked for, and a text may stand for an object: its id.
  const sure = other.filter((each) => !(typeof value === 'object' && (each === 'text' || Array.isArray(each))));
  return [0, 1].map((offset) => sure[(index * 2 + offset) % sure.length]);
};

interface Bent {
  readonly it: string;
  readonly body: string;
}

/** An event with one field of its object, or of an object in it, bent or left out. */
const bentIn = (event: SentEvent, at: string, object: object, put: (object: object) => object): Bent[] =>
  Object.entries(object).flatMap(([name, value], index) => {
    const of = (changed: object, it: string): Bent => ({
      it: `${at}${name} ${it}`,
      body: JSON.stringify({ ...event, data: { ...event.data, object: put(changed) } }),
    });
    const without = Object.fromEntries(Object.entries(object).filter(([key]) => key !== name));
    return [
      of(without, 'is missing'),
      ...wrongFor(value, index).map((each) => of({ ...object, [name]: each }, `is ${JSON.stringify(each)}`)),
    ];
  });

const nested = z.array(z.record(z.string(), z.unknown()));
/** What an object has a list of: lines of an invoice, items of a subscription. */
const listed = z.looseObject({ data: nested });

const bent = (event: SentEvent): Bent[] => {
  const { object } = event.data;
  const deeper = Object.entries(object).flatMap(([name, value]) => {
    const list = listed.safeParse(value);
    const first = list.success ? list.data.data[0] : undefined;
    if (!list.success || first === undefined) return [];
    return bentIn(event, `${name}.data[0].`, first, (changed) => ({
      ...object,
      [name]: { ...list.data, data: [changed, ...list.data.data.slice(1)] },
    }));
  });
  return [...bentIn(event, '', object, (changed) => changed), ...deeper];
};

const HEARD = [
  'checkout.session.completed',
  'invoice.paid',
  'customer.subscription.created',
  'customer.subscription.updated',
  'charge.refunded',
  'refund.created',
  'charge.dispute.created',
  'charge.dispute.closed',
];

const problem = z.object({ code: z.literal('validation_failed'), errors: z.array(z.object({ path: z.string() })) });

describe('an event with one field that is not as Stripe would send it', () => {
  test.each(HEARD)('%s: is refused where it lies, or makes no difference', async (type) => {
    const event = lastOf(events, type);
    const rows = bent(event);
    expect(rows.length).toBeGreaterThan(30);
    const nowMs = await api.system.clock.now();
    const before = await seenNow();
    const wrong: unknown[] = [];
    let refused = 0;
    const tryOne = async ({ it, body }: Bent): Promise<void> => {
      const answer = await deliver(api, body, signatureOf(body, nowMs)).catch((breach: Error) => breach.message);
      if (typeof answer === 'string') {
        wrong.push({ it, answer });
        return;
      }
      if (answer.status === 200) return;
      refused += 1;
      const fault = problem.safeParse(answer.body);
      const [name = ''] = it.split(/[ .]/);
      const isThere = fault.success && fault.data.errors.some(({ path }) => path.includes(`.${name}`));
      if (answer.status !== 400 || !isThere) wrong.push({ it, status: answer.status, answer: answer.text });
    };
    for (let at = 0; at < rows.length; at += AT_ONCE) await Promise.all(rows.slice(at, at + AT_ONCE).map(tryOne));
    expect(wrong).toEqual([]);
    expect(refused).toBeGreaterThan(5);
    expect(await seenNow()).toEqual(before);
  });
});
