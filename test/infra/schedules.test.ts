import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { SHARDS } from '../../lib/domain/shards.ts';
import { idOf, synthesize } from './synthesize.ts';

const { template, ofType, doors } = synthesize();

const schedule = z.object({
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
const schedules = ofType('AWS::Scheduler::Schedule').map(([, one]) => schedule.parse(one.Properties));
const [machineId] = ofType('AWS::StepFunctions::StateMachine').map(([id]) => id);

describe('schedules', () => {
  it('lapse holds every minute, reset at midnight and tidy up every quarter of an hour, in UTC', () => {
    const said = schedules.map((one) => [
      one.ScheduleExpression,
      one.ScheduleExpressionTimezone,
      JSON.parse(one.Target.Input),
    ]);
    expect(said.sort()).toEqual([
      ['cron(0 0 * * ? *)', 'Etc/UTC', { dueFor: 'boundaries' }],
      ['cron(5/15 * * * ? *)', 'Etc/UTC', { dueFor: 'boundaries' }],
      ['rate(1 minute)', 'Etc/UTC', { dueFor: 'deadlines' }],
    ]);
  });

  it('start the sweep, try again when that fails, and leave a trace when they give up', () => {
    for (const { Target } of schedules) {
      expect(idOf(Target.Arn)).toBe(machineId);
      expect(Target.RetryPolicy.MaximumRetryAttempts).toBeGreaterThan(0);
      expect(ofType('AWS::SQS::Queue').map(([id]) => id)).toContain(idOf(Target.DeadLetterConfig.Arn));
    }
  });
});

describe('the sweep', () => {
  const machine = z
    .object({ DefinitionString: z.object({ 'Fn::Join': z.tuple([z.literal(''), z.array(z.unknown())]) }) })
    .parse(template.findResources('AWS::StepFunctions::StateMachine')[machineId ?? '']?.['Properties']);
  const [, pieces] = machine.DefinitionString['Fn::Join'];
  const definition = JSON.parse(pieces.map((piece) => (typeof piece === 'string' ? piece : 'reference')).join(''));

  it('hands out every shard, a bounded number at a time, and goes on with each until it is done', () => {
    expect(definition.States.AllShards.Result).toEqual(Array.from({ length: SHARDS }, (_, shard) => String(shard)));
    const { ItemProcessor, MaxConcurrency, ItemsPath } = definition.States.EveryShard;
    expect(ItemsPath).toBe('$.shards');
    expect(ItemProcessor.ProcessorConfig.Mode).toBe('DISTRIBUTED');
    expect(MaxConcurrency).toBe(32);
    expect(ItemProcessor.States.Swept).toMatchObject({
      Choices: [{ Variable: '$.swept.complete', BooleanEquals: true, Next: 'ShardDone' }],
      Default: 'SweepShard',
    });
  });

  it('leaves a shard that fails again and again in a queue, and sweeps the others', () => {
    const { SweepShard, GiveUpShard } = definition.States.EveryShard.ItemProcessor.States;
    expect(SweepShard.Catch).toMatchObject([{ ErrorEquals: ['States.ALL'], Next: 'GiveUpShard' }]);
    expect(GiveUpShard.End).toBe(true);
  });

  it('may read what is due, bring accounts up, and nothing else', () => {
    const door = doors.get('schedulers');
    const { Role } = z.object({ Role: z.unknown() }).parse(door?.Properties);
    const actions = ofType('AWS::IAM::Policy')
      .filter(([, { Properties }]) =>
        z
          .array(z.unknown())
          .parse(Properties['Roles'])
          .some((one) => idOf(one) === idOf(Role)),
      )
      .flatMap(([, { Properties }]) => JSON.stringify(Properties).match(/dynamodb:\w+/g) ?? []);
    expect(actions.sort()).toEqual([
      'dynamodb:BatchGetItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
      'dynamodb:UpdateItem',
    ]);
  });
});
