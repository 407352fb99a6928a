import type { Account, Hold } from '../../../domain/account.ts';
import { type Billing, newBilling, type Subscription } from '../../../domain/billing.ts';
import {
  type CreditsEvent,
  eventOfFailure,
  eventOfHold,
  eventOfQuote,
  eventsOfAccount,
  eventsOfBilling,
  eventsOfLine,
} from '../../../domain/credits-event.ts';
import type { Change, Entry } from '../../../domain/entry.ts';
import { uuidTimePrefix } from '../../../domain/run-id.ts';
import { type Ending, endRun } from '../../../domain/run-record.ts';
import { shownEvent } from '../../shown-event.ts';
import type { PublishedEvent } from './event-schemas.ts';

const NOON = Date.UTC(2026, 11, 1, 12);
const MINUTE = 60_000;
const MIDNIGHT = Date.UTC(2026, 11, 2);
const accountId = 'ann';

const runUuidAt = (ms: number, rest: string) => `${uuidTimePrefix(ms)}-${rest}`;

const hold: Hold = {
  runUuid: runUuidAt(NOON, '7a31-9c54-0b7a2f1d6e88'),
  tool: 'agent-research',
  priceVersion: '2026-11',
  parts: [{ grantId: 1, kind: 'free', credits: 30 }],
  approval: { how: 'explicit' },
  approvedAtMs: NOON + 8_250,
  firstDeadlineMs: NOON + 60 * MINUTE + 8_250,
  deadlineMs: NOON + 60 * MINUTE + 8_250,
};

const free = { id: 1, kind: 'free', granted: 40, expiresAtMs: MIDNIGHT } as const;
const account: Account = {
  id: accountId,
  ver: 3,
  planId: 'free',
  dailyRunLimit: 15,
  cycle: null,
  grants: [{ ...free, remaining: 40 }],
  holds: [],
  tombstones: [],
  runs: { day: Math.floor(NOON / 86_400_000), used: 0 },
  rule: { autoApproveUpTo: null, version: 0 },
  lowBalanceAt: 20,
  nextOrdinal: 2,
  validUntilMs: MIDNIGHT,
  holdsValidUntilMs: null,
  dueAtMs: null,
};

const ofRun = (ending: Ending, atMs: number): readonly CreditsEvent[] => {
  const record = endRun(hold, ending, atMs);
  return eventsOfLine(accountId, { line: 'run', place: record.runUuid, record });
};

const ofLine = (
  ordinal: number,
  atMs: number,
  line: Pick<Entry, 'kind' | 'reason'> & Partial<Entry>,
  changes: readonly Change[],
): readonly CreditsEvent[] => {
  const place = `${uuidTimePrefix(atMs)}-e${ordinal.toString(16).padStart(8, '0')}`;
  return eventsOfLine(accountId, { line: 'entry', place, entry: { ordinal, atMs, changes, ...line } });
};

const subscription: Subscription = {
  id: 'sub_1',
  itemId: 'si_1',
  priceId: 'price_starter',
  status: 'active',
  renews: true,
  createdMs: NOON,
  anchorMs: NOON,
  periodStartMs: NOON,
  periodEndMs: Date.UTC(2027, 0, 1, 12),
  scheduleId: null,
  asOfMs: NOON,
};
const billing: Billing = { ...newBilling(accountId), ver: 4, customerId: 'cus_1', subscription };
const cancelled: Billing = {
  ...billing,
  ver: 5,
  subscription: { ...subscription, renews: false, asOfMs: NOON + MINUTE },
};

const PACK_ENDS = Date.UTC(2027, 5, 1, 12);
const months = {
  grantId: 3,
  kind: 'subscription',
  credits: 2000,
  granted: 2000,
  expiresAtMs: subscription.periodEndMs,
} as const;
const low = { ...account, ver: 4, grants: [{ ...free, remaining: 10 }], holds: [hold] };

/** One of each, and both forms of `subscription.changed`, told by the code that tells them. */
export const eventExamples = (): readonly PublishedEvent[] =>
  [
    eventOfHold(accountId, hold),
    ...ofRun({ outcome: 'settled', cost: 22 }, NOON + 4 * MINUTE),
    ...ofRun({ outcome: 'failed', reason: 'the model did not answer' }, NOON + 4 * MINUTE),
    ...ofRun({ outcome: 'expired' }, hold.deadlineMs),
    ...ofLine(6, NOON, { kind: 'grant', reason: 'pack_purchased', packId: 'pack-500', payment: 'pi_1' }, [
      { grantId: 5, kind: 'pack', credits: 500, granted: 500, expiresAtMs: PACK_ENDS },
    ]),
    ...ofLine(9, PACK_ENDS, { kind: 'expiry', reason: 'expired' }, [{ grantId: 5, kind: 'pack', credits: -120 }]),
    ...ofLine(8, NOON + 2 * MINUTE, { kind: 'clawback', reason: 'payment_refunded', payment: 'pi_1', shortfall: 380 }, [
      { grantId: 5, kind: 'pack', credits: -120 },
    ]),
    ...eventsOfAccount(account, low, NOON).filter(({ type }) => type === 'credits.low'),
    ...ofLine(4, NOON, { kind: 'grant', reason: 'subscription_started', payment: 'in_1', planId: 'starter' }, [
      months,
    ]).filter(({ type }) => type === 'subscription.changed'),
    ...eventsOfBilling(billing, cancelled),
    eventOfFailure(accountId, {
      id: 'in_2:1',
      atMs: subscription.periodEndMs,
      amount: 1500,
      currency: 'usd',
      subscriptionId: subscription.id,
      nextAttemptMs: subscription.periodEndMs + 3 * 86_400_000,
    }),
    eventOfQuote(accountId, {
      id: 'quote-1',
      atMs: NOON,
      asked: { company: 'Example Ltd', contact: 'ann@example.com', creditsPerMonth: 250_000 },
    }),
  ].map(shownEvent);
