import { Duration, TimeZone } from 'aws-cdk-lib';
import { Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { StepFunctionsStartExecution } from 'aws-cdk-lib/aws-scheduler-targets';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import {
  Choice,
  Condition,
  DefinitionBody,
  DistributedMap,
  JsonPath,
  Pass,
  Result,
  StateMachine,
  TaskInput,
} from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke, SqsSendMessage } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import { LambdaDoor, type LambdaDoorProps } from './door.ts';
import type { Stage } from './stage.ts';

export interface SchedulesProps {
  readonly stage: Stage;
  readonly table: NonNullable<LambdaDoorProps['table']>;
  readonly shards: number;
}

/** All of them in UTC, which is what the rules count in. None of them decides anything: each only tidies up. */
const SCHEDULES = [
  { id: 'LapsedHolds', dueFor: 'deadlines', at: ScheduleExpression.rate(Duration.minutes(1)) },
  {
    id: 'MidnightReset',
    dueFor: 'boundaries',
    at: ScheduleExpression.cron({ minute: '0', hour: '0', timeZone: TimeZone.ETC_UTC }),
  },
  {
    id: 'CyclesAndExpiries',
    dueFor: 'boundaries',
    at: ScheduleExpression.cron({ minute: '5/15', timeZone: TimeZone.ETC_UTC }),
  },
] as const;

/** Shards swept at once: at eight accounts each, some hundreds of writes at a time on a table that takes 40,000 a second. */
const AT_ONCE = 32;

/**
 * The sweeps: EventBridge Scheduler starts a state machine that hands the shards of the due index out to a function, a page at a
 * time, until each is done. A shard that cannot be swept is left in a queue, and found again by the next sweep.
 */
export class Schedules extends Construct {
  constructor(scope: Construct, id: string, { stage, table, shards }: SchedulesProps) {
    super(scope, id);
    const failed = new Queue(this, 'Failed', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    const door = new LambdaDoor(this, 'SchedulersDoor', {
      door: 'schedulers',
      stage,
      memoryMb: 1024,
      timeout: Duration.minutes(1),
      table,
    });

    const sweepShard = new LambdaInvoke(this, 'SweepShard', {
      lambdaFunction: door.function,
      payloadResponseOnly: true,
      resultPath: '$.swept',
    });
    const giveUp = new SqsSendMessage(this, 'GiveUpShard', {
      queue: failed,
      messageBody: TaskInput.fromJsonPathAt('$'),
    });
    sweepShard.addRetry({ maxAttempts: 3, interval: Duration.seconds(2), backoffRate: 2 });
    sweepShard.addCatch(giveUp, { resultPath: '$.fault' });
    const onePass = sweepShard.next(
      new Choice(this, 'Swept')
        .when(Condition.booleanEquals('$.swept.complete', true), new Pass(this, 'ShardDone'))
        .otherwise(sweepShard),
    );
    const everyShard = new DistributedMap(this, 'EveryShard', {
      itemsPath: '$.shards',
      itemSelector: { dueFor: JsonPath.stringAt('$.dueFor'), shard: JsonPath.stringAt('$$.Map.Item.Value') },
      maxConcurrency: AT_ONCE,
      resultPath: JsonPath.DISCARD,
    }).itemProcessor(onePass);
    const allShards = new Pass(this, 'AllShards', {
      result: Result.fromArray(Array.from({ length: shards }, (_, shard) => String(shard))),
      resultPath: '$.shards',
    });
    const machine = new StateMachine(this, 'Sweep', {
      definitionBody: DefinitionBody.fromChainable(allShards.next(everyShard)),
      timeout: Duration.hours(6),
      tracingEnabled: true,
    });

    for (const { id: name, dueFor, at } of SCHEDULES) {
      new Schedule(this, name, {
        schedule: at,
        description: `credits ${stage.name}: sweeps accounts by ${dueFor}`,
        target: new StepFunctionsStartExecution(machine, {
          input: ScheduleTargetInput.fromObject({ dueFor }),
          retryAttempts: 5,
          maxEventAge: Duration.hours(1),
          deadLetterQueue: failed,
        }),
      });
    }
  }
}
