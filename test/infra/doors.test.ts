import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { idOf, synthesize } from './synthesize.ts';

const { template, ofType, doors, resources } = synthesize();
const idIn = (type: string, start: string) => {
  const found = ofType(type).find(([id]) => id.startsWith(start));
  if (!found) throw new Error(`no ${type} ${start}`);
  return found[0];
};
const byReference = {
  TABLE_NAME: { Ref: idIn('AWS::DynamoDB::Table', 'Table') },
  SIGNING_SECRET_ARN: { Ref: idIn('AWS::SecretsManager::Secret', 'SigningKey') },
  STRIPE_API_KEY_SECRET_ARN: { Ref: idIn('AWS::SecretsManager::Secret', 'StripeApiKey') },
  STRIPE_WEBHOOK_SECRET_ARN: { Ref: idIn('AWS::SecretsManager::Secret', 'StripeWebhook') },
  EVENT_BUS_NAME: { Ref: idIn('AWS::Events::EventBus', 'EventsBus') },
};
const byValue = { STAGE: 'dev', STRIPE_PRICES: '[]', APP_URL: 'http://localhost:3000' };

const doorNamed = (name: string) => {
  const door = doors.get(name);
  if (!door) throw new Error(`no door ${name}`);
  return door;
};

const signed = ['TABLE_NAME', 'SIGNING_SECRET_ARN'];
const paying = ['TABLE_NAME', 'STRIPE_API_KEY_SECRET_ARN', 'STRIPE_PRICES'];
const expected = [
  { door: 'estimate', memory: 1024, seconds: 10, knows: signed },
  { door: 'approve', memory: 1024, seconds: 10, knows: signed },
  { door: 'settle', memory: 1024, seconds: 10, knows: signed },
  { door: 'account', memory: 512, seconds: 10, knows: signed },
  { door: 'support', memory: 512, seconds: 10, knows: signed },
  { door: 'pricing', memory: 512, seconds: 10, knows: [] },
  { door: 'billing', memory: 512, seconds: 10, knows: [...paying, 'APP_URL'] },
  { door: 'webhooks', memory: 512, seconds: 20, knows: [...paying, 'STRIPE_WEBHOOK_SECRET_ARN'] },
  { door: 'events', memory: 512, seconds: 60, knows: ['EVENT_BUS_NAME'] },
  { door: 'schedulers/sweep', memory: 1024, seconds: 60, knows: ['TABLE_NAME'] },
  { door: 'schedulers/reconcile', memory: 512, seconds: 300, knows: paying },
  { door: 'schedulers/audit', memory: 1024, seconds: 300, knows: ['TABLE_NAME'] },
];

describe('functions', () => {
  it('are these, and the gate of the user pool', () => {
    expect([...doors.keys()].sort()).toEqual(expected.map(({ door }) => door).sort());
    template.resourceCountIs('AWS::Lambda::Function', expected.length + 1);
  });

  it('run on Node 24, arm64, traced', () => {
    template.allResourcesProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      TracingConfig: { Mode: 'Active' },
      LoggingConfig: { LogFormat: 'JSON', LogGroup: Match.anyValue() },
    });
  });

  it('log to a group of their own that forgets', () => {
    const logging = z.object({ LogGroup: z.unknown() });
    const groups = ofType('AWS::Lambda::Function').map(([, fn]) =>
      idOf(logging.parse(fn.Properties['LoggingConfig']).LogGroup),
    );
    expect(new Set(groups).size).toBe(groups.length);
    for (const id of groups) expect(resources[id]?.Properties['RetentionInDays']).toBe(7);
  });

  it.each(expected)('$door has $memory MB for $seconds s, and knows of table and secrets by reference only', (row) => {
    const { Properties } = doorNamed(row.door);
    expect(Properties['MemorySize']).toBe(row.memory);
    expect(Properties['Timeout']).toBe(row.seconds);
    const known = Object.entries({ ...byReference, ...byValue });
    expect(Properties['Environment']).toEqual({
      Variables: Object.fromEntries(known.filter(([name]) => ['STAGE', ...row.knows].includes(name))),
    });
  });
});

describe('the feed of the bus', () => {
  it('splits a batch that fails, takes it up where it failed, and gives up before the stream forgets', () => {
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      EventSourceArn: { 'Fn::GetAtt': [byReference.TABLE_NAME.Ref, 'StreamArn'] },
      StartingPosition: 'TRIM_HORIZON',
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      MaximumRetryAttempts: 100,
      MaximumRecordAgeInSeconds: 12 * 3600,
      DestinationConfig: { OnFailure: { Destination: Match.anyValue() } },
    });
    template.hasResourceProperties('AWS::SQS::Queue', { SqsManagedSseEnabled: true });
  });
});
