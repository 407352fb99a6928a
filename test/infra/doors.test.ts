import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { idOf, synthesize } from './synthesize.ts';

const { template, ofType, doors, resources } = synthesize();
const [table] = ofType('AWS::DynamoDB::Table').map(([id]) => id);
const [secret] = ofType('AWS::SecretsManager::Secret').map(([id]) => id);

const listOf = <T extends z.ZodMiniType>(item: T) =>
  z.pipe(
    z.transform((value: unknown) => (Array.isArray(value) ? value : [value])),
    z.array(item),
  );
const policy = z.object({
  Roles: z.array(z.unknown()),
  PolicyDocument: z.object({
    Statement: z.array(
      z.object({ Effect: z.literal('Allow'), Action: listOf(z.string()), Resource: listOf(z.unknown()) }),
    ),
  }),
});
const joined = z.object({ 'Fn::Join': z.tuple([z.literal(''), z.array(z.unknown())]) });
/** A resource by its logical id; of an ARN put together, the pieces: `Table…/index/*`. */
const named = (resource: unknown): string => {
  if (typeof resource === 'string') return resource;
  if (z.object({ 'Fn::Select': z.unknown() }).safeParse(resource).success) return '<part>';
  const pieces = joined.safeParse(resource);
  return pieces.success ? pieces.data['Fn::Join'][1].map(named).join('') : idOf(resource);
};

/** What a role may do: every action with every resource, as `action on <logical id or *>`. */
const allowed = (role: unknown): string[] =>
  ofType('AWS::IAM::Policy')
    .map(([, r]) => policy.parse(r.Properties))
    .filter((p) => p.Roles.some((one) => idOf(one) === idOf(role)))
    .flatMap((p) => p.PolicyDocument.Statement)
    .flatMap(({ Action, Resource }) => Action.flatMap((action) => Resource.map((on) => `${action} on ${named(on)}`)))
    .sort();

const doorNamed = (name: string) => {
  const door = doors.get(name);
  if (!door) throw new Error(`no door ${name}`);
  return door;
};

const items = ['BatchGetItem', 'GetItem', 'PutItem', 'UpdateItem'];
const expected = [
  { door: 'estimate', memory: 1024, table: ['BatchGetItem', 'GetItem'], signs: true },
  { door: 'approve', memory: 1024, table: items, signs: true },
  { door: 'settle', memory: 1024, table: items, signs: true },
  { door: 'account', memory: 512, table: [...items, 'Query'], signs: true },
  { door: 'support', memory: 512, table: items, signs: true },
  { door: 'pricing', memory: 512, table: [], signs: false },
];

describe('functions', () => {
  it('are the doors, the feed of the bus, the sweeps, and the gate of the user pool', () => {
    expect([...doors.keys()].sort()).toEqual([...expected.map(({ door }) => door), 'events', 'schedulers'].sort());
    template.resourceCountIs('AWS::Lambda::Function', expected.length + 3);
  });

  it('run on Node 24, arm64, traced; what a person waits for, for at most ten seconds', () => {
    template.allResourcesProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      TracingConfig: { Mode: 'Active' },
      LoggingConfig: { LogFormat: 'JSON', LogGroup: Match.anyValue() },
    });
    for (const { door } of expected) expect(doorNamed(door).Properties['Timeout']).toBeLessThanOrEqual(10);
  });

  it('log to a group of their own that forgets', () => {
    const logging = z.object({ LogGroup: z.unknown() });
    const groups = ofType('AWS::Lambda::Function').map(([, fn]) =>
      idOf(logging.parse(fn.Properties['LoggingConfig']).LogGroup),
    );
    expect(new Set(groups).size).toBe(groups.length);
    for (const id of groups) expect(resources[id]?.Properties['RetentionInDays']).toBe(7);
  });

  it.each(expected)(
    '$door has $memory MB and knows of the table and the key only by reference',
    ({ door, memory, table: actions, signs }) => {
      const { Properties } = doorNamed(door);
      expect(Properties['MemorySize']).toBe(memory);
      expect(Properties['Environment']).toEqual({
        Variables: {
          STAGE: 'dev',
          ...(actions.length > 0 && { TABLE_NAME: { Ref: table } }),
          ...(signs && { SIGNING_SECRET_ARN: { Ref: secret } }),
        },
      });
    },
  );
});

describe('roles', () => {
  it.each(expected)(
    '$door may do its table actions, read its key, log and trace, and nothing else',
    ({ door, table: actions, signs }) => {
      const { Role, LoggingConfig } = z
        .object({ Role: z.unknown(), LoggingConfig: z.object({ LogGroup: z.unknown() }) })
        .parse(doorNamed(door).Properties);
      const logs = idOf(LoggingConfig.LogGroup);
      expect(allowed(Role)).toEqual(
        [
          ...actions.map((action) => `dynamodb:${action} on ${table}`),
          ...(signs ? [`secretsmanager:GetSecretValue on ${secret}`] : []),
          `logs:CreateLogStream on ${logs}`,
          `logs:PutLogEvents on ${logs}`,
          'xray:PutTelemetryRecords on *',
          'xray:PutTraceSegments on *',
        ].sort(),
      );
    },
  );

  it('events may read the stream, put on the bus, leave what fails in its queue, log and trace, and nothing else', () => {
    const { Role, LoggingConfig, Environment } = z
      .object({ Role: z.unknown(), LoggingConfig: z.object({ LogGroup: z.unknown() }), Environment: z.unknown() })
      .parse(doorNamed('events').Properties);
    const logs = idOf(LoggingConfig.LogGroup);
    const [bus] = ofType('AWS::Events::EventBus').map(([id]) => id);
    const [queue] = ofType('AWS::SQS::Queue')
      .map(([id]) => id)
      .filter((id) => id.startsWith('Events'));
    expect(Environment).toEqual({ Variables: { STAGE: 'dev', EVENT_BUS_NAME: { Ref: bus } } });
    expect(allowed(Role)).toEqual(
      [
        ...['DescribeStream', 'GetRecords', 'GetShardIterator'].map((action) => `dynamodb:${action} on ${table}`),
        `events:PutEvents on ${bus}`,
        ...['GetQueueAttributes', 'GetQueueUrl', 'SendMessage'].map((action) => `sqs:${action} on ${queue}`),
        `logs:CreateLogStream on ${logs}`,
        `logs:PutLogEvents on ${logs}`,
        'xray:PutTelemetryRecords on *',
        'xray:PutTraceSegments on *',
      ].sort(),
    );
  });

  it('events splits a batch that fails, takes it up where it failed, and gives up before the stream forgets', () => {
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      EventSourceArn: { 'Fn::GetAtt': [table, 'StreamArn'] },
      StartingPosition: 'TRIM_HORIZON',
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      MaximumRetryAttempts: 100,
      MaximumRecordAgeInSeconds: 12 * 3600,
      DestinationConfig: { OnFailure: { Destination: Match.anyValue() } },
    });
    template.hasResourceProperties('AWS::SQS::Queue', { SqsManagedSseEnabled: true });
  });

  it('have no wildcard but X-Ray’s resource, which has no other, and what lies within one named thing', () => {
    const all = ofType('AWS::IAM::Role').flatMap(([id]) => allowed({ Ref: id }));
    expect(all.length).toBeGreaterThan(0);
    const within = [`dynamodb:Query on ${table}/index/*`, `lambda:InvokeFunction on ${doorNamed('schedulers').id}:*`];
    const wide = all.filter((one) => one.includes('*') && !within.includes(one));
    expect(wide.filter((one) => !/^(xray:(Put|GetSampling)\w+ on \*|states:\w+ on arn:.*<part>.*)$/.test(one))).toEqual(
      [],
    );
  });

  it('have no managed or inline policy beside, and only Lambda, Step Functions and the scheduler take them', () => {
    for (const [, { Properties }] of ofType('AWS::IAM::Role')) {
      expect(Object.keys(Properties)).toEqual(['AssumeRolePolicyDocument']);
      expect(Properties['AssumeRolePolicyDocument']).toMatchObject({
        Statement: [
          {
            Action: 'sts:AssumeRole',
            Principal: { Service: expect.stringMatching(/^(lambda|states|scheduler)\.amazonaws\.com$/) },
          },
        ],
      });
    }
  });
});
