import { Validations } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, LoggingFormat, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { logGroup } from './log-group.ts';
import type { Stage } from './stage.ts';

/**
 * What every function has: its own log group, and a role that may write to it and nothing else. Not the default role, whose
 * AWSLambdaBasicExecutionRole may write to every log group of the account.
 */
export const functionBase = (scope: Construct, stage: Stage) => {
  const logs = logGroup(scope, 'Logs', stage);
  const role = new Role(scope, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  logs.grantWrite(role);
  Validations.of(role).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason:
      'xray:PutTraceSegments and xray:PutTelemetryRecords know no resource; nor does dynamodb:ListStreams, where a stream is read',
  });
  return {
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    loggingFormat: LoggingFormat.JSON,
    tracing: Tracing.ACTIVE,
    logGroup: logs,
    role,
  };
};
