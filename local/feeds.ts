import * as z from 'zod/mini';
import { type LambdaFunction, readFunction } from './routes.ts';
import { ofType, referred, type Template } from './template.ts';

/** The function behind the table's stream. */
export interface StreamFeed {
  readonly fn: LambdaFunction;
  readonly batchSize: number;
}

/** A schedule of the stack, and what it hands to the function its state machine calls for every shard. */
export interface StackSchedule {
  readonly id: string;
  /** `rate(1 minute)` or `cron(0 0 * * ? *)`, in UTC. */
  readonly expression: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly shards: readonly string[];
  readonly fn: LambdaFunction;
}

const mapping = z.object({ FunctionName: z.unknown(), BatchSize: z.int() });

export const readStreamFeeds = (template: Template): readonly StreamFeed[] =>
  ofType(template, 'AWS::Lambda::EventSourceMapping').map(([, { Properties }]) => {
    const { FunctionName, BatchSize } = mapping.parse(Properties);
    const [id] = referred(template, FunctionName, 'AWS::Lambda::Function');
    return { fn: readFunction(template, id), batchSize: BatchSize };
  });

const schedule = z.object({
  ScheduleExpression: z.string(),
  ScheduleExpressionTimezone: z.literal('Etc/UTC'),
  Target: z.object({ Arn: z.unknown(), Input: z.string() }),
});
const machine = z.object({
  DefinitionString: z.object({ 'Fn::Join': z.tuple([z.literal(''), z.array(z.unknown())]) }),
});
const definition = z.object({ States: z.object({ AllShards: z.object({ Result: z.array(z.string()) }) }) });

export const readSchedules = (template: Template): readonly StackSchedule[] =>
  ofType(template, 'AWS::Scheduler::Schedule').map(([id, { Properties }]) => {
    const { ScheduleExpression, Target } = schedule.parse(Properties);
    const [, { Properties: stateMachine }] = referred(template, Target.Arn, 'AWS::StepFunctions::StateMachine');
    const pieces = machine.parse(stateMachine).DefinitionString['Fn::Join'][1];
    const text = pieces.map((piece) => (typeof piece === 'string' ? piece : 'reference')).join('');
    const [functionId] = referred(template, pieces, 'AWS::Lambda::Function');
    return {
      id,
      expression: ScheduleExpression,
      input: z.record(z.string(), z.unknown()).parse(JSON.parse(Target.Input)),
      shards: definition.parse(JSON.parse(text)).States.AllShards.Result,
      fn: readFunction(template, functionId),
    };
  });
