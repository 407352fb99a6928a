import { readFileSync } from 'node:fs';
import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { METRICS, NAMESPACE, serviceOf } from '../../lib/telemetry/metric-names.ts';
import { samplePrices } from './sample-prices.ts';
import { idOf, synthesize } from './synthesize.ts';

const { template, ofType } = synthesize({ alarmEmail: 'oncall@example.com' });
const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
/** The third-level headings of the runbook's chapter on alarms. */
const headings = [...(/^## Alarms$([\s\S]*?)^## /m.exec(runbook)?.[1] ?? '').matchAll(/^### (\S+)$/gm)].map(
  (match) => match[1] ?? '',
);

const metric = z.looseObject({
  Namespace: z.optional(z.string()),
  MetricName: z.optional(z.string()),
  Dimensions: z.optional(z.array(z.object({ Name: z.string(), Value: z.unknown() }))),
});
const alarm = z.object({
  AlarmName: z.string(),
  AlarmDescription: z.string(),
  AlarmActions: z.array(z.unknown()),
  OKActions: z.array(z.unknown()),
  ActionsEnabled: z.optional(z.boolean()),
  EvaluationPeriods: z.int(),
  Threshold: z.number(),
  ComparisonOperator: z.string(),
  Period: z.optional(z.int()),
  TreatMissingData: z.enum(['breaching', 'notBreaching']),
  Metrics: z.optional(
    z.array(
      z.object({
        Expression: z.optional(z.string()),
        Period: z.optional(z.int()),
        MetricStat: z.optional(z.object({ Metric: metric, Period: z.int() })),
      }),
    ),
  ),
  ...metric.shape,
});
const alarms = ofType('AWS::CloudWatch::Alarm').map(([, { Properties }]) => {
  const parsed = alarm.parse(Properties);
  const math = (parsed.Metrics ?? []).flatMap(({ MetricStat }) => (MetricStat ? [MetricStat] : []));
  return {
    ...parsed,
    name: parsed.AlarmName.replace('credits-dev-', ''),
    looksAt: parsed.Metrics === undefined ? [metric.parse(Properties)] : math.map(({ Metric }) => Metric),
    periods: [parsed.Period ?? 0, ...math.map(({ Period }) => Period)],
  };
});

describe('alarms', () => {
  it('and the runbook’s headings are the same', () => {
    expect(headings).toEqual([...new Set(headings)]);
    expect(alarms.map(({ name }) => name).sort()).toEqual([...headings].sort());
    expect(alarms.length).toBeGreaterThan(20);
  });

  it.each(alarms)('$name says what people suffer, and leads to its heading', ({ name, AlarmDescription }) => {
    const [impact = '', link] = AlarmDescription.split(' What to do: ');
    expect(link).toBe(`docs/runbook.md#${name.toLowerCase()}`);
    expect(impact.split(' ').length).toBeGreaterThan(7);
    expect(impact).toMatch(/\.$/);
  });

  it.each(alarms)('$name is told to the topic when it comes and when it goes', ({ AlarmActions, OKActions }) => {
    const [topic] = ofType('AWS::SNS::Topic').map(([id]) => id);
    expect([AlarmActions.map(idOf), OKActions.map(idOf)]).toEqual([[topic], [topic]]);
  });

  it.each(alarms)('$name is one that CloudWatch takes', ({ EvaluationPeriods, Metrics = [], periods, looksAt }) => {
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html
    expect(looksAt.length).toBeGreaterThan(0);
    expect(looksAt.length).toBeLessThanOrEqual(10);
    const period = Math.max(...periods);
    expect(period * EvaluationPeriods).toBeLessThanOrEqual(period >= 3600 ? 7 * 86_400 : 86_400);
    for (const { Expression = '' } of Metrics) expect(Expression).not.toContain('SEARCH');
  });

  it.each(
    alarms.flatMap(({ name, looksAt }) =>
      looksAt.filter(({ Namespace }) => Namespace === NAMESPACE).map((one) => ({ name, ...one })),
    ),
  )('$name looks at $MetricName, which is measured, of this stage', ({ MetricName = '', Dimensions }) => {
    expect(Object.keys(METRICS)).toContain(MetricName);
    expect(Dimensions).toEqual([{ Name: 'service', Value: serviceOf('dev') }]);
  });

  it('WebhooksUnreadable comes with the first event, or thing of a reconciliation, of a form that is not known', () => {
    const found = alarms.find(({ name }) => name === 'WebhooksUnreadable');
    expect(found?.looksAt.map(({ MetricName }) => MetricName)).toEqual(['WebhookUnreadable', 'ReconcileUnreadable']);
    expect(found).toMatchObject({
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      EvaluationPeriods: 1,
      periods: [0, 900, 900],
    });
  });

  it.each(['LedgerUnchecked', 'ReconcileStopped', 'SweepStopped'])('%s comes when nothing is told any more', (name) => {
    expect(alarms.filter((one) => one.TreatMissingData === 'breaching').map((one) => one.name)).toContain(name);
  });

  it('of reconciliation are heard where something is sold', () => {
    const heard = (context: Record<string, unknown>) =>
      synthesize(context)
        .ofType('AWS::CloudWatch::Alarm')
        .find(([id]) => id.startsWith('AlarmsReconcileStopped'))?.[1].Properties['ActionsEnabled'];
    expect(heard({})).toBe(false);
    expect(heard({ origins: 'https://app.example.com', stripePrices: samplePrices })).toBe(true);
  });

  it('know the routes of a run by metrics of their own', () => {
    const routes = z
      .record(z.string(), z.object({ DetailedMetricsEnabled: z.optional(z.boolean()) }))
      .parse(ofType('AWS::ApiGatewayV2::Stage')[0]?.[1].Properties['RouteSettings']);
    const measured = Object.entries(routes).flatMap(([key, one]) => (one.DetailedMetricsEnabled ? [key] : []));
    const dimensionOf = ({ Dimensions = [] }: z.infer<typeof metric>, name: string) =>
      Dimensions.find(({ Name }) => Name === name)?.Value;
    const looked = alarms
      .flatMap(({ looksAt }) => looksAt)
      .filter((one) => dimensionOf(one, 'Resource') !== undefined)
      .map((one) => `${dimensionOf(one, 'Method')} ${dimensionOf(one, 'Resource')}`);
    expect([...new Set(looked)].sort()).toEqual(measured.sort());
    expect(measured).toHaveLength(5);
  });
});

describe('the topic', () => {
  it('is encrypted by a key that CloudWatch’s alarms of this account may use, and that turns over', () => {
    template.hasResourceProperties('AWS::SNS::Topic', { KmsMasterKeyId: Match.anyValue() });
    template.hasResourceProperties('AWS::KMS::Key', {
      EnableKeyRotation: true,
      KeyPolicy: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
          }),
        ]),
      },
    });
  });

  it('takes from those alarms only, and by TLS only', () => {
    template.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
          Match.objectLike({
            Effect: 'Allow',
            Action: 'sns:Publish',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
          }),
        ]),
      },
    });
  });

  it('tells the stage’s address, where it has one', () => {
    template.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'oncall@example.com' });
    synthesize().template.resourceCountIs('AWS::SNS::Subscription', 0);
  });
});
