import { Duration } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping, type IFunction, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { deadLetterQueue } from './dead-letter-queue.ts';
import { LambdaDoor } from './door.ts';
import type { Stage } from './stage.ts';

/**
 * The bus, and the function that feeds it from the table's stream: nothing a hold or a settle does waits for it. A batch that
 * fails is split and tried again; what still fails after a hundred tries or half a day goes to a queue by its place in the stream, and the rest goes on.
 */
export class EventFeed extends Construct {
  readonly bus: EventBus;
  readonly function: IFunction;
  /** What was given up, by its place in the stream. */
  readonly failed: Queue;

  constructor(scope: Construct, id: string, { stage, table }: { readonly stage: Stage; readonly table: Table }) {
    super(scope, id);
    const streamArn = table.tableStreamArn;
    if (streamArn === undefined) throw new Error('the table has no stream to feed from');
    this.bus = new EventBus(this, 'Bus', { description: `credits ${stage.name}: what has happened` });
    const feed = new LambdaDoor(this, 'EventsDoor', {
      door: 'events',
      stage,
      memoryMb: 512,
      // A hundred records are ten calls to the bus and more, each of three tries.
      timeout: Duration.minutes(1),
    });
    this.function = feed.function;
    this.failed = deadLetterQueue(this, 'Failed');
    feed.function.addEnvironment('EVENT_BUS_NAME', this.bus.eventBusName);
    const allow = (actions: string[], resource: string) =>
      feed.function.addToRolePolicy(new PolicyStatement({ actions, resources: [resource] }));
    allow(['events:PutEvents'], this.bus.eventBusArn);
    // What Lambda reads a stream with: https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-eventsourcemapping.html
    allow(['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'], streamArn);
    allow(['dynamodb:ListStreams'], '*');
    new EventSourceMapping(this, 'Stream', {
      target: feed.function,
      eventSourceArn: streamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 100,
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      retryAttempts: 100,
      maxRecordAge: Duration.hours(12),
      onFailure: new SqsDlq(this.failed),
    });
  }
}
