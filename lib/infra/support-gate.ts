import { Duration } from 'aws-cdk-lib';
import { LambdaVersion, type UserPool, UserPoolOperation } from 'aws-cdk-lib/aws-cognito';
import { Code, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { functionBase } from './function-base.ts';
import type { Stage } from './stage.ts';

export const SUPPORT_GROUP = 'support';

const source = `exports.handler = async (event) => {
  const groups = event.request.groupConfiguration?.groupsToOverride ?? [];
  if (!groups.includes('${SUPPORT_GROUP}')) {
    event.response = { claimsAndScopeOverrideDetails: { accessTokenGeneration: { scopesToSuppress: ['credits/support'] } } };
  }
  return event;
};`;

/**
 * Lets the scope `credits/support` into no token but those of the pool's group `support`. Cognito gives a scope to a client, and
 * anyone who signed up can sign in at the support client; a pre token generation trigger (event version 2) is where a pool can say
 * no. It fails closed: without its answer Cognito makes no token.
 */
export class SupportGate extends Construct {
  constructor(scope: Construct, id: string, pool: UserPool, stage: Stage) {
    super(scope, id);
    const gate = new LambdaFunction(this, 'Function', {
      ...functionBase(this, stage),
      description: `credits ${stage.name}: who may have credits/support`,
      code: Code.fromInline(source),
      handler: 'index.handler',
      memorySize: 128,
      // Cognito waits no longer.
      timeout: Duration.seconds(5),
    });
    pool.addTrigger(UserPoolOperation.PRE_TOKEN_GENERATION_CONFIG, gate, LambdaVersion.V2_0);
  }
}
