import { Annotations, CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { SHARDS } from '../domain/shards.ts';
import type { Door } from '../http/contract/operation.ts';
import { CreditsApi } from './api.ts';
import { LambdaDoor, type TableAction } from './door.ts';
import { EventFeed } from './event-feed.ts';
import { UserPool } from './identity.ts';
import { Schedules } from './schedules.ts';
import { signingKey } from './signing-key.ts';
import type { Stage } from './stage.ts';
import { creditsTable } from './table.ts';

/** Hold, settle, and the transaction that advances an account: read by key, write under a condition. */
const byKey: readonly TableAction[] = [
  'dynamodb:BatchGetItem',
  'dynamodb:GetItem',
  'dynamodb:PutItem',
  'dynamodb:UpdateItem',
];
const byKeyAndList: readonly TableAction[] = [...byKey, 'dynamodb:Query'];

/** Everything of one stage, as a list of its parts. */
export class CreditsStack extends Stack {
  constructor(scope: Construct, id: string, stage: Stage) {
    super(scope, id, {
      description: `Credits and payments for AI agent products (${stage.name})`,
      terminationProtection: stage.keep,
      tags: { service: 'credits', stage: stage.name },
    });

    const table = creditsTable(this);
    const key = signingKey(this);
    const tokens = stage.oidc ?? new UserPool(this, 'Identity', stage);

    const hot = { stage, memoryMb: 1024, signingKey: key, table: { on: table, actions: byKey } };
    const listing = { stage, memoryMb: 512, signingKey: key, table: { on: table, actions: byKeyAndList } };
    const doors = {
      estimate: new LambdaDoor(this, 'EstimateDoor', {
        door: 'estimate',
        ...hot,
        table: { on: table, actions: ['dynamodb:BatchGetItem', 'dynamodb:GetItem'] },
      }),
      approve: new LambdaDoor(this, 'ApproveDoor', { door: 'approve', ...hot }),
      settle: new LambdaDoor(this, 'SettleDoor', { door: 'settle', ...hot }),
      account: new LambdaDoor(this, 'AccountDoor', { door: 'account', ...listing }),
      support: new LambdaDoor(this, 'SupportDoor', { door: 'support', ...hot, memoryMb: 512 }),
      pricing: new LambdaDoor(this, 'PricingDoor', { door: 'pricing', stage, memoryMb: 512 }),
    } satisfies Record<Door, LambdaDoor>;

    const events = new EventFeed(this, 'Events', { stage, table });
    new Schedules(this, 'Schedules', {
      stage,
      shards: SHARDS,
      table: { on: table, actions: byKey, indexes: true },
    });
    const api = new CreditsApi(this, 'Api', { stage, tokens, doors });

    this.put('ApiUrl', api.url);
    this.put('TableName', table.tableName);
    this.put('Issuer', tokens.issuer);
    this.put('EventBusName', events.bus.eventBusName);
    if (tokens instanceof UserPool) {
      this.put('UserPoolId', tokens.userPoolId);
      this.put('SignInUrl', tokens.signInUrl);
      for (const [client, clientId] of Object.entries(tokens.clientIds)) this.put(`${client}ClientId`, clientId);
      if (stage.origins.length === 0) {
        Annotations.of(this).addWarningV2(
          'credits:no-origins',
          'No -c origins=https://…: no browser is let in, and no sign-in client made',
        );
      }
    }
  }

  private put(name: string, value: string): void {
    new CfnOutput(this, name, { value });
  }
}
