import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  MathExpression,
  PeriodOverride,
  SingleValueWidget,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { MetricName } from '../telemetry/metric-names.ts';
import { NAMESPACE, serviceOf } from '../telemetry/metric-names.ts';
import { AFTER, BEFORE, functionsOf, ofApi, ofRoutes, ours, throttlesOf, type Watched } from './watched.ts';

const QUESTION = `# Are people being charged right, now?
**Yes** where *drift* is 0, the ledger is checked, nothing is repaired or mismatched, and no alarm is on. **Settled** is what was charged,
**held** what was set aside for it, **absorbed** what runs cost beyond and nobody paid. What to do at each alarm: docs/runbook.md`;

const graph = (title: string, metrics: readonly IMetric[], right: readonly IMetric[] = []) =>
  new GraphWidget({ title, width: 8, height: 6, left: [...metrics], right: [...right], leftYAxis: { min: 0 } });

/** One dashboard, from what people pay down to what keeps it running. */
export const dashboard = (scope: Construct, watched: Watched, alarms: readonly Alarm[]): Dashboard => {
  const { stage, doors, events, schedules } = watched;
  const all = (...names: readonly MetricName[]) => names.map((name) => ours(stage, name));
  const refusals = new MathExpression({
    expression: `SEARCH('{${NAMESPACE},service,code} MetricName="Refusals" service="${serviceOf(stage.name)}"', 'Sum', 300)`,
    usingMetrics: {},
    label: '',
  });
  const functions = functionsOf(watched);
  return new Dashboard(scope, 'Dashboard', {
    dashboardName: `credits-${stage.name}`,
    periodOverride: PeriodOverride.AUTO,
    widgets: [
      [new TextWidget({ markdown: QUESTION, width: 24, height: 3 })],
      [
        new SingleValueWidget({
          title: 'Charged right?',
          width: 24,
          height: 3,
          setPeriodToTimeRange: true,
          metrics: all('LedgerDrift', 'LedgerChecked', 'ReconcileRepaired', 'WebhookMismatch', 'CreditsAbsorbed'),
        }),
      ],
      [new AlarmStatusWidget({ title: 'Alarms', width: 24, height: 5, alarms: [...alarms] })],
      [
        graph('Credits held, settled, absorbed', all('CreditsHeld', 'CreditsSettled', 'CreditsAbsorbed')),
        graph('Runs', all('RunsHeld', 'RunsSettled', 'RunsFailed', 'RunsExpired')),
        graph('Refusals by code', [refusals]),
      ],
      [
        graph('5xx, 4xx of all routes', [ofApi(watched, '5xx'), ofApi(watched, '4xx')], [ofApi(watched, 'Count')]),
        graph('Before a run: ms, p50 and p99', latencies(watched, BEFORE)),
        graph('After a run: ms, p50 and p99', latencies(watched, AFTER)),
      ],
      [
        graph(
          'Webhooks',
          all(
            'WebhookApplied',
            'WebhookKnown',
            'WebhookIgnored',
            'WebhookMismatch',
            'WebhookUndone',
            'WebhookFailed',
            'WebhookUnsigned',
            'WebhookUnreadable',
          ),
        ),
        graph('Webhooks: seconds late', all('WebhookLagSeconds')),
        graph(
          'Reconciliation',
          all('ReconcileRepaired', 'ReconcileMismatched', 'ReconcileFailed', 'ReconcileUnreadable'),
          all('ReconcileHeard'),
        ),
      ],
      [
        graph('Ledger check', all('LedgerDrift'), all('LedgerChecked')),
        graph('Sweeps', all('SweepFailed', 'SweepTouched'), all('SweepBacklogSeconds')),
        graph(
          'Scheduled jobs that failed',
          schedules.machines.flatMap((machine) => [machine.metricFailed(), machine.metricTimedOut()]),
        ),
      ],
      [
        graph('Table: throttled', throttlesOf(watched)),
        graph('Stream: ms behind', [events.function.metric('IteratorAge', { statistic: 'Maximum' })]),
        graph('Left in queues', [
          events.failed.metricApproximateNumberOfMessagesVisible({ label: 'events' }),
          schedules.failed.metricApproximateNumberOfMessagesVisible({ label: 'schedules' }),
        ]),
      ],
      [
        graph(
          'Functions: errors',
          functions.map((fn) => fn.metricErrors()),
        ),
        graph(
          'Functions: throttled',
          functions.map((fn) => fn.metricThrottles()),
        ),
        graph(
          'Hot functions: ms, p99',
          [doors.estimate, doors.approve, doors.settle].map((door) =>
            door.function.metricDuration({ statistic: 'p99' }),
          ),
        ),
      ],
    ],
  });
};

const latencies = (watched: Watched, hot: typeof BEFORE) => [
  ...ofRoutes(watched, hot, 'Latency', 'p50'),
  ...ofRoutes(watched, hot, 'Latency', 'p99'),
];
