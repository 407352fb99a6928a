import { Annotations, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { SHARDS } from '../domain/shards.ts';
import type { Door } from '../http/contract/operation.ts';
import { stripeWebhook } from '../http/contract/webhooks.ts';
import { Alarms } from './alarms.ts';
import { CreditsApi } from './api.ts';
import { dashboard } from './dashboard.ts';
import { LambdaDoor, type TableAction } from './door.ts';
import { EventFeed } from './event-feed.ts';
import { UserPool } from './identity.ts';
import { Pager } from './pager.ts';
import { Schedules } from './schedules.ts';
import { signingKey } from './signing-key.ts';
import type { Stage } from './stage.ts';
import { StripeSecrets } from './stripe-secrets.ts';
import { creditsTable, dueIndexes } from './table.ts';

/** Hold, settle, and the transaction that advances an account: read by key, write under a condition. */
const byKey: readonly TableAction[] = [
  'dynamodb:BatchGetItem',
  'dynamodb:GetItem',
  'dynamodb:PutItem',
  'dynamodb:UpdateItem',
];
/** What looks at everything and changes nothing. */
const reading: readonly TableAction[] = ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:Scan'];
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
    const signing = { SIGNING_SECRET_ARN: signingKey(this) };
    const stripe = new StripeSecrets(this, 'Stripe');
    const tokens = stage.oidc ?? new UserPool(this, 'Identity', stage);

    const hot = { stage, memoryMb: 1024, secrets: signing, table: { on: table, actions: byKey } };
    const listing = { stage, memoryMb: 512, secrets: signing, table: { on: table, actions: byKeyAndList } };
    const paying = {
      secrets: { STRIPE_API_KEY_SECRET_ARN: stripe.apiKey },
      environment: { STRIPE_PRICES: JSON.stringify(stage.stripePrices) },
      table: { on: table, actions: byKey },
    };
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
      billing: new LambdaDoor(this, 'BillingDoor', {
        door: 'billing',
        stage,
        memoryMb: 512,
        ...paying,
        environment: { ...paying.environment, APP_URL: stage.appUrl },
      }),
      webhooks: new LambdaDoor(this, 'WebhooksDoor', {
        door: 'webhooks',
        stage,
        memoryMb: 512,
        // A delivery may have to ask Stripe about what it is told; API Gateway waits for 30 s.
        timeout: Duration.seconds(20),
        reservedConcurrency: stage.reserved?.webhooks,
        ...paying,
        secrets: { ...paying.secrets, STRIPE_WEBHOOK_SECRET_ARN: stripe.webhook },
      }),
    } satisfies Record<Door, LambdaDoor>;

    const events = new EventFeed(this, 'Events', { stage, table });
    const schedules = new Schedules(this, 'Schedules', {
      stage,
      shards: SHARDS,
      sweeps: { on: table, actions: byKey, indexes: dueIndexes },
      reconciles: paying,
      audits: { on: table, actions: reading },
    });
    const api = new CreditsApi(this, 'Api', { stage, tokens, doors });
    const pager = new Pager(this, 'Pager', stage);
    const watched = { stage, apiId: api.apiId, doors, events, schedules, table };
    const alarms = new Alarms(this, 'Alarms', watched, pager.topic);
    dashboard(this, watched, alarms.all);

    this.put('ApiUrl', api.url);
    this.put('WebhookUrl', `${api.url}${stripeWebhook.path.slice(1)}`);
    this.put('StripeApiKeySecret', stripe.apiKey.secretName);
    this.put('StripeWebhookSecret', stripe.webhook.secretName);
    this.put('TableName', table.tableName);
    this.put('Issuer', tokens.issuer);
    this.put('EventBusName', events.bus.eventBusName);
    this.put('AlarmTopicArn', pager.topic.topicArn);
    if (stage.stripePrices.length === 0)
      Annotations.of(this).addWarningV2(
        'credits:nothing-sold',
        'No stripePrices for this stage: no plan and no pack can be bought',
      );
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
