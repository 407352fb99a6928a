import { Duration, TimeZone } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { StepFunctionsStartExecution } from 'aws-cdk-lib/aws-scheduler-targets';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { deadLetterQueue } from './dead-letter-queue.ts';
import { LambdaDoor, type LambdaDoorProps } from './door.ts';
import { ShardMachine } from './shard-machine.ts';
import type { Stage } from './stage.ts';

export interface SchedulesProps {
  readonly stage: Stage;
  /** What a sweep may do on the table. */
  readonly sweeps: NonNullable<LambdaDoorProps['table']>;
  /** What a reconciliation works with. */
  readonly reconciles: Pick<LambdaDoorProps, 'table' | 'secrets' | 'environment'>;
  /** What a ledger check may do on the table: only read. */
  readonly audits: NonNullable<LambdaDoorProps['table']>;
  readonly shards: number;
}

const utc = (minute: string, hour = '*') => ScheduleExpression.cron({ minute, hour, timeZone: TimeZone.ETC_UTC });

/**
 * All of them in UTC, which is what the rules count in. None of them decides anything: each only tidies up, and money that a webhook lost
 * is found. What is due at a midnight, at a cycle's end and at an expiry stands in one index, and so one sweep does all three: right
 * after midnight, when nearly all of it is due, and every quarter of an hour.
 */
const SCHEDULES = [
  {
    id: 'LapsedHoldsAndCrashedSettles',
    does: 'lapses holds past their deadline, finishes settles that a crash left half done',
    job: 'deadlines',
    input: { dueFor: 'deadlines' },
    at: ScheduleExpression.rate(Duration.minutes(1)),
  },
  {
    id: 'MidnightReset',
    does: 'resets the free credits of the day, as of 00:00 UTC',
    job: 'boundaries',
    input: { dueFor: 'boundaries' },
    at: utc('0', '0'),
  },
  {
    id: 'CycleResetsAndPackExpiry',
    does: 'resets billing cycles (the months of yearly plans too), expires packs and other grants',
    job: 'boundaries',
    input: { dueFor: 'boundaries' },
    at: utc('5/15'),
  },
  {
    id: 'ReconcileRecent',
    does: 'acts on what Stripe told of since the last time and no webhook brought',
    job: 'reconcile',
    input: { reconcile: 'recent' },
    at: utc('17'),
  },
  {
    id: 'ReconcileFull',
    does: 'compares with Stripe what was paid, refunded and disputed, whatever it told',
    job: 'reconcile',
    input: { reconcile: 'full' },
    at: utc('43', '3'),
  },
  {
    id: 'LedgerCheck',
    does: 'compares a share of the accounts with their histories, each of them once a week',
    job: 'audit',
    input: { audit: 'sample' },
    at: utc('29'),
  },
] as const;

/** Shards swept at once: at eight accounts each, some hundreds of writes at a time on a table that takes 40,000 a second. */
const AT_ONCE = 32;

/**
 * EventBridge Scheduler starts a state machine, which calls a function until it says that all is done. What cannot be started or done is
 * left in one queue, and found again by the next run.
 */
export class Schedules extends Construct {
  readonly sweep: IFunction;
  readonly reconcile: IFunction;
  readonly audit: IFunction;
  readonly machines: readonly StateMachine[];
  /** What could not be started or done. */
  readonly failed: Queue;

  constructor(scope: Construct, id: string, { stage, sweeps, reconciles, audits, shards }: SchedulesProps) {
    super(scope, id);
    const failed = deadLetterQueue(this, 'Failed');
    const sweep = new LambdaDoor(this, 'SweepDoor', {
      door: 'schedulers/sweep',
      stage,
      memoryMb: 1024,
      timeout: Duration.minutes(1),
      table: sweeps,
    });
    const reconcile = new LambdaDoor(this, 'ReconcileDoor', {
      door: 'schedulers/reconcile',
      stage,
      memoryMb: 512,
      timeout: Duration.minutes(5),
      reservedConcurrency: stage.reserved?.reconcile,
      ...reconciles,
    });
    const audit = new LambdaDoor(this, 'AuditDoor', {
      door: 'schedulers/audit',
      stage,
      memoryMb: 1024,
      timeout: Duration.minutes(5),
      table: audits,
    });

    const sweeping = {
      stage,
      failed,
      function: sweep.function,
      asks: 'dueFor',
      shards: Array.from({ length: shards }, (_, shard) => String(shard)),
      atOnce: AT_ONCE,
    };
    const jobs = {
      deadlines: new ShardMachine(this, 'Deadlines', { ...sweeping, short: true, timeout: Duration.minutes(10) }),
      boundaries: new ShardMachine(this, 'Boundaries', { ...sweeping, short: false, timeout: Duration.hours(6) }),
      reconcile: new ShardMachine(this, 'Reconcile', {
        stage,
        failed,
        function: reconcile.function,
        asks: 'reconcile',
        // Stripe's lists are read from one end to the other.
        shards: ['all'],
        atOnce: 1,
        short: false,
        timeout: Duration.hours(6),
      }),
      audit: new ShardMachine(this, 'Audit', {
        stage,
        failed,
        function: audit.function,
        asks: 'audit',
        // The hour says which share of the table it is.
        shards: ['all'],
        atOnce: 1,
        short: false,
        timeout: Duration.minutes(30),
      }),
    };

    this.sweep = sweep.function;
    this.reconcile = reconcile.function;
    this.audit = audit.function;
    this.machines = Object.values(jobs).map(({ machine }) => machine);
    this.failed = failed;

    for (const { id: name, does, job, input, at } of SCHEDULES) {
      new Schedule(this, name, {
        schedule: at,
        description: `credits ${stage.name}: ${does}`,
        target: new StepFunctionsStartExecution(jobs[job].machine, {
          input: ScheduleTargetInput.fromObject(input),
          retryAttempts: 5,
          maxEventAge: Duration.hours(1),
          deadLetterQueue: failed,
        }),
      });
    }
  }
}
