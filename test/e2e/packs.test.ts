import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addMonthsMs } from '../../lib/domain/time.ts';
import { createCheckout } from '../../lib/http/contract/billing.ts';
import { settleRun } from '../../lib/http/contract/settle.ts';
import { DAY } from './api.ts';
import { Shop, told } from './shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await Shop.open();
});
afterAll(() => shop.api.stop());

describe('a pack (R14, R16, R17)', () => {
  test('is granted once it is paid, never before, and ends six months later to the millisecond', async () => {
    const t = await shop.api.nextNoon();
    const owner = await shop.api.user();
    const { sessionId, url } = await owner.ok(createCheckout, { body: { packId: 'pack-500' } });
    expect(new URL(url).pathname).toContain(sessionId);
    expect(await shop.left(owner, 'pack')).toBe(0);
    const paid = await shop.pay(sessionId);
    const bought = (await shop.api.balance(owner)).grants.filter(({ kind }) => kind === 'pack');
    expect(bought).toMatchObject([{ granted: 500, remaining: 500 }]);
    const endsMs = Date.parse(bought[0]?.expiresAt ?? '');
    expect(Math.abs(endsMs - addMonthsMs(t, 6))).toBeLessThan(1000);
    const [line] = await shop.api.history(owner, { kind: 'grant' });
    expect(line).toMatchObject({
      credits: 500,
      reason: 'pack_purchased',
      packId: 'pack-500',
      payment: paid.paymentIntentId,
    });
    await shop.isSound(owner);
    await shop.api.at(endsMs - 1);
    expect(await shop.left(owner, 'pack')).toBe(500);
    await shop.api.at(endsMs);
    expect(await shop.left(owner, 'pack')).toBe(0);
    await shop.isSound(owner);
  });

  test('declined gives nothing, and may be tried again on the same page', async () => {
    const owner = await shop.api.user();
    const { sessionId } = await owner.ok(createCheckout, { body: { packId: 'pack-500' } });
    await shop.pay(sessionId, 'declined');
    expect(await shop.left(owner, 'pack')).toBe(0);
    expect(await owner.ok(createCheckout, { body: { packId: 'pack-500' } })).toMatchObject({ sessionId });
    await shop.pay(sessionId);
    expect(await shop.left(owner, 'pack')).toBe(500);
  });

  test('paid later gives its credits when the money is there', async () => {
    const t = await shop.api.nextNoon();
    const owner = await shop.api.user();
    const { sessionId } = await owner.ok(createCheckout, { body: { packId: 'pack-500' } });
    await shop.pay(sessionId, 'paid_later');
    await shop.api.at(t + DAY - 1000);
    expect(await shop.left(owner, 'pack')).toBe(0);
    await shop.api.at(t + DAY + 1000);
    expect(await shop.left(owner, 'pack')).toBe(500);
  });

  test('bought twice gives two grants, each with an end of its own', async () => {
    const t = await shop.api.nextNoon();
    const owner = await shop.api.user();
    await shop.buy(owner, { packId: 'pack-500' });
    await shop.api.at(t + DAY);
    await shop.buy(owner, { packId: 'pack-500' });
    const packs = (await shop.api.balance(owner)).grants.filter(({ kind }) => kind === 'pack');
    expect(packs.map(({ remaining }) => remaining)).toEqual([500, 500]);
    const [first, second] = packs.map(({ expiresAt }) => Date.parse(expiresAt));
    expect((second ?? 0) - (first ?? 0)).toBe(DAY);
  });
});

describe('money that goes back (R20)', () => {
  const owning = async (spent = 0) => {
    await shop.api.nextNoon();
    const owner = await shop.api.user();
    const { paymentIntentId } = await shop.buy(owner, { packId: 'pack-2000' });
    await shop.spendFree(owner);
    await shop.spend(owner, spent);
    return { owner, paymentIntentId };
  };

  test('in two parts takes the credits in proportion, each once', async () => {
    const { owner, paymentIntentId } = await owning();
    await shop.refund(paymentIntentId, 450);
    expect(await shop.left(owner, 'pack')).toBe(1500);
    await shop.refund(paymentIntentId, 1350);
    expect(await shop.left(owner, 'pack')).toBe(0);
    await shop.redeliver({ times: 3, order: 'shuffled', concurrently: true });
    const lines = await shop.api.history(owner, { kind: 'clawback' });
    expect(told(lines)).toEqual([
      ['clawback', -500, 'payment_refunded'],
      ['clawback', -1500, 'payment_refunded'],
    ]);
    await shop.isSound(owner);
  });

  test('takes nothing below zero: what was spent is the shortfall', async () => {
    const { owner, paymentIntentId } = await owning(1200);
    await shop.refund(paymentIntentId);
    expect(await shop.left(owner, 'pack')).toBe(0);
    expect((await shop.api.history(owner, { kind: 'clawback' }))[0]).toMatchObject({ credits: -800, shortfall: 1200 });
    const { progress, grants } = await shop.api.balance(owner);
    const free = grants.find(({ kind }) => kind === 'free')?.granted ?? 0;
    expect(progress).toEqual({ used: free + 1200, total: free + 1200 });
    await shop.isSound(owner);
  });

  test('takes what a run gives back later', async () => {
    const { owner, paymentIntentId } = await owning();
    const run = await shop.api.hold(owner, 300);
    await shop.refund(paymentIntentId);
    expect(await shop.api.balance(owner)).toMatchObject({ available: 0, held: 300 });
    await shop.api.agent.ok(settleRun, { params: { runId: run.runId }, body: { credits: 100 } });
    expect(await shop.api.balance(owner)).toMatchObject({ available: 0, held: 0 });
    await shop.isSound(owner);
  });

  test.each([
    ['won', 1500, 0],
    ['lost', 0, 2000],
  ] as const)('disputed takes the rest; %s leaves %i', async (outcome, left, _) => {
    const { owner, paymentIntentId } = await owning(500);
    const disputeId = await shop.dispute(paymentIntentId);
    expect(await shop.left(owner, 'pack')).toBe(0);
    expect(await shop.api.balance(owner)).toMatchObject({ available: 0 });
    await shop.close(disputeId, outcome);
    expect(await shop.left(owner, 'pack')).toBe(left);
    await shop.redeliver({ times: 3, order: 'shuffled', concurrently: true });
    expect(await shop.left(owner, 'pack')).toBe(left);
    await shop.isSound(owner);
  });

  test('of a plan takes this month’s credits, and leaves packs alone', async () => {
    const { owner, session } = await shop.subscriber('starter');
    await shop.buy(owner, { packId: 'pack-500' });
    await shop.refund(session.paymentIntentId, 750);
    expect(await shop.left(owner, 'subscription')).toBe(1000);
    expect(await shop.left(owner, 'pack')).toBe(500);
    await shop.isSound(owner);
  });
});
