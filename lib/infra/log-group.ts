import { RemovalPolicy } from 'aws-cdk-lib';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Stage } from './stage.ts';

/** A log that forgets after the stage's retention; on a stage that keeps, it outlives the stack until then. */
export const logGroup = (scope: Construct, id: string, { logRetention, keep }: Stage): LogGroup =>
  new LogGroup(scope, id, {
    retention: logRetention,
    removalPolicy: keep ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
