import { describe, expect, it } from 'vitest';
import { METRICS } from '../../lib/telemetry/metric-names.ts';
import { synthesize } from './synthesize.ts';

const { ofType } = synthesize();
const [[, dashboard] = []] = ofType('AWS::CloudWatch::Dashboard');
const body = JSON.stringify(dashboard?.Properties['DashboardBody']);

describe('the dashboard', () => {
  it('is one, and begins with its question', () => {
    expect(ofType('AWS::CloudWatch::Dashboard')).toHaveLength(1);
    expect(body).toContain('Are people being charged right, now?');
  });

  const elsewhere = ['ReconciledRecent', 'ReconciledFull', 'ReconcileUndone'];
  it.each(Object.keys(METRICS).filter((name) => !elsewhere.includes(name)))('shows %s', (name) => {
    expect(body).toContain(name);
  });

  it.each([
    'IteratorAge',
    'WriteThrottleEvents',
    'ApproximateNumberOfMessagesVisible',
    'ExecutionsFailed',
    '5xx',
    'p99',
  ])('shows %s', (name) => {
    expect(body).toContain(name);
  });

  it('shows the state of every alarm', () => {
    for (const [id] of ofType('AWS::CloudWatch::Alarm')) expect(body).toContain(id);
  });
});

describe('traces', () => {
  it('are made by every function and every state machine', () => {
    for (const [id, { Properties }] of ofType('AWS::Lambda::Function'))
      expect([id, Properties['TracingConfig']]).toEqual([id, { Mode: 'Active' }]);
    for (const [id, { Properties }] of ofType('AWS::StepFunctions::StateMachine'))
      expect([id, Properties['TracingConfiguration']]).toEqual([id, { Enabled: true }]);
    expect(ofType('AWS::StepFunctions::StateMachine').length).toBeGreaterThan(2);
  });
});
