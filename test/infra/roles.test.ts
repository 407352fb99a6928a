import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { idOf, type Resource, synthesize } from './synthesize.ts';

const { ofType } = synthesize({ origins: 'https://app.example.com' });

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
/** The name out of a machine's ARN. */
const nameInArn = z.object({
  'Fn::Select': z.tuple([z.literal(6), z.object({ 'Fn::Split': z.tuple([z.literal(':'), z.unknown()]) })]),
});

/** Without the eight digits that CDK puts behind a name. */
const plain = (id: string): string => id.replace(/[0-9A-F]{8}$/, '');
/** A resource by its name; of an ARN put together, the pieces: `Table/index/byDeadline`. */
const named = (resource: unknown): string => {
  if (typeof resource === 'string') return resource;
  const pieces = joined.safeParse(resource);
  if (pieces.success) return pieces.data['Fn::Join'][1].map(named).join('');
  const part = nameInArn.safeParse(resource);
  return part.success ? named(part.data['Fn::Select'][1]['Fn::Split'][1]) : plain(idOf(resource));
};

/** What a role may do: every action on every resource. */
const allowedTo = (roleId: string): string[] =>
  ofType('AWS::IAM::Policy')
    .map(([, r]) => policy.parse(r.Properties))
    .filter((p) => p.Roles.some((one) => idOf(one) === roleId))
    .flatMap((p) => p.PolicyDocument.Statement)
    .flatMap(({ Action, Resource }) => Action.flatMap((action) => Resource.map((on) => `${action} on ${named(on)}`)))
    .sort();

const items = ['BatchGetItem', 'GetItem', 'PutItem', 'UpdateItem'].map((action) => `dynamodb:${action} on Table`);
const reads = (...secrets: string[]) => secrets.map((secret) => `secretsmanager:GetSecretValue on ${secret}`);
const within = (region: string) => `arn:AWS::Partition:states:AWS::Region:AWS::AccountId:${region}`;

/** The functions; each may log to its own group and trace as well. */
const FUNCTIONS: Readonly<Record<string, readonly string[]>> = {
  EstimateDoor: ['dynamodb:BatchGetItem on Table', 'dynamodb:GetItem on Table', ...reads('SigningKey')],
  ApproveDoor: [...items, ...reads('SigningKey')],
  SettleDoor: [...items, ...reads('SigningKey')],
  AccountDoor: [...items, 'dynamodb:Query on Table', ...reads('SigningKey')],
  SupportDoor: [...items, ...reads('SigningKey')],
  PricingDoor: [],
  BillingDoor: [...items, ...reads('StripeApiKey')],
  WebhooksDoor: [...items, ...reads('StripeApiKey', 'StripeWebhook')],
  EventsEventsDoor: [
    ...['DescribeStream', 'GetRecords', 'GetShardIterator'].map((action) => `dynamodb:${action} on Table`),
    'dynamodb:ListStreams on *',
    'events:PutEvents on EventsBus',
    ...['GetQueueAttributes', 'GetQueueUrl', 'SendMessage'].map((action) => `sqs:${action} on EventsFailed`),
  ],
  SchedulesSweepDoor: [
    ...items,
    'dynamodb:Query on Table/index/byBoundary',
    'dynamodb:Query on Table/index/byDeadline',
  ],
  SchedulesReconcileDoor: [...items, ...reads('StripeApiKey')],
  SchedulesAuditDoor: ['GetItem', 'Query', 'Scan'].map((action) => `dynamodb:${action} on Table`),
  IdentitySupportGate: [],
};

const MACHINES = [
  { machine: 'SchedulesDeadlinesMachine', calls: 'SchedulesSweepDoorFunction' },
  { machine: 'SchedulesBoundariesMachine', calls: 'SchedulesSweepDoorFunction' },
  { machine: 'SchedulesReconcileMachine', calls: 'SchedulesReconcileDoorFunction' },
  { machine: 'SchedulesAuditMachine', calls: 'SchedulesAuditDoorFunction' },
];

/** Every wildcard there may be, and why it cannot be less. */
const WILDCARDS: readonly { readonly may: RegExp; readonly because: string }[] = [
  { may: /^xray:(PutTelemetryRecords|PutTraceSegments) on \*$/, because: 'X-Ray’s actions know no resource' },
  { may: /^xray:GetSampling(Rules|Targets) on \*$/, because: 'X-Ray’s actions know no resource' },
  {
    may: /^logs:((Create|Get|Update|Delete)LogDelivery|ListLogDeliveries|(Put|Describe)Resource(Policy|Policies)|DescribeLogGroups) on \*$/,
    because: 'a state machine sets up its own log delivery, by actions that know no resource',
  },
  { may: /^dynamodb:ListStreams on \*$/, because: 'a list of streams is of the account, and of no stream' },
  {
    may: /^lambda:InvokeFunction on Schedules(Sweep|Reconcile|Audit)DoorFunction:\*$/,
    because: 'the versions of one function',
  },
  {
    may: /^states:(Describe|Stop|Redrive)Execution on \S+:execution:Schedules(Deadlines|Boundaries|Reconcile|Audit)Machine(\/\*)?:\*$/,
    because: 'the runs of a machine’s own Distributed Map, whose ids it cannot know before',
  },
];

const isFor = (service: string) => (one: [string, Resource]) =>
  JSON.stringify(one[1].Properties['AssumeRolePolicyDocument']).includes(`"${service}.amazonaws.com"`);
const rolesOf = (service: string) => ofType('AWS::IAM::Role').filter(isFor(service));

describe('what each role may do', () => {
  it.each(Object.entries(FUNCTIONS))('%s', (name, may) => {
    const [id = ''] = rolesOf('lambda').find(([one]) => plain(one) === `${name}Role`) ?? [];
    const always = [
      `logs:CreateLogStream on ${name}Logs`,
      `logs:PutLogEvents on ${name}Logs`,
      'xray:PutTelemetryRecords on *',
      'xray:PutTraceSegments on *',
    ];
    expect(allowedTo(id)).toEqual([...may, ...always].sort());
  });

  it.each(MACHINES)('$machine', ({ machine, calls }) => {
    const [id = ''] = rolesOf('states').find(([one]) => plain(one) === `${machine}Role`) ?? [];
    const delivery = ['Create', 'Get', 'Update', 'Delete'].map((verb) => `logs:${verb}LogDelivery on *`);
    const others = ['ListLogDeliveries', 'PutResourcePolicy', 'DescribeResourcePolicies', 'DescribeLogGroups'];
    const xray = ['PutTelemetryRecords', 'PutTraceSegments', 'GetSamplingRules', 'GetSamplingTargets'];
    expect(allowedTo(id)).toEqual(
      [
        `lambda:InvokeFunction on ${calls}`,
        `lambda:InvokeFunction on ${calls}:*`,
        'sqs:SendMessage on SchedulesFailed',
        `states:StartExecution on ${machine}`,
        `states:DescribeExecution on ${within(`execution:${machine}:*`)}`,
        `states:StopExecution on ${within(`execution:${machine}:*`)}`,
        `states:RedriveExecution on ${within(`execution:${machine}/*:*`)}`,
        ...delivery,
        ...others.map((action) => `logs:${action} on *`),
        ...xray.map((action) => `xray:${action} on *`),
      ].sort(),
    );
  });

  it('a schedule: to start its machine, and to leave a message where it cannot', () => {
    const may = rolesOf('scheduler').map(([id]) => allowedTo(id));
    expect(may.sort()).toEqual(
      MACHINES.map(({ machine }) => [
        'sqs:SendMessage on SchedulesFailed',
        `states:StartExecution on ${machine}`,
      ]).sort(),
    );
  });

  it('and there is no other role, no policy but these, and nobody else who may take one', () => {
    expect(ofType('AWS::IAM::Role')).toHaveLength(Object.keys(FUNCTIONS).length + 2 * MACHINES.length);
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
    expect(ofType('AWS::IAM::ManagedPolicy')).toEqual([]);
  });
});

describe('wildcards', () => {
  const wide = ofType('AWS::IAM::Role')
    .flatMap(([id]) => allowedTo(id))
    .filter((one) => one.includes('*'));

  it('each have a reason', () => {
    expect(wide.filter((one) => !WILDCARDS.some(({ may }) => may.test(one)))).toEqual([]);
  });

  it.each(WILDCARDS)('are still there for the reason that $because', ({ may }) => {
    expect(wide.some((one) => may.test(one))).toBe(true);
  });

  it('are in no action', () => {
    expect(wide.filter((one) => (one.split(' on ')[0] ?? '*').includes('*'))).toEqual([]);
  });
});
