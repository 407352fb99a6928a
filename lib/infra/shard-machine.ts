import { CfnElement, Duration, Stack, Validations } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import {
  Choice,
  Condition,
  DefinitionBody,
  DistributedMap,
  JsonPath,
  LogLevel,
  Pass,
  Result,
  StateMachine,
  StateMachineType,
  TaskInput,
} from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke, SqsSendMessage } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct, type IConstruct } from 'constructs';
import { logGroup } from './log-group.ts';
import type { Stage } from './stage.ts';

export interface ShardMachineProps {
  readonly stage: Stage;
  /** Takes `{[asks], shard}` and answers `{complete}`: whether the shard is done. */
  readonly function: IFunction;
  /** The field of the machine's input that is handed on to the function. */
  readonly asks: string;
  readonly shards: readonly string[];
  /** Shards worked on at once. */
  readonly atOnce: number;
  /**
   * Whether a shard is always done within five minutes, or may be left for the next run. It then costs by the time it takes; otherwise by
   * the step, which for many shards every minute is some $280 a month with nothing to do (4 steps of $25 a million, 2026-11).
   */
  readonly short: boolean;
  /** When a run is given up. */
  readonly timeout: Duration;
  /** Where a shard that failed again and again is left, and a run that did not end well. */
  readonly failed: Queue;
}

/**
 * A state machine that hands shards out to a function and calls it for each, again and again, until that shard is done. One that fails is
 * tried three times more, then left in a queue; the others go on.
 */
export class ShardMachine extends Construct {
  readonly machine: StateMachine;

  constructor(scope: Construct, id: string, props: ShardMachineProps) {
    super(scope, id);
    const { stage, function: fn, asks, shards, atOnce, short, timeout, failed } = props;

    const workOn = new LambdaInvoke(this, 'WorkOnShard', {
      lambdaFunction: fn,
      payloadResponseOnly: true,
      resultPath: '$.answer',
    });
    // It has a share of its own, and that is in use: not a fault, only a wait.
    workOn.addRetry({
      errors: ['Lambda.TooManyRequestsException'],
      interval: Duration.seconds(30),
      backoffRate: 1,
      maxAttempts: 120,
    });
    workOn.addRetry({ maxAttempts: 3, interval: Duration.seconds(2), backoffRate: 2 });
    const giveUp = new SqsSendMessage(this, 'GiveUpShard', {
      queue: failed,
      messageBody: TaskInput.fromJsonPathAt('$'),
    });
    workOn.addCatch(giveUp, { resultPath: '$.fault' });
    const untilDone = workOn.next(
      new Choice(this, 'IsComplete')
        .when(Condition.booleanEquals('$.answer.complete', true), new Pass(this, 'ShardDone'))
        .otherwise(workOn),
    );
    const everyShard = new DistributedMap(this, 'EveryShard', {
      itemsPath: '$.shards',
      itemSelector: { [asks]: JsonPath.stringAt(`$.${asks}`), shard: JsonPath.stringAt('$$.Map.Item.Value') },
      maxConcurrency: atOnce,
      mapExecutionType: short ? StateMachineType.EXPRESS : StateMachineType.STANDARD,
      toleratedFailurePercentage: 100,
      resultPath: JsonPath.DISCARD,
    }).itemProcessor(untilDone);
    const allShards = new Pass(this, 'AllShards', { result: Result.fromArray([...shards]), resultPath: '$.shards' });

    this.machine = new StateMachine(this, 'Machine', {
      definitionBody: DefinitionBody.fromChainable(allShards.next(everyShard)),
      timeout,
      tracingEnabled: true,
      logs: { destination: logGroup(this, 'Logs', stage), level: LogLevel.ALL, includeExecutionData: false },
    });
    new Rule(this, 'NotDone', {
      description: `credits ${stage.name}: a run of ${id} that did not end well`,
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: { stateMachineArn: [this.machine.stateMachineArn], status: ['FAILED', 'TIMED_OUT', 'ABORTED'] },
      },
      targets: [new SqsQueue(failed)],
    });
    acceptWildcards(this.machine, fn);
  }
}

const logicalId = (construct: IConstruct): string => {
  const resource = construct.node.defaultChild;
  if (!CfnElement.isCfnElement(resource)) throw new Error(`${construct.node.path} is no one resource`);
  return Stack.of(construct).getLogicalId(resource);
};

/** Which wildcards CDK writes into a machine's role, and why it cannot do with less. */
const acceptWildcards = (machine: StateMachine, fn: IFunction): void => {
  const name = `{"Fn::Select":[6,{"Fn::Split":[":",{"Ref":"${logicalId(machine)}"}]}]}`;
  const execution = `arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:${name}`;
  const accepted = [
    ['*', 'X-Ray’s and CloudWatch’s log delivery actions know no resource'],
    [`<${logicalId(fn)}.Arn>:*`, 'The versions of this one function'],
    [`${execution}:*`, 'The executions of this one machine: a Distributed Map starts, watches and stops its own'],
    [`${execution}/*:*`, 'The map runs of this one machine'],
  ] as const;
  Validations.of(machine).acknowledge(
    ...accepted.map(([resource, reason]) => ({ id: `AwsSolutions-IAM5[Resource::${resource}]`, reason })),
  );
};
