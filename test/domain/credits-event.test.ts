import { describe, expect, test } from 'vitest';
import { type Billing, newBilling, type Subscription } from '../../lib/domain/billing.ts';
import {
  eventOfFailure,
  eventOfQuote,
  eventsOfAccount,
  eventsOfBilling,
  eventsOfLine,
  eventsOfLineAgain,
} from '../../lib/domain/credits-event.ts';
import type { Change, Entry } from '../../lib/domain/entry.ts';
import { endRun } from '../../lib/domain/run-record.ts';
import { accountAt, at, grant, holdOf, part } from './account-samples.ts';
import { SUBSCRIPTION } from './payment-samples.ts';

const NOW = '2026-03-20T12:00:00Z';
const LATER = '2026-09-01T00:00:00Z';
const SEEN = at(NOW) + 900;

const first = holdOf(1, '2026-03-20T12:30:00Z', [part(1, 'pack', 5)]);
const second = holdOf(2, '2026-03-20T12:50:00Z', [part(1, 'pack', 5)]);
const account = (remaining: number, lowBalanceAt: number | null, holds = [first].slice(1), ver = 7) =>
  accountAt(NOW, { ver, lowBalanceAt, holds, grants: [grant(1, 'pack', remaining, LATER, 50)] });

describe('a write to an account tells', () => {
  test('of a run held, as it was at its approval', () => {
    const extended = { ...first, deadlineMs: first.deadlineMs + 99 };
    expect(eventsOfAccount(null, account(20, null, [extended]), SEEN)).toEqual([
      { id: `${first.runUuid}:held`, accountId: 'ann', atMs: first.approvedAtMs, type: 'run.held', hold: first },
    ]);
  });

  test('of each run that was not held before, and of no other', () => {
    const told = eventsOfAccount(account(20, null, [first]), account(15, null, [first, second]), SEEN);
    expect(told.map(({ id }) => id)).toEqual([`${second.runUuid}:held`]);
  });

  test.each([
    // left before, after, notice at → told
    [20, 9, 10, true],
    [11, 10, 10, true],
    [10, 9, 10, false],
    [20, 11, 10, false],
    [1, 0, 0, true],
    [9, 8, 10, false],
    [9, 20, 10, false],
    [20, 0, null, false],
  ])('%i credits were left, %i are, a notice at %s: %s', (before, after, lowAt, isTold) => {
    const low = { id: 'ann:8:low', accountId: 'ann', type: 'credits.low', available: after, lowBalanceAt: lowAt };
    const told = eventsOfAccount(account(before, lowAt), account(after, lowAt, [], 8), SEEN);
    expect(told).toEqual(isTold ? [{ ...low, atMs: SEEN }] : []);
  });

  test('of a balance made low by holds as of the last of them', () => {
    const told = eventsOfAccount(account(20, 10), account(9, 10, [second, first]), SEEN);
    expect(told.map(({ type, atMs }) => [type, atMs])).toEqual([
      ['run.held', second.approvedAtMs],
      ['run.held', first.approvedAtMs],
      ['credits.low', second.approvedAtMs],
    ]);
  });

  test('nothing of a low balance where there was no account before', () => {
    expect(eventsOfAccount(null, account(1, 10), SEEN)).toEqual([]);
  });
});

describe('a line tells', () => {
  const change = (credits: number): Change => ({ grantId: 1, kind: 'pack', credits });
  const lineOf = (kind: Entry['kind'], credits: readonly number[], planId?: string) => {
    const entry: Entry = { ordinal: 3, atMs: at(NOW), kind, changes: credits.map(change), reason: 'x' };
    return { line: 'entry', place: 'place', entry: planId === undefined ? entry : { ...entry, planId } } as const;
  };

  test.each([
    ['grant', [5], undefined, ['credits.granted']],
    ['grant', [], undefined, []],
    ['grant', [0], undefined, []],
    ['expiry', [-5], undefined, ['credits.expired']],
    ['expiry', [0], undefined, []],
    ['reset', [-3, 10], undefined, ['credits.expired', 'credits.granted']],
    ['reset', [10], undefined, ['credits.granted']],
    ['clawback', [-5], undefined, ['credits.clawed_back']],
    ['clawback', [5], undefined, ['credits.granted']],
    ['clawback', [], undefined, []],
    ['adjustment', [-5], undefined, []],
    ['adjustment', [5], 'big', ['credits.granted', 'subscription.changed']],
    ['expiry', [], 'free', ['subscription.changed']],
    ['refund', [4], undefined, ['credits.granted']],
  ] as const)('%s of %j, plan %s: %j', (kind, credits, planId, types) => {
    const line = lineOf(kind, credits, planId);
    const told = types.map((type) => {
      return { id: `ann:place:${type}`, accountId: 'ann', atMs: at(NOW), type, place: 'place', entry: line.entry };
    });
    expect(eventsOfLine('ann', line)).toEqual(told);
    expect(eventsOfLineAgain('ann', line)).toEqual(told);
  });

  test.each([
    ['settled', { outcome: 'settled', cost: 3 }],
    ['failed', { outcome: 'failed', reason: 'it broke' }],
    ['expired', { outcome: 'expired' }],
  ] as const)('of a run that %s; told again, of its hold before, and of nothing that came after', (outcome, ending) => {
    const record = endRun({ ...first, deadlineMs: first.deadlineMs + 99 }, ending, at(NOW));
    const refund = { atMs: SEEN, credits: 3, reason: 'goodwill', note: null, actor: 'support-1' };
    const late = outcome === 'expired' ? { ...record, cost: 8, absorbed: 8 } : { ...record, refund };
    const ended = {
      id: `${first.runUuid}:${outcome}`,
      accountId: 'ann',
      atMs: at(NOW),
      type: `run.${outcome}`,
      record,
    };
    expect(eventsOfLine('ann', { line: 'run', place: first.runUuid, record })).toEqual([ended]);
    expect(eventsOfLineAgain('ann', { line: 'run', place: first.runUuid, record: late })).toEqual([
      { id: `${first.runUuid}:held`, accountId: 'ann', atMs: first.approvedAtMs, type: 'run.held', hold: first },
      ended,
    ]);
  });
});

describe('a subscription tells', () => {
  const subscription: Subscription = { ...SUBSCRIPTION, periodEndMs: 9, asOfMs: 5 };
  const billing = (of: Partial<Subscription> | null, nextPlanId: string | null = null, ver = 3): Billing => {
    return { ...newBilling('ann'), ver, nextPlanId, subscription: of === null ? null : { ...subscription, ...of } };
  };

  test.each([
    ['of another standing', billing({}), billing({ status: 'past_due', asOfMs: 6 }, null, 4), true],
    ['of another end', billing({}), billing({ renews: false, asOfMs: 6 }, null, 4), true],
    ['of another plan to come', billing({}), billing({ asOfMs: 6 }, 'big', 4), true],
    ['nothing new', billing({}, 'big'), billing({ asOfMs: 6, periodEndMs: 99 }, 'big', 4), false],
    ['nothing where there was none: its payment does', billing(null), billing({}, null, 4), false],
    ['nothing where nobody had written', null, billing({}, null, 4), false],
    ['nothing where there is none', billing({}), billing(null, null, 4), false],
    ['nothing of another one', billing({ id: 'sub_0', status: 'canceled' }), billing({}, null, 4), false],
  ])('%s', (_, before, after, isTold) => {
    const told = { id: 'ann:billing:4', accountId: 'ann', atMs: 6, type: 'subscription.changed', billing: after };
    expect(eventsOfBilling(before, after)).toEqual(isTold ? [{ ...told, subscription: after.subscription }] : []);
  });
});

test('a notice is told once, by the row it stands in', () => {
  const failure = { id: 'in_1:1', atMs: 5, amount: 1000, currency: 'usd', subscriptionId: null, nextAttemptMs: null };
  const quote = { id: 'q1', atMs: 6, asked: { company: 'Analytical Engines' } };
  expect([eventOfFailure('ann', failure), eventOfQuote('ann', quote)]).toEqual([
    { id: 'ann:failure:in_1:1', accountId: 'ann', atMs: 5, type: 'payment.failed', failure },
    { id: 'ann:quote:q1', accountId: 'ann', atMs: 6, type: 'enterprise.quote_requested', quote },
  ]);
});
