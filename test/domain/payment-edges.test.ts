import { describe, expect, test } from 'vitest';
import type { Account } from '../../lib/domain/account.ts';
import { heardOf, newBilling, type Subscription } from '../../lib/domain/billing.ts';
import { newPayment, type Purchase, shareOf, withCharge, withRefund } from '../../lib/domain/purchase.ts';
import { isPast, passPeriod, setRenewal, startPeriod, upgradePeriod } from '../../lib/domain/subscription.ts';
import { DAY_MS } from '../../lib/domain/time.ts';
import { accountAt, at, grant, type PLANS } from './account-samples.ts';
import { period, SUBSCRIPTION, subscribed } from './payment-samples.ts';

const MARCH = '2026-03-05T08:30:00.000Z';
const NOON = '2026-03-20T12:00:00.000Z';
const APRIL = '2026-04-05T08:30:00.000Z';
const YEAR_ON = '2027-03-05T08:30:00.000Z';
const TONIGHT = '2026-03-21T00:00:00.000Z';

describe('what is heard of a subscription', () => {
  const known: Subscription = {
    ...SUBSCRIPTION,
    id: 'A',
    createdMs: 100,
    anchorMs: 100,
    periodStartMs: 100,
    periodEndMs: 1000,
    asOfMs: 500,
  };
  const ended = { ...known, status: 'canceled' } as const;

  test.each([
    ['later', known, { asOfMs: 501 }, 'take'],
    ['later, and the same', known, { asOfMs: 900 }, 'take'],
    ['earlier', known, { asOfMs: 499, status: 'past_due' }, 'leave'],
    ['of the same second, and the same', known, {}, 'leave'],
    ['of the same second, and another', known, { status: 'past_due' }, 'ask'],
    ['of another, where the known one lives', known, { id: 'B', createdMs: 900 }, 'leave'],
    ['of one made in the same second, where the known one has ended', ended, { id: 'B' }, 'take'],
    ['of an older one that lives, where the known one has ended', ended, { id: 'B', createdMs: 99 }, 'ask'],
    ['of an older one that has ended too', ended, { id: 'B', createdMs: 99, status: 'canceled' }, 'leave'],
  ] as const)('%s', (_, before, heard, verdict) => {
    expect(heardOf(before, { ...known, ...heard })).toBe(verdict);
  });

  test('an account that has bought nothing has no dealings', () => {
    expect(newBilling('ann')).toEqual({
      accountId: 'ann',
      ver: 0,
      customerId: null,
      subscription: null,
      nextPlanId: null,
      orders: {},
      change: null,
      failure: null,
    });
  });
});

describe('a charge’s total leaves out what had failed by then', () => {
  const bought: Purchase = {
    key: 'pack:1',
    accountId: 'ann',
    grantId: 1,
    credits: 100,
    payments: { pi: newPayment(1000) },
  };
  const failed = (purchase: Purchase, failedAtMs: number) =>
    withRefund(purchase, 'pi', 'r1', { amount: 200, failedAtMs });
  const total = (purchase: Purchase) => withCharge(purchase, 'pi', 300, 11);

  test.each([
    ['a refund that failed before, and another the total alone tells of', total(failed(bought, 9)), 300],
    ['told the other way round', failed(total(bought), 9), 300],
    ['a failure told of twice: the first time counts', total(failed(failed(bought, 9), 14)), 300],
    ['the first time told of last', failed(failed(total(bought), 14), 9), 300],
    ['a refund that failed after', total(failed(bought, 14)), 100],
  ])('%s', (_, purchase, out) => {
    expect(shareOf(purchase).out).toBe(out);
  });
});

describe('a period is past only where another has overtaken it', () => {
  const year = subscribed(period('small', MARCH, YEAR_ON));
  const inMonth = (step: number): Account => {
    const { cycle } = year;
    return { ...year, cycle: cycle === null ? null : { ...cycle, step } };
  };

  test.each([
    ['it ends with the running one, and began before it', year, '2026-02-05T08:30:00Z', YEAR_ON, false],
    ['it ends after the running one, and began before it', year, '2026-02-05T08:30:00Z', '2027-04-05T08:30:00Z', false],
    ['it ends before the running one, and began before it', year, '2026-02-05T08:30:00Z', MARCH, true],
    ['it began with the running one, and its end is to come', year, MARCH, APRIL, false],
    ['it ended with the month before', inMonth(1), MARCH, APRIL, true],
    ['it ended a day into the running month', inMonth(1), MARCH, '2026-04-06T08:30:00Z', false],
    ['it ended just short of a day into it', inMonth(1), MARCH, '2026-04-06T08:29:59.999Z', true],
  ])('%s', (_, account, start, end, past) => {
    expect(isPast(account, { startMs: at(start), endMs: at(end) })).toBe(past);
  });

  test('and is then given and gone as what it is', () => {
    const { entries } = passPeriod(year, period('small', '2026-02-05T08:30:00Z', MARCH), at(NOON));
    const grantId = year.nextOrdinal;
    const given = { grantId, kind: 'subscription', credits: 20, granted: 20, expiresAtMs: at(MARCH) };
    expect(entries.map(({ changes }) => changes)).toEqual([[given], [{ grantId, kind: 'subscription', credits: -20 }]]);
  });
});

describe('a period begins', () => {
  const line = { ordinal: 101, atMs: at(NOON), payment: 'in_1' };
  const month = { kind: 'subscription', credits: 20, granted: 20, expiresAtMs: at(APRIL) };

  test('on the plan the account has already: its limit and its free credits of today stay as they are', () => {
    const free = grant(1, 'free', 3, TONIGHT, 14);
    const account = accountAt(NOON, { planId: 'small', dailyRunLimit: 77, grants: [free] });
    const step = startPeriod(account, period('small', MARCH, APRIL), at(NOON));
    expect(step.account).toMatchObject({ planId: 'small', dailyRunLimit: 77 });
    expect(step.account.grants).toContainEqual(free);
    // Without a cycle until now it begins, whatever the plan is called.
    expect(step.entries).toEqual([
      { ...line, kind: 'grant', reason: 'subscription_started', changes: [{ grantId: 100, ...month }] },
    ]);
  });

  test('heard of when it is over: in its last month, not in one after', () => {
    const late = at(YEAR_ON) + 5 * DAY_MS;
    const { account } = startPeriod(accountAt(NOON), period('small', MARCH, YEAR_ON), late);
    expect(account.cycle?.step).toBe(11);
  });

  test('on the plan the account was put on behind today’s midnight: its free credits grow to the plan’s (seed 117222)', () => {
    const account = accountAt(NOON, { planId: 'small', grants: [grant(1, 'free', 3, TONIGHT, 10)] });
    const step = startPeriod(account, period('small', MARCH, APRIL), at(NOON));
    expect(step.account.grants).toContainEqual(grant(1, 'free', 7, TONIGHT, 14));
    expect(step.entries.map(({ changes }) => changes[0])).toEqual([
      { grantId: 1, kind: 'free', credits: 4, granted: 4 },
    ]);
  });
});

describe('an upgrade', () => {
  const upgraded = (account: Account, ...[plan, end, anchor]: readonly [keyof typeof PLANS, string, string]) =>
    upgradePeriod(account, period(plan, NOON, end, anchor), at(NOON));
  const before = subscribed(period('small', MARCH, APRIL));
  const head = { ordinal: before.nextOrdinal, atMs: at(NOON), reason: 'plan_changed', payment: 'in_1' };

  test('within the period keeps its months and its end, and its line says what has grown', () => {
    const { account, entries } = upgraded(before, 'big', APRIL, NOON);
    expect(account.cycle).toMatchObject({ anchorMs: at(MARCH), step: 0, creditsPerCycle: 50 });
    const grown = { grantId: 2, kind: 'subscription', credits: 30, granted: 30 };
    expect(entries.map(({ changes, ...rest }) => [rest, changes.filter(({ kind }) => kind !== 'free')])).toEqual([
      [{ ...head, ordinal: entries[0]?.ordinal, kind: 'adjustment', planId: 'big' }, [grown]],
    ]);
  });

  test('to a longer period of the same plan moves the end, and names no plan', () => {
    const { entries } = upgraded(before, 'small', '2027-03-20T12:00:00.000Z', NOON);
    const moved = { grantId: 2, kind: 'subscription', credits: 0, expiresAtMs: at('2026-04-20T12:00:00.000Z') };
    expect(entries.map(({ changes, ...rest }) => [rest, changes.filter(({ kind }) => kind !== 'free')])).toEqual([
      [{ ...head, ordinal: entries[0]?.ordinal, kind: 'adjustment' }, [moved]],
    ]);
  });

  test.each([
    ['a period without credits', subscribed(period('bare', MARCH, APRIL))],
    [
      'an agreement, which nobody has paid for',
      accountAt(NOON, {
        planId: 'small',
        cycle: { anchorMs: at(MARCH), step: 0, creditsPerCycle: 20 },
        grants: [grant(7, 'subscription', 4, APRIL, 20)],
      }),
    ],
  ])('of %s begins the period', (_, account) => {
    const step = upgraded(account, 'big', APRIL, MARCH);
    expect(step.entries.map(({ reason }) => reason)).toEqual(['subscription_started']);
    expect(step.account.grants.filter(({ kind }) => kind === 'subscription')).toMatchObject([
      { granted: 50, remaining: 50, expiresAtMs: at(APRIL) },
    ]);
  });
});

test('whether it renews is nothing to an account that has paid for no period', () => {
  const none = accountAt(NOON);
  const agreed = accountAt(NOON, { cycle: { anchorMs: at(MARCH), step: 0, creditsPerCycle: 20 } });
  for (const account of [none, agreed]) expect(setRenewal(account, { renews: false, nextPlanId: null })).toBe(account);
});
