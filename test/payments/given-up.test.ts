import { describe, expect, test } from 'vitest';
import { eventsOfBilling } from '../../lib/domain/credits-event.ts';
import { DAY_MS, HOUR_MS } from '../../lib/domain/time.ts';
import { openPayments } from './payments-world.ts';

/** A month of the plan that is spent of, its renewal declined and told of. */
const declined = async () => {
  const world = await openPayments();
  const { clock, stripe, tell } = world;
  const { one, told } = world.subscribe('pro');
  await tell(told);
  const endMs = one.subscription.periodEndMs;
  clock.nowMs = endMs + HOUR_MS;
  one.declines = true;
  await tell(stripe.act(one, clock.nowMs));
  expect(await world.has()).toEqual(['pro', 8000]);
  expect(await world.billing()).toMatchObject({ subscription: { status: 'past_due' } });
  return { ...world, one, endMs };
};

describe('when Stripe gives up on a renewal, the plan is free (R19), by whatever word it is set to say so', () => {
  test.each(['canceled', 'unpaid'] as const)('%s', async (status) => {
    const { clock, stripe, tell, has, billing, reasons, one, endMs } = await declined();
    clock.nowMs = endMs + 21 * DAY_MS;
    expect(await has()).toEqual(['pro']);
    const before = await billing();
    expect(await tell([stripe.change(one, clock.nowMs, { status })])).toEqual(['applied']);
    expect(await has()).toEqual(['free']);
    expect((await reasons()).at(-1)).toBe('subscription_ended');
    const after = await billing();
    expect(after).toMatchObject({ subscription: { status }, nextPlanId: null, failure: null });
    expect(eventsOfBilling(before, after)).toMatchObject([
      { type: 'subscription.changed', subscription: { id: one.subscription.id, status } },
    ]);
    // It stays so, whatever time passes.
    clock.nowMs += 200 * DAY_MS;
    expect(await has()).toEqual(['free']);
  });

  test('unpaid, and tried once more by its owner in vain: it stays given up', async () => {
    const { clock, stripe, tell, has, billing, one, endMs } = await declined();
    clock.nowMs = endMs + 21 * DAY_MS;
    await tell([stripe.change(one, clock.nowMs, { status: 'unpaid' })]);
    clock.nowMs += DAY_MS;
    const { customerId } = await billing();
    const failed = { fact: 'payment_failed', id: 'in_9:2', atMs: clock.nowMs, nextAttemptMs: null } as const;
    const paid = { amount: 4900, currency: 'usd', subscriptionId: one.subscription.id };
    expect(await tell([{ ...failed, ...paid, customerId: customerId ?? '' }])).toEqual(['applied']);
    expect(await billing()).toMatchObject({ subscription: { status: 'unpaid' }, failure: null });
    expect(await has()).toEqual(['free']);
  });

  test('unpaid, while the credits of before may still be spent: they end', async () => {
    const { clock, stripe, tell, has, one, endMs } = await declined();
    clock.nowMs = endMs + 2 * HOUR_MS;
    await tell([stripe.change(one, clock.nowMs, { status: 'unpaid' })]);
    expect(await has()).toEqual(['free']);
  });

  test('unpaid, while what was paid for runs: it stays until its end, and no further (R18)', async () => {
    const { clock, stripe, tell, has, subscribe } = await openPayments();
    const { one, told } = subscribe('pro');
    await tell(told);
    await tell([stripe.change(one, clock.nowMs + 1000, { status: 'unpaid' })]);
    expect(await has()).toEqual(['pro', 8000]);
    clock.nowMs = one.subscription.periodEndMs;
    expect(await has()).toEqual(['free']);
  });
});

describe('an unpaid subscription that is paid after all', () => {
  test.each([
    ['as Stripe tells it', (facts: readonly unknown[]) => facts],
    ['the other way round', (facts: readonly unknown[]) => facts.toReversed()],
  ])('begins again with the period it was paid for, %s', async (_, inOrder) => {
    const { clock, stripe, tell, has, billing, one, endMs } = await declined();
    clock.nowMs = endMs + 3 * DAY_MS;
    await tell([stripe.change(one, clock.nowMs, { status: 'unpaid' })]);
    clock.nowMs += 5 * DAY_MS;
    const facts = stripe.payLate(one, clock.nowMs);
    const order = inOrder(facts);
    await tell(facts.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)));
    expect(await has()).toEqual(['pro', 8000]);
    expect(await billing()).toMatchObject({ subscription: { status: 'active' }, nextPlanId: null });
    clock.nowMs = one.subscription.periodEndMs + HOUR_MS;
    await tell(stripe.act(one, clock.nowMs));
    expect(await has()).toEqual(['pro', 8000]);
  });

  test('for a period that is over is unpaid still: its credits are given and gone, and the plan is free', async () => {
    const { clock, stripe, tell, has, billing, reasons, one, endMs } = await declined();
    clock.nowMs = endMs + 3 * DAY_MS;
    await tell([stripe.change(one, clock.nowMs, { status: 'unpaid' })]);
    const late = stripe.payLate(one, clock.nowMs).filter(({ fact }) => fact === 'period_paid');
    // Stripe goes on to the next period, whose invoice nobody is charged for.
    const periodStartMs = one.subscription.periodEndMs;
    clock.nowMs = periodStartMs + DAY_MS;
    const periodEndMs = periodStartMs + 31 * DAY_MS;
    await tell([stripe.change(one, clock.nowMs - HOUR_MS, { status: 'unpaid', periodStartMs, periodEndMs })]);
    const paidAtMs = clock.nowMs;
    await tell(late.map((fact) => (fact.fact === 'period_paid' ? { ...fact, paidAtMs } : fact)));
    expect(await has()).toEqual(['free']);
    // It ended at its own end, before it was told of.
    expect((await reasons()).slice(-2)).toEqual(['subscription_ended', 'subscription_started']);
    expect(await billing()).toMatchObject({ subscription: { status: 'unpaid', periodEndMs } });
    clock.nowMs += 200 * DAY_MS;
    expect(await has()).toEqual(['free']);
  });
});

test('an unpaid subscription can still be paid: another one beside it is undone', async () => {
  const { clock, stripe, tell, has, subscribe, one, endMs } = await declined();
  clock.nowMs = endMs + 3 * DAY_MS;
  await tell([stripe.change(one, clock.nowMs, { status: 'unpaid' })]);
  expect(await tell(subscribe('starter').told)).toEqual(['known', 'undone']);
  await tell(stripe.finish(one, clock.nowMs));
  expect(await has()).toEqual(['free']);
  expect(await tell(subscribe('starter').told)).toEqual(['applied', 'applied']);
  expect(await has()).toEqual(['starter', 2000]);
});
