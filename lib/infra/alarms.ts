import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import {
  AFTER,
  BEFORE,
  failing,
  functionsOf,
  greatestOf,
  ofApi,
  ofRoutes,
  ours,
  sumOf,
  throttlesOf,
  type Watched,
} from './watched.ts';

interface AlarmSpec {
  /** What people suffer or will, in a sentence. */
  readonly impact: string;
  readonly metric: IMetric;
  /** Above it it alarms. `none`: it alarms where nothing is told. */
  readonly above: number | 'none';
  /** Periods in a row. */
  readonly for: number;
  /** Whether it is heard: some look at what only a stage that sells has. */
  readonly heard?: boolean;
}

const [QUARTER, HOUR] = [Duration.minutes(15), Duration.hours(1)];

/** What runs cost beyond what was approved, in credits an hour, that is worth waking somebody: a tool whose estimates are too low. */
const ABSORBED_AN_HOUR = 1_000;
const SLOW_MS = 1_500;
const LATE_MS = 10 * 60_000;

const people = (on: Watched): Readonly<Record<string, AlarmSpec>> => ({
  HoldsFail: {
    impact: 'Runs cannot be estimated or approved, so nobody can begin one. Nothing is charged.',
    metric: failing('5xx of 100', ofRoutes(on, BEFORE, '5xx', 'Sum'), ofRoutes(on, BEFORE, 'Count', 'Sum')),
    above: 1,
    for: 2,
  },
  SettlesFail: {
    impact:
      'Runs that have ended cannot be settled: credits stay held, and after the deadline what the run cost is ours.',
    metric: failing('5xx of 100', ofRoutes(on, AFTER, '5xx', 'Sum'), ofRoutes(on, AFTER, 'Count', 'Sum')),
    above: 1,
    for: 2,
  },
  ApiFails: {
    impact: 'People get errors where they look at their balance, buy, or are helped; or Stripe’s webhooks do.',
    metric: failing('5xx of 100', [ofApi(on, '5xx')], [ofApi(on, 'Count')]),
    above: 2,
    for: 3,
  },
  HoldsSlow: {
    impact: 'People wait for more than a second before each run.',
    metric: greatestOf('p99 ms', ofRoutes(on, BEFORE, 'Latency', 'p99')),
    above: SLOW_MS,
    for: 3,
  },
  SettlesSlow: {
    impact: 'Agents wait for more than a second after each run, and what they hold stays held so long.',
    metric: greatestOf('p99 ms', ofRoutes(on, AFTER, 'Latency', 'p99')),
    above: SLOW_MS,
    for: 3,
  },
  FunctionsCrash: {
    impact: 'A function ends without an answer: people see a plain 500, and an event or a deadline may come late.',
    metric: sumOf(
      'errors',
      functionsOf(on).map((fn) => fn.metricErrors({ statistic: 'Sum' })),
    ),
    above: 2,
    for: 2,
  },
  FunctionsThrottled: {
    impact: 'Lambda turns requests away: people see 503, and Stripe’s events come late.',
    metric: sumOf(
      'throttles',
      functionsOf(on).map((fn) => fn.metricThrottles({ statistic: 'Sum' })),
    ),
    above: 5,
    for: 2,
  },
  TableThrottled: {
    impact: 'The table turns requests away: the busiest accounts get 503 for holds and settles.',
    metric: sumOf('throttled', throttlesOf(on)),
    above: 10,
    for: 2,
  },
});

const charges = ({ stage }: Watched): Readonly<Record<string, AlarmSpec>> => ({
  CreditsAbsorbed: {
    impact: 'Runs cost much more than people approved: nobody is charged for it, we pay.',
    metric: ours(stage, 'CreditsAbsorbed', HOUR),
    above: ABSORBED_AN_HOUR,
    for: 1,
  },
  LedgerDrift: {
    impact: 'An account’s credits do not agree with its history: somebody has too many or too few.',
    metric: ours(stage, 'LedgerDrift', HOUR),
    above: 0,
    for: 1,
  },
  LedgerUnchecked: {
    impact: 'Nobody checks any more that balances agree with their histories: a wrong charge would go unseen.',
    metric: ours(stage, 'LedgerChecked', HOUR, 'SampleCount'),
    above: 'none',
    for: 4,
  },
});

const payments = ({ stage }: Watched): Readonly<Record<string, AlarmSpec>> => ({
  WebhooksFail: {
    impact: 'People have paid and do not get their credits until Stripe sends the event again.',
    metric: ours(stage, 'WebhookFailed', QUARTER),
    above: 5,
    for: 1,
  },
  WebhooksUnreadable: {
    impact: 'Stripe tells of money in a form that we do not know: who paid does not get the credits.',
    metric: sumOf(
      'unreadable',
      [ours(stage, 'WebhookUnreadable', QUARTER), ours(stage, 'ReconcileUnreadable', QUARTER)],
      QUARTER,
    ),
    above: 0,
    for: 1,
  },
  WebhooksUnsigned: {
    impact:
      'Stripe’s signing secret is not ours, and then nobody who pays gets credits; or somebody tries to forge payments.',
    metric: ours(stage, 'WebhookUnsigned', QUARTER),
    above: 10,
    for: 1,
  },
  WebhooksLate: {
    impact: 'People wait for more than a quarter of an hour for the credits they have paid for.',
    metric: ours(stage, 'WebhookLagSeconds', QUARTER),
    above: 900,
    for: 2,
  },
  PaymentMismatch: {
    impact: 'Somebody has paid, but not what was offered: they have no credits for it until a person decides.',
    metric: sumOf(
      'mismatches',
      [ours(stage, 'WebhookMismatch', QUARTER), ours(stage, 'ReconcileMismatched', QUARTER)],
      QUARTER,
    ),
    above: 0,
    for: 1,
  },
  WebhooksLost: {
    impact: 'Somebody had paid up to an hour or a day ago and only now got the credits: webhooks are lost.',
    metric: ours(stage, 'ReconcileRepaired', HOUR),
    above: 0,
    for: 1,
  },
  ReconcileFails: {
    impact: 'A payment that no webhook told of could not be acted on: who paid waits for the next try.',
    metric: ours(stage, 'ReconcileFailed', HOUR),
    above: 0,
    for: 2,
  },
  ReconcileStopped: {
    impact: 'What was paid has not been compared with what was granted for 26 hours: a lost webhook would go unseen.',
    metric: ours(stage, 'ReconciledFull', HOUR),
    above: 'none',
    for: 26,
    // Where nothing is sold there is no key for Stripe either.
    heard: stage.stripePrices.length > 0,
  },
});

const jobs = ({ stage, events, schedules }: Watched): Readonly<Record<string, AlarmSpec>> => ({
  EventsLate: {
    impact: 'Whoever listens hears late of holds, charges and low balances. Balances are right.',
    metric: events.function.metric('IteratorAge', { statistic: 'Maximum' }),
    above: LATE_MS,
    for: 3,
  },
  EventsLost: {
    impact: 'Events have been given up: whoever listens has a gap until they are replayed, within the stream’s day.',
    metric: events.failed.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum' }),
    above: 0,
    for: 1,
  },
  SweepFails: {
    impact: 'Accounts cannot be brought up to date; what their owners see is right, their history and events are late.',
    metric: ours(stage, 'SweepFailed', QUARTER),
    above: 0,
    for: 2,
  },
  SweepLate: {
    impact: 'Resets, expiries and lapsed holds come into histories more than an hour late. Balances are right.',
    metric: ours(stage, 'SweepBacklogSeconds', QUARTER),
    above: 3_600,
    for: 2,
  },
  SweepStopped: {
    impact: 'No sweep runs: histories, events and low-balance notices are late. Balances are right.',
    metric: schedules.sweep.metricInvocations({ statistic: 'Sum' }),
    above: 'none',
    for: 6,
  },
  SchedulesFailed: {
    impact: 'A scheduled job was given up: histories are late, or payments not reconciled, or the ledger not checked.',
    metric: schedules.failed.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum' }),
    above: 0,
    for: 1,
  },
});

/** Where the runbook says what to do: each alarm has a heading of its name there, and a test holds them together. */
export const runbookOf = (name: string): string => `docs/runbook.md#${name.toLowerCase()}`;

/** Every alarm says what people suffer, and where the runbook says what to do. */
export class Alarms extends Construct {
  readonly all: readonly Alarm[];

  constructor(scope: Construct, id: string, watched: Watched, topic: ITopic) {
    super(scope, id);
    const specs = { ...people(watched), ...charges(watched), ...payments(watched), ...jobs(watched) };
    this.all = Object.entries(specs).map(([name, { impact, metric, above, for: periods, heard = true }]) => {
      const quiet = above === 'none';
      const alarm = new Alarm(this, name, {
        alarmName: `credits-${watched.stage.name}-${name}`,
        alarmDescription: `${impact} What to do: ${runbookOf(name)}`,
        metric,
        threshold: quiet ? 1 : above,
        comparisonOperator: quiet ? ComparisonOperator.LESS_THAN_THRESHOLD : ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluationPeriods: periods,
        treatMissingData: quiet ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
        actionsEnabled: heard,
      });
      alarm.addAlarmAction(new SnsAction(topic));
      alarm.addOkAction(new SnsAction(topic));
      return alarm;
    });
  }
}
