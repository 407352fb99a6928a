import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Door } from '../http/contract/operation.ts';
import { operations } from '../http/contract/operations.ts';
import { METRICS, type MetricName, NAMESPACE, serviceOf } from '../telemetry/metric-names.ts';
import type { Stage } from './stage.ts';
import { dueIndexes } from './table.ts';

/** What dashboard and alarms look at. */
export interface Watched {
  readonly stage: Stage;
  readonly apiId: string;
  readonly doors: Readonly<Record<Door, { readonly function: IFunction }>>;
  readonly events: { readonly function: IFunction; readonly failed: Queue };
  readonly schedules: {
    readonly sweep: IFunction;
    readonly reconcile: IFunction;
    readonly audit: IFunction;
    readonly machines: readonly StateMachine[];
    readonly failed: Queue;
  };
  readonly table: Table;
}

export type Statistic = 'Sum' | 'Maximum' | 'p50' | 'p99' | 'SampleCount';
const FIVE_MINUTES = Duration.minutes(5);

/** One of our own metrics, of this stage. What is in seconds is looked at by its greatest, a count by its sum. */
export const ours = (
  stage: Stage,
  name: MetricName,
  period = FIVE_MINUTES,
  statistic: Statistic = METRICS[name] === 'Seconds' ? 'Maximum' : 'Sum',
): Metric =>
  new Metric({
    namespace: NAMESPACE,
    metricName: name,
    dimensionsMap: { service: serviceOf(stage.name) },
    statistic,
    period,
    label: name,
  });

/** The doors a run goes through, before and after it. */
export const BEFORE: readonly Door[] = ['estimate', 'approve'];
export const AFTER: readonly Door[] = ['settle'];

/** A metric of each route of these doors, which API Gateway tells of only where it is asked to (`detailedMetrics`). */
export const ofRoutes = (
  { apiId }: Watched,
  doors: readonly Door[],
  metricName: '5xx' | 'Count' | 'Latency',
  statistic: Statistic,
): readonly Metric[] =>
  operations
    .filter(({ door }) => doors.includes(door))
    .map(
      ({ method, path }) =>
        new Metric({
          namespace: 'AWS/ApiGateway',
          metricName,
          dimensionsMap: { ApiId: apiId, Method: method, Resource: path, Stage: '$default' },
          statistic,
          period: FIVE_MINUTES,
          label: `${method} ${path}`,
        }),
    );

export const ofApi = ({ apiId }: Watched, metricName: '4xx' | '5xx' | 'Count', statistic: Statistic = 'Sum'): Metric =>
  new Metric({
    namespace: 'AWS/ApiGateway',
    metricName,
    dimensionsMap: { ApiId: apiId, Stage: '$default' },
    statistic,
    period: FIVE_MINUTES,
    label: metricName,
  });

const named = (metrics: readonly IMetric[], prefix: string): Record<string, IMetric> =>
  Object.fromEntries(metrics.map((metric, at) => [`${prefix}${at}`, metric]));
const summed = (names: Readonly<Record<string, unknown>>): string =>
  Object.keys(names)
    .map((name) => `FILL(${name}, 0)`)
    .join(' + ');

/** The sum of metrics, each counted as nothing where it has no data. */
export const sumOf = (label: string, metrics: readonly IMetric[], period = FIVE_MINUTES): MathExpression => {
  const all = named(metrics, 'm');
  return new MathExpression({ expression: summed(all), usingMetrics: all, label, period });
};

export const greatestOf = (label: string, metrics: readonly IMetric[]): MathExpression =>
  new MathExpression({
    expression: 'MAX(METRICS())',
    usingMetrics: named(metrics, 'm'),
    label,
    period: FIVE_MINUTES,
  });

/** Percent of requests that failed by our own fault. Of few requests, three that fail are all: a share of them says nothing. */
export const failing = (label: string, failed: readonly Metric[], all: readonly Metric[]): MathExpression => {
  const [e, c] = [named(failed, 'e'), named(all, 'c')];
  const [failures, count] = [`(${summed(e)})`, `(${summed(c)})`];
  return new MathExpression({
    expression: `IF(${count} >= 50, 100 * ${failures} / ${count}, IF(${failures} >= 3, 100, 0))`,
    usingMetrics: { ...e, ...c },
    label,
    period: FIVE_MINUTES,
  });
};

/** Everything that waits for a person's request or for money, and what tells of it. */
export const functionsOf = ({ doors, events, schedules }: Watched): readonly IFunction[] => [
  ...Object.values(doors).map((door) => door.function),
  events.function,
  schedules.sweep,
];

export const throttlesOf = ({ table }: Watched): readonly Metric[] => {
  const on = (metricName: string, dimensions: Record<string, string>) =>
    new Metric({
      namespace: 'AWS/DynamoDB',
      metricName,
      dimensionsMap: { TableName: table.tableName, ...dimensions },
      statistic: 'Sum',
      period: FIVE_MINUTES,
      label: [metricName, ...Object.values(dimensions)].join(' '),
    });
  return [
    on('ReadThrottleEvents', {}),
    on('WriteThrottleEvents', {}),
    ...dueIndexes.map((index) => on('WriteThrottleEvents', { GlobalSecondaryIndexName: index })),
  ];
};
