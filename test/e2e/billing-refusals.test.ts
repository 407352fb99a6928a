import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addMonthsMs } from '../../lib/domain/time.ts';
import {
  cancelSubscription,
  changePlan,
  createCheckout,
  refundLegacy,
  requestQuote,
  resumeSubscription,
} from '../../lib/http/contract/billing.ts';
import type { Operation } from '../../lib/http/contract/operation.ts';
import { operations } from '../../lib/http/contract/operations.ts';
import { STATUS } from '../../lib/http/problem.ts';
import type { Actor } from './actor.ts';
import { type Api, DAY, HOUR } from './api.ts';
import { legacyPayment, RELAUNCH } from './legacy-payment.ts';
import { Shop } from './shop.ts';
import { deliver, eventsOf } from './webhook-sender.ts';

let shop: Shop;
let api: Api;
beforeAll(async () => {
  shop = await Shop.open();
  api = shop.api;
});
afterAll(() => api.stop());

const pro = { planId: 'pro' };
const starter = { planId: 'starter' };

const newcomer = async (): Promise<Actor> => {
  await api.nextNoon();
  return api.user();
};
const subscriber = async (): Promise<Actor> => (await shop.subscriber('starter')).owner;
const cancelled = async (): Promise<Actor> => {
  const owner = await subscriber();
  await owner.ok(cancelSubscription);
  return owner;
};
/** Cancelled, and its period over. */
const former = async (): Promise<Actor> => {
  const { owner, boughtMs } = await shop.subscriber('starter');
  await owner.ok(cancelSubscription);
  await api.at(addMonthsMs(boughtMs, 1));
  return owner;
};
const pastDue = async (): Promise<Actor> => {
  const { owner, boughtMs, session } = await shop.subscriber('starter');
  await shop.nextPayment(session.customer, 'fails');
  await api.at(addMonthsMs(boughtMs, 1) + 2 * HOUR);
  return owner;
};
const withoutMoney = async (): Promise<Actor> => {
  const { owner, session } = await shop.subscriber('starter');
  await shop.nextPayment(session.customer, 'fails');
  return owner;
};
const stateOf = async (owner: Actor): Promise<unknown> => ({
  balance: await api.balance(owner),
  billing: await shop.billing(owner),
  history: await api.history(owner),
});

interface Row {
  readonly who: () => Promise<Actor>;
  readonly operation: Operation;
  readonly body?: object;
  readonly code: keyof typeof STATUS;
}
const rowOf = ({ who, operation, body, code }: Row) =>
  [who.name, operation.id, body ?? {}, code, who, operation] as const;

describe('a plan that cannot be bought, changed or ended (R16, R18, R19)', () => {
  const rows: readonly Row[] = [
    { who: subscriber, operation: createCheckout, body: starter, code: 'already_subscribed' },
    { who: subscriber, operation: createCheckout, body: pro, code: 'already_subscribed' },
    { who: cancelled, operation: createCheckout, body: pro, code: 'already_subscribed' },
    { who: pastDue, operation: createCheckout, body: pro, code: 'already_subscribed' },
    { who: newcomer, operation: cancelSubscription, code: 'no_subscription' },
    { who: newcomer, operation: resumeSubscription, code: 'no_subscription' },
    { who: newcomer, operation: changePlan, body: pro, code: 'no_subscription' },
    { who: former, operation: cancelSubscription, code: 'no_subscription' },
    { who: former, operation: resumeSubscription, code: 'no_subscription' },
    { who: former, operation: changePlan, body: pro, code: 'no_subscription' },
    { who: pastDue, operation: changePlan, body: pro, code: 'subscription_past_due' },
    { who: pastDue, operation: changePlan, body: starter, code: 'subscription_past_due' },
    { who: cancelled, operation: changePlan, body: pro, code: 'subscription_ending' },
    { who: cancelled, operation: changePlan, body: starter, code: 'subscription_ending' },
    { who: withoutMoney, operation: changePlan, body: pro, code: 'payment_declined' },
    { who: withoutMoney, operation: changePlan, body: { planId: 'pro-yearly' }, code: 'payment_declined' },
  ];

  test.each(rows.map(rowOf))(
    '%s: %s %j is %s, twice, and changes nothing',
    async (_, __, body, code, who, operation) => {
      const owner = await who();
      const before = await stateOf(owner);
      for (const asked of [{ body }, { body }]) {
        expect(await owner.refused(operation, asked)).toMatchObject({ status: STATUS[code], code });
      }
      expect(await stateOf(owner)).toEqual(before);
      await shop.isSound(owner);
    },
  );

  test('who has paid before anybody was told is subscribed already, and has it granted once it is told', async () => {
    const owner = await newcomer();
    await shop.webhooks(false);
    const { customer } = await shop.buy(owner, starter);
    await shop.webhooks(true);
    expect(await owner.refused(createCheckout, { body: pro })).toMatchObject({ code: 'already_subscribed' });
    for (const event of await eventsOf(shop, customer)) await deliver(api, JSON.stringify(event));
    expect(await shop.left(owner, 'subscription')).toBe(2000);
    await shop.isSound(owner);
  });

  test('what is refused to a subscriber is not refused for good', async () => {
    const { owner, session } = await shop.subscriber('starter');
    await owner.ok(createCheckout, { body: { packId: 'pack-500' } });
    await shop.nextPayment(session.customer, 'fails');
    expect(await owner.refused(changePlan, { body: pro })).toMatchObject({ code: 'payment_declined' });
    await shop.nextPayment(session.customer, 'succeeds');
    expect(await owner.ok(changePlan, { body: pro })).toMatchObject({ plan: 'pro' });
    await owner.ok(cancelSubscription);
    expect(await owner.refused(changePlan, { body: starter })).toMatchObject({ code: 'subscription_ending' });
    await owner.ok(resumeSubscription);
    expect(await owner.ok(changePlan, { body: starter })).toMatchObject({ nextPlan: { plan: 'starter' } });
  });

  test('a declined upgrade leaves the downgrade that was on its way', async () => {
    const { owner, session } = await shop.subscriber('pro');
    const pending = await owner.ok(changePlan, { body: starter });
    await shop.nextPayment(session.customer, 'fails');
    const refused = await owner.refused(changePlan, { body: { planId: 'pro-yearly' } });
    expect(refused).toMatchObject({ status: 402, code: 'payment_declined' });
    expect(await shop.billing(owner)).toEqual(pending);
  });
});

describe('money of before the relaunch that does not go back (R28)', () => {
  const asking = async (given: { createdAt?: string; amount?: number } = {}) => {
    const owner = await newcomer();
    const { paymentIntentId } = await legacyPayment(shop, { accountId: owner.sub, ...given });
    const body = { accountId: owner.sub, paymentIntentId, reason: 'asked for it' };
    return { owner, paymentIntentId, body };
  };
  const notCovered = { status: 422, code: 'refund_not_covered', problem: { detail: expect.stringMatching(/\.$/) } };

  test('from the relaunch on, to the second', async () => {
    const after = await asking({ createdAt: RELAUNCH });
    expect(await api.support.refused(refundLegacy, { body: after.body })).toMatchObject(notCovered);
    const before = await asking({ createdAt: '2026-03-23T23:59:59Z', amount: 700 });
    expect(await api.support.ok(refundLegacy, { body: before.body })).toMatchObject({ amount: 700, currency: 'usd' });
    const { owner, session } = await shop.subscriber('starter');
    const body = { accountId: owner.sub, paymentIntentId: session.paymentIntentId, reason: 'x' };
    expect(await api.support.refused(refundLegacy, { body })).toMatchObject(notCovered);
    expect(await shop.left(owner, 'subscription')).toBe(2000);
  });

  test('that has gone back by hand; what is left of a part does', async () => {
    const whole = await asking();
    await shop.refund(whole.paymentIntentId);
    expect(await api.support.refused(refundLegacy, { body: whole.body })).toMatchObject(notCovered);
    expect(await api.history(whole.owner, { kind: 'refund' })).toEqual([]);
    const part = await asking({ amount: 1000 });
    await shop.refund(part.paymentIntentId, 300);
    expect(await api.support.ok(refundLegacy, { body: part.body })).toMatchObject({ amount: 700 });
  });

  test.each([null, 'won', 'lost'] as const)('that is or was disputed: %s', async (outcome) => {
    const { owner, paymentIntentId, body } = await asking();
    const disputeId = await shop.dispute(paymentIntentId);
    if (outcome !== null) await shop.close(disputeId, outcome);
    expect(await api.support.refused(refundLegacy, { body })).toMatchObject(notCovered);
    expect(await api.history(owner, { kind: 'refund' })).toEqual([]);
  });

  test('that is not the account’s: not found, like one that never was', async () => {
    const [mine, theirs] = [await asking(), await asking()];
    const strays = [
      { ...mine.body, paymentIntentId: 'pi_none' },
      { ...mine.body, paymentIntentId: theirs.paymentIntentId },
      { ...mine.body, accountId: 'nobody' },
    ];
    for (const body of strays) {
      expect(await api.support.refused(refundLegacy, { body })).toMatchObject({ status: 404, code: 'not_found' });
    }
    // Whose customer it is counts for more than what somebody wrote on a payment.
    const { session } = await shop.subscriber('starter');
    const { paymentIntentId } = await legacyPayment(shop, { customerId: session.customer, accountId: mine.owner.sub });
    const claimed = { ...mine.body, paymentIntentId };
    expect(await api.support.refused(refundLegacy, { body: claimed })).toMatchObject({ code: 'not_found' });
  });

  test('again for another reason', async () => {
    const { body } = await asking();
    const first = await api.support.ok(refundLegacy, { body });
    const other = await api.support.refused(refundLegacy, { body: { ...body, reason: 'another' } });
    expect(other).toMatchObject({ status: 409, code: 'idempotency_mismatch' });
    expect(await api.support.ok(refundLegacy, { body })).toEqual(first);
  });
});

test('a quote under the key of another is a mismatch (R26)', async () => {
  const owner = await newcomer();
  const headers = { 'idempotency-key': 'a-key' };
  await owner.ok(requestQuote, { body: { company: 'One' }, headers });
  const refused = await owner.refused(requestQuote, { body: { company: 'Two' }, headers });
  expect(refused).toMatchObject({ status: 409, code: 'idempotency_mismatch' });
});

test('a subscription past due can be ended at once, and then there is none', async () => {
  const owner = await pastDue();
  expect(await owner.ok(cancelSubscription)).toMatchObject({ plan: 'free', status: 'canceled', nextCharge: null });
  expect(await owner.refused(resumeSubscription)).toMatchObject({ code: 'no_subscription' });
  await api.at((await api.system.clock.now()) + 10 * DAY);
  expect(await shop.left(owner, 'subscription')).toBe(0);
  await shop.isSound(owner);
});

test('every refusal of its own that a call of billing documents was met', () => {
  const own = operations.filter(({ door }) => door === 'billing');
  const wanted = own.flatMap(({ id, refusals }) => refusals.map((code) => `${id} ${STATUS[code]} ${code}`));
  expect(wanted.length).toBeGreaterThan(8);
  expect(wanted.filter((each) => !api.system.seen.has(each))).toEqual([]);
});
