import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { SHARDS } from '../../lib/domain/shards.ts';
import { idOf, synthesize } from './synthesize.ts';

const { ofType, doors, resources } = synthesize();

const schedule = z.object({
  Description: z.string(),
  ScheduleExpression: z.string(),
  ScheduleExpressionTimezone: z.string(),
  State: z.literal('ENABLED'),
  Target: z.object({
    Arn: z.unknown(),
    Input: z.string(),
    RetryPolicy: z.object({ MaximumRetryAttempts: z.int(), MaximumEventAgeInSeconds: z.int() }),
    DeadLetterConfig: z.object({ Arn: z.unknown() }),
  }),
});
const schedules = ofType('AWS::Scheduler::Schedule').map(([id, one]) => ({ id, ...schedule.parse(one.Properties) }));
const queues = ofType('AWS::SQS::Queue').map(([id]) => id);

const machine = z.object({
  DefinitionString: z.object({ 'Fn::Join': z.tuple([z.literal(''), z.array(z.unknown())]) }),
});
const state = z.looseObject({ Type: z.string(), Next: z.optional(z.string()), End: z.optional(z.boolean()) });
const definition = z.object({
  TimeoutSeconds: z.int(),
  States: z.object({
    AllShards: z.object({ Result: z.array(z.string()), ResultPath: z.literal('$.shards') }),
    EveryShard: z.object({
      ItemsPath: z.literal('$.shards'),
      ItemSelector: z.record(z.string(), z.string()),
      MaxConcurrency: z.int(),
      ToleratedFailurePercentage: z.literal(100),
      ItemProcessor: z.object({
        ProcessorConfig: z.object({ Mode: z.literal('DISTRIBUTED'), ExecutionType: z.string() }),
        States: z.record(z.string(), state),
      }),
    }),
  }),
});
const machines = ofType('AWS::StepFunctions::StateMachine').map(([id, { Properties }]) => {
  const [, pieces] = machine.parse(Properties).DefinitionString['Fn::Join'];
  const text = pieces.map((piece) => (typeof piece === 'string' ? piece : 'reference')).join('');
  const called = pieces
    .filter((piece) => typeof piece === 'object' && JSON.stringify(piece).includes('GetAtt'))
    .map((piece) => resources[idOf(piece)]?.Metadata?.['credits:door']);
  return { id, called, Properties, ...definition.parse(JSON.parse(text)) };
});
const machineOf = (name: string) => {
  const found = machines.find(({ id }) => id.startsWith(`Schedules${name}Machine`));
  if (!found) throw new Error(`no machine ${name}`);
  return found;
};

describe('schedules', () => {
  it.each([
    { name: 'LapsedHoldsAndCrashedSettles', at: 'rate(1 minute)', runs: 'Deadlines', input: { dueFor: 'deadlines' } },
    { name: 'MidnightReset', at: 'cron(0 0 * * ? *)', runs: 'Boundaries', input: { dueFor: 'boundaries' } },
    {
      name: 'CycleResetsAndPackExpiry',
      at: 'cron(5/15 * * * ? *)',
      runs: 'Boundaries',
      input: { dueFor: 'boundaries' },
    },
    { name: 'ReconcileRecent', at: 'cron(17 * * * ? *)', runs: 'Reconcile', input: { reconcile: 'recent' } },
    { name: 'ReconcileFull', at: 'cron(43 3 * * ? *)', runs: 'Reconcile', input: { reconcile: 'full' } },
    { name: 'LedgerCheck', at: 'cron(29 * * * ? *)', runs: 'Audit', input: { audit: 'sample' } },
  ])('$name is started at $at, in UTC', ({ name, at, runs, input }) => {
    const found = schedules.filter(({ id }) => id.startsWith(`Schedules${name}`));
    expect(found).toMatchObject([{ ScheduleExpression: at, ScheduleExpressionTimezone: 'Etc/UTC' }]);
    expect(found.map(({ Target }) => [idOf(Target.Arn), JSON.parse(Target.Input)])).toEqual([
      [machineOf(runs).id, input],
    ]);
  });

  it('are these six, each saying what it does', () => {
    expect(schedules).toHaveLength(6);
    expect(new Set(schedules.map(({ Description }) => Description)).size).toBe(6);
  });

  it('start what they start, try again when that fails, and leave a trace when they give up', () => {
    for (const { Target } of schedules) {
      expect(Target.RetryPolicy.MaximumRetryAttempts).toBeGreaterThan(0);
      expect(queues).toContain(idOf(Target.DeadLetterConfig.Arn));
    }
  });
});

describe.each([
  { name: 'Deadlines', door: 'schedulers/sweep', asks: 'dueFor', shards: SHARDS, atOnce: 32, type: 'EXPRESS', s: 600 },
  {
    name: 'Boundaries',
    door: 'schedulers/sweep',
    asks: 'dueFor',
    shards: SHARDS,
    atOnce: 32,
    type: 'STANDARD',
    s: 21_600,
  },
  {
    name: 'Reconcile',
    door: 'schedulers/reconcile',
    asks: 'reconcile',
    shards: 'all',
    atOnce: 1,
    type: 'STANDARD',
    s: 21_600,
  },
  { name: 'Audit', door: 'schedulers/audit', asks: 'audit', shards: 'all', atOnce: 1, type: 'STANDARD', s: 1800 },
])('the machine $name', ({ name, door, asks, shards, atOnce, type, s }) => {
  const { id, called, States, TimeoutSeconds, Properties } = machineOf(name);
  const { EveryShard } = States;
  const { WorkOnShard, IsComplete, GiveUpShard } = EveryShard.ItemProcessor.States;

  it('hands out every shard to its function, a bounded number at a time', () => {
    const all = typeof shards === 'number' ? Array.from({ length: shards }, (_, shard) => String(shard)) : [shards];
    expect(States.AllShards.Result).toEqual(all);
    expect(EveryShard.MaxConcurrency).toBe(atOnce);
    expect(EveryShard.ItemSelector).toEqual({ [`${asks}.$`]: `$.${asks}`, 'shard.$': '$$.Map.Item.Value' });
    expect(called).toEqual([door]);
  });

  it('calls for a shard until it is complete, for so long and no longer', () => {
    expect(WorkOnShard?.Next).toBe('IsComplete');
    expect(IsComplete).toMatchObject({
      Choices: [{ Variable: '$.answer.complete', BooleanEquals: true, Next: 'ShardDone' }],
      Default: 'WorkOnShard',
    });
    expect(TimeoutSeconds).toBe(s);
    expect(EveryShard.ItemProcessor.ProcessorConfig.ExecutionType).toBe(type);
  });

  it('leaves a shard that fails again and again in a queue, waits for a busy function, and works on the others', () => {
    expect(WorkOnShard?.['Catch']).toMatchObject([{ ErrorEquals: ['States.ALL'], Next: 'GiveUpShard' }]);
    expect(WorkOnShard?.['Retry']).toContainEqual(
      expect.objectContaining({ ErrorEquals: ['Lambda.TooManyRequestsException'], MaxAttempts: 120 }),
    );
    expect(WorkOnShard?.['Retry']).toContainEqual(
      expect.objectContaining({ ErrorEquals: ['States.ALL'], MaxAttempts: 3 }),
    );
    expect(GiveUpShard?.End).toBe(true);
  });

  it('leaves a run that ends otherwise than well in the queue too, and logs without what it worked on', () => {
    const rule = ofType('AWS::Events::Rule').find(([one]) => one.startsWith(`Schedules${name}NotDone`))?.[1];
    expect(rule?.Properties).toMatchObject({
      EventPattern: { detail: { stateMachineArn: [{ Ref: id }], status: ['FAILED', 'TIMED_OUT', 'ABORTED'] } },
      Targets: [{ Arn: { 'Fn::GetAtt': [expect.stringMatching(/^SchedulesFailed/), 'Arn'] } }],
    });
    expect(Properties['LoggingConfiguration']).toMatchObject({ Level: 'ALL', IncludeExecutionData: false });
  });
});

it('a pass of a sweep ends within a minute, of a reconciliation or a ledger check within five', () => {
  expect(doors.get('schedulers/sweep')?.Properties['Timeout']).toBe(60);
  expect(doors.get('schedulers/reconcile')?.Properties['Timeout']).toBe(300);
  expect(doors.get('schedulers/audit')?.Properties['Timeout']).toBe(300);
});
