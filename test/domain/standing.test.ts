import { describe, expect, test } from 'vitest';
import { type Billing, newBilling, SUBSCRIPTION_STATUSES, type Subscription } from '../../lib/domain/billing.ts';
import type { Plan } from '../../lib/domain/catalog.ts';
import type { SoldPrice } from '../../lib/domain/sold-price.ts';
import { isUpgrade, liveAt, notSold, type Standing, standingOf } from '../../lib/domain/standing.ts';
import { addMonthsMs, HOUR_MS } from '../../lib/domain/time.ts';
import { accountAt, at, PLANS } from './account-samples.ts';
import { SUBSCRIPTION } from './payment-samples.ts';

const NOW = '2026-03-20T12:00:00Z';
const END = at('2026-04-05T08:30:00Z');

const price = (item: string, amount: number, priceId = `price_${item}`): SoldPrice => {
  return { item, priceId, amount, currency: 'usd' };
};
/** `small` was cheaper once. */
const PRICES = [price('small', 1000), price('big', 2500), price('small', 800, 'price_old')];

const subscription: Subscription = { ...SUBSCRIPTION, periodEndMs: END };
const failure = { atMs: END - 5, nextAttemptMs: END + 99 };

const standing = (of: Partial<Subscription>, billing: Partial<Billing> = {}, nowMs = at(NOW)) =>
  standingOf(
    accountAt(NOW, { planId: 'small' }),
    { ...newBilling('ann'), subscription: { ...subscription, ...of }, ...billing },
    PRICES,
    nowMs,
  );

const NOTHING = { renewsAtMs: null, endsAtMs: null, nextCharge: null, nextPlan: null, failure: null };
const charge = (amount: number, atMs = END) => ({ amount, currency: 'usd', atMs });

describe('how an account stands with its plan (R25)', () => {
  test('without a subscription it is on its plan, and nothing is to come', () => {
    const billing = { ...newBilling('ann'), nextPlanId: 'big', failure };
    expect(standingOf(accountAt(NOW, { planId: 'small' }), billing, PRICES, at(NOW))).toEqual({
      ...NOTHING,
      planId: 'small',
      status: 'none',
    });
  });

  test.each<readonly [string, Partial<Subscription>, Partial<Billing>, Partial<Standing>]>([
    ['it renews', {}, {}, { renewsAtMs: END, nextCharge: charge(1000) }],
    ['on trial, it renews', { status: 'trialing' }, {}, { renewsAtMs: END, nextCharge: charge(1000) }],
    ['at the price of before', { priceId: 'price_old' }, {}, { renewsAtMs: END, nextCharge: charge(800) }],
    ['at a price nobody knows', { priceId: 'price_other' }, {}, { renewsAtMs: END }],
    [
      'as another plan',
      {},
      { nextPlanId: 'big' },
      { renewsAtMs: END, nextCharge: charge(2500), nextPlan: { planId: 'big', atMs: END } },
    ],
    ['as the plan it is already', {}, { nextPlanId: 'small' }, { renewsAtMs: END, nextCharge: charge(1000) }],
    [
      'as a plan without a price',
      {},
      { nextPlanId: 'bare' },
      { renewsAtMs: END, nextPlan: { planId: 'bare', atMs: END } },
    ],
    [
      'past due: charged at the next attempt',
      { status: 'past_due' },
      { failure },
      { renewsAtMs: END, nextCharge: charge(1000, END + 99), failure },
    ],
    [
      'past due, and no attempt to come',
      { status: 'past_due' },
      { failure: { ...failure, nextAttemptMs: null } },
      { renewsAtMs: END, failure: { ...failure, nextAttemptMs: null } },
    ],
    ['given up, and neither charged nor renewed by itself', { status: 'unpaid' }, {}, {}],
    ['past due, of no failure heard', { status: 'past_due' }, {}, { renewsAtMs: END }],
    ['cancelled', { renews: false }, { failure, nextPlanId: 'big' }, { endsAtMs: END, failure }],
    ['over, and told so', { status: 'canceled' }, { failure, nextPlanId: 'big' }, {}],
  ])('%s', (_, of, billing, expected) => {
    const { status = 'active' } = of;
    expect(standing(of, billing)).toEqual({ ...NOTHING, planId: 'small', status, ...expected });
  });

  test.each([
    ['told of', addMonthsMs(END, 1)],
    ['not told of yet', END],
  ])('a period that is not paid, %s, is charged next', (_, periodEndMs) => {
    const cycle = { anchorMs: at('2026-03-05T08:30:00Z'), step: 0, creditsPerCycle: 300 };
    const paid = { untilMs: END, renews: true, nextPlanId: null, graceUntilMs: END + HOUR_MS, share: null };
    const account = { ...accountAt(NOW, { planId: 'small' }), cycle: { ...cycle, paid } };
    const billing = { ...newBilling('ann'), subscription: { ...subscription, periodEndMs } };
    expect(standingOf(account, billing, PRICES, END)).toMatchObject({ nextCharge: charge(1000) });
    const renewed = { ...account, cycle: { ...cycle, paid: { ...paid, graceUntilMs: null } } };
    expect(standingOf(renewed, billing, PRICES, END)).toMatchObject({ nextCharge: charge(1000, periodEndMs) });
  });

  test('cancelled, it is over with its period, whether Stripe has said so or not', () => {
    expect(standing({ renews: false }, {}, END - 1)).toMatchObject({ status: 'active', endsAtMs: END });
    expect(standing({ renews: false }, { failure }, END)).toEqual({
      ...NOTHING,
      planId: 'small',
      status: 'canceled',
      endsAtMs: END,
    });
  });

  test('a plan to come has come with the period’s end', () => {
    expect(standing({}, { nextPlanId: 'big' }, END - 1).nextPlan).toEqual({ planId: 'big', atMs: END });
    expect(standing({}, { nextPlanId: 'big' }, END)).toMatchObject({ nextPlan: null, nextCharge: charge(1000) });
  });
});

test.each(SUBSCRIPTION_STATUSES)('a subscription that is %s can be charged, or not', (status) => {
  const live = ['trialing', 'active', 'past_due', 'unpaid', 'paused'].includes(status);
  expect(liveAt({ ...subscription, status }, END + 1)).toBe(live);
  expect(liveAt({ ...subscription, status, renews: false }, END - 1)).toBe(live);
  expect(liveAt({ ...subscription, status, renews: false }, END)).toBe(false);
  expect(liveAt(null, 0)).toBe(false);
});

describe('an upgrade', () => {
  const plan = (creditsPerCycle: number, amount: number | null, interval: 'month' | 'year' = 'month'): Plan => ({
    ...PLANS.small,
    creditsPerCycle,
    price: amount === null ? null : { amount, currency: 'usd', interval },
  });

  test.each([
    ['more credits', plan(20, 900), plan(21, 100), true],
    ['fewer credits', plan(21, 100), plan(20, 900), false],
    ['fewer credits for longer', plan(21, 100), plan(20, 900, 'year'), false],
    ['as many for longer', plan(20, 900), plan(20, 100, 'year'), true],
    ['as many for less long', plan(20, 100, 'year'), plan(20, 900), false],
    ['as many, dearer', plan(20, 900), plan(20, 901), true],
    ['as many, for the same', plan(20, 900), plan(20, 900), false],
    ['as many, cheaper', plan(20, 901), plan(20, 900), false],
    ['as many, now at a price', plan(20, null), plan(20, 900), true],
    ['as many, now without a price', plan(20, 900), plan(20, null), false],
    ['as many, neither at a price', plan(20, null), plan(20, null), false],
  ])('%s', (_, from, to, is) => {
    expect(isUpgrade(from, to)).toBe(is);
  });
});

describe('a plan is sold', () => {
  const sold: Plan = { ...PLANS.small, price: { amount: 1000, currency: 'usd', interval: 'month' } };

  test.each([
    ['where it is listed and has a price here', sold, null],
    ['never, where there is none', undefined, 'is not in the catalog'],
    ['never, where it is by agreement only', { ...sold, listed: false }, 'is not in the catalog'],
    ['never, where it is free', { ...sold, id: 'free' }, 'costs nothing: cancel the subscription instead'],
    ['never, where it costs nothing', PLANS.small, 'costs nothing: cancel the subscription instead'],
    ['not on a stage that has no price for it', { ...sold, id: 'bare' }, 'is not sold here'],
  ])('%s', (_, plan, why) => {
    expect(notSold(plan, PRICES)).toBe(why);
  });
});
