import { describe, expect, test } from 'vitest';
import { planOrFree } from '../../lib/domain/catalog.ts';
import { openAccount } from '../../lib/domain/open-account.ts';
import { invalid, isRefusal } from '../../lib/domain/refusal.ts';
import { priceOf, soldBy } from '../../lib/domain/sold-price.ts';
import { dayOf } from '../../lib/domain/time.ts';
import { at, CATALOG, catalogOf, PLANS } from './account-samples.ts';

const NOON = at('2026-03-20T12:00:00Z');
const MIDNIGHT = at('2026-03-21T00:00:00Z');

describe('an account nobody has written yet', () => {
  const common = {
    id: 'ann',
    ver: 0,
    cycle: null,
    holds: [],
    tombstones: [],
    runs: { day: dayOf(NOON), used: 0 },
    rule: { autoApproveUpTo: null, version: 0 },
    lowBalanceAt: null,
    nextOrdinal: 2,
    validUntilMs: MIDNIGHT,
    holdsValidUntilMs: null,
    dueAtMs: null,
  };
  const line = { ordinal: 1, atMs: at('2026-03-20T00:00:00Z'), kind: 'grant', reason: 'account_opened' };

  test('is on the free plan, with the whole day’s free credits (R12)', () => {
    const granted = { kind: 'free', granted: 10, expiresAtMs: MIDNIGHT };
    expect(openAccount('ann', PLANS.free, NOON)).toEqual({
      account: { ...common, planId: 'free', dailyRunLimit: 3, grants: [{ ...granted, id: 1, remaining: 10 }] },
      entries: [{ ...line, changes: [{ ...granted, grantId: 1, credits: 10 }] }],
    });
  });

  test('has no grant where the free plan gives nothing', () => {
    expect(openAccount('ann', PLANS.bare, NOON)).toEqual({
      account: { ...common, planId: 'bare', dailyRunLimit: null, grants: [] },
      entries: [{ ...line, changes: [] }],
    });
  });
});

describe('a plan the catalog no longer has is the free one', () => {
  test.each([
    ['small', PLANS.small],
    ['free', PLANS.free],
    ['gone', PLANS.free],
  ])('%s', (id, plan) => {
    expect(planOrFree(CATALOG, id)).toBe(plan);
  });

  test('and there is no catalog without a free plan', () => {
    expect(() => planOrFree(catalogOf(PLANS.small), 'gone')).toThrow('the catalog has no free plan');
  });
});

test('an item’s first price is the one sold now; each price tells what it sells', () => {
  const price = (item: string, priceId: string) => ({ item, priceId, amount: 1, currency: 'usd' });
  const prices = [price('small', 'p1'), price('big', 'p2'), price('small', 'p0')];
  expect([priceOf(prices, 'small'), priceOf(prices, 'big'), priceOf(prices, 'bare')]).toEqual([
    prices[0],
    prices[1],
    undefined,
  ]);
  expect(['p0', 'p2', 'p9'].map((id) => soldBy(prices, id)?.item)).toEqual(['small', 'big', undefined]);
});

test('a refusal is told apart from an answer, and says where the fault is', () => {
  expect(invalid('seconds', 'is too much')).toEqual({
    refused: 'validation_failed',
    faults: [{ path: 'seconds', message: 'is too much' }],
  });
  expect([isRefusal(invalid('a', 'b')), isRefusal({ status: 'held' })]).toEqual([true, false]);
});
