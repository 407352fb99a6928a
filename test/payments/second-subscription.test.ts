import { describe, expect, test } from 'vitest';
import type { PaymentFact } from '../../lib/domain/payment-fact.ts';
import { DAY_MS, HOUR_MS, SECOND_MS } from '../../lib/domain/time.ts';
import { openPayments } from './payments-world.ts';

/** A plan, and another bought beside it, by a race inside Stripe. */
const twice = async () => {
  const world = await openPayments();
  const first = world.subscribe('pro');
  await world.tell(first.told);
  world.clock.nowMs += 20 * DAY_MS;
  const second = world.subscribe('starter');
  /** The first is cancelled and runs out, which is told of. */
  const firstEnds = async () => {
    const { stripe, clock, tell } = world;
    await tell([stripe.change(first.one, clock.nowMs, { renews: false })]);
    clock.nowMs = first.one.subscription.periodEndMs;
    await tell(stripe.finish(first.one, clock.nowMs));
    clock.nowMs += 16 * HOUR_MS;
    expect(await world.has()).toEqual(['free']);
  };
  return { ...world, first, second, firstEnds };
};

const paidOf = (told: readonly PaymentFact[]) => told.filter(({ fact }) => fact === 'period_paid');

describe('a second subscription beside a live one', () => {
  test('is ended and paid back, and nothing of it is granted, however often it is told', async () => {
    const { tell, has, stripe, second, undoing } = await twice();
    expect(await tell(second.told)).toEqual(['known', 'undone']);
    expect(second.one.subscription.status).toBe('canceled');
    expect(stripe.money.at(-1)?.refunds).toMatchObject([{ amount: 1500 }]);
    expect(await tell(paidOf(second.told))).toEqual(['undone']);
    expect(undoing.asked).toBe(2);
    expect(stripe.money.at(-1)?.refunds).toHaveLength(1);
    expect(await has()).toEqual(['pro', 8000]);
  });

  test('is never granted once it is undone: not when the first has ended and everything is told again, nor by its refund', async () => {
    const { tell, has, stripe, clock, second, firstEnds } = await twice();
    await tell(second.told);
    await firstEnds();
    const money = stripe.money.at(-1);
    const [refund] = money?.refunds ?? [];
    const back = {
      fact: 'refund',
      paymentId: money?.intentId ?? '',
      refundId: refund?.id ?? '',
      amount: 1500,
    } as const;
    expect(await tell(paidOf(second.told))).toEqual(['undone']);
    expect(await tell([{ ...back, failedAtMs: null }])).toEqual(['ignored']);
    await tell(stripe.listed(clock.nowMs));
    expect(await has()).toEqual(['free']);
  });

  test('is not granted by a refund that is heard of first', async () => {
    const { tell, has, stripe, clock, second, firstEnds } = await twice();
    await tell(second.told);
    await firstEnds();
    await tell(stripe.listed(clock.nowMs).toReversed());
    expect(await has()).toEqual(['free']);
  });

  test('is undone by the next telling where the first could not reach Stripe, though no other lives by then', async () => {
    const { tell, has, stripe, second, undoing, firstEnds } = await twice();
    undoing.fails = true;
    await expect(tell(second.told)).rejects.toThrow('Stripe is not there');
    expect(second.one.subscription.status).toBe('active');
    await firstEnds();
    undoing.fails = false;
    expect(await tell(paidOf(second.told))).toEqual(['undone']);
    expect(second.one.subscription.status).toBe('canceled');
    expect(stripe.money.at(-1)?.refunds).toMatchObject([{ amount: 1500 }]);
    expect(await has()).toEqual(['free']);
  });

  test('is undone with its upgrade, which is paid back too when it is heard of after the first has ended', async () => {
    const { tell, has, stripe, clock, second, firstEnds } = await twice();
    clock.nowMs += HOUR_MS;
    const upgrade = stripe.upgrade(second.one, clock.nowMs);
    await tell(second.told);
    await firstEnds();
    expect(await tell(paidOf(upgrade))).toEqual(['undone']);
    expect(stripe.money.at(-1)?.refunds).toHaveLength(1);
    expect(await has()).toEqual(['free']);
  });

  test('does not stand in the way of a third, when the first has ended', async () => {
    const { tell, has, subscribe, second, firstEnds } = await twice();
    await tell(second.told);
    await firstEnds();
    expect(await tell(subscribe('pro').told)).toEqual(['applied', 'applied']);
    expect(await has()).toEqual(['pro', 8000]);
  });
});

describe('a plan bought when a cancelled one is over, before Stripe has said so', () => {
  const over = async () => {
    const world = await openPayments();
    const { clock, stripe, tell } = world;
    const first = world.subscribe('pro');
    await tell(first.told);
    clock.nowMs += 5 * DAY_MS;
    await tell([stripe.change(first.one, clock.nowMs, { renews: false })]);
    clock.nowMs = first.one.subscription.periodEndMs;
    return { ...world, first };
  };

  test.each([
    ['at the very instant', 0, 0],
    ['half a minute later', 30 * SECOND_MS, 0],
    ['heard of by a host whose clock is behind', SECOND_MS, -3 * SECOND_MS],
  ])('%s is granted, and is no duplicate', async (_, afterMs, skewMs) => {
    const { clock, tell, has, subscribe, billing, first, stripe, undoing } = await over();
    clock.nowMs += afterMs;
    const { one, told } = subscribe('starter');
    clock.nowMs += skewMs;
    await tell(told);
    expect(undoing.asked).toBe(0);
    clock.nowMs += 10 * SECOND_MS;
    await tell(stripe.finish(first.one, clock.nowMs));
    expect(await has()).toEqual(['starter', 2000]);
    expect(await billing()).toMatchObject({ subscription: { id: one.subscription.id, status: 'active' } });
  });

  test('a moment before it is over is a duplicate, and undone', async () => {
    const { clock, tell, has, subscribe } = await over();
    clock.nowMs -= SECOND_MS;
    expect(await tell(subscribe('starter').told)).toEqual(['known', 'undone']);
    expect(await has()).toEqual(['pro', 8000]);
  });

  test('is a duplicate where the first was taken up again, and renewed, and nobody has told of it', async () => {
    const { clock, tell, has, subscribe, first, stripe } = await over();
    stripe.change(first.one, clock.nowMs - DAY_MS, { renews: true });
    clock.nowMs += HOUR_MS;
    const renewed = stripe.act(first.one, clock.nowMs);
    expect(await tell(subscribe('starter').told)).toEqual(['known', 'undone']);
    await tell(renewed);
    expect(await has()).toEqual(['pro', 8000]);
  });
});
