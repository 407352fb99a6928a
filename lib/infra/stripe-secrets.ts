import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';

/**
 * Two secrets that Stripe makes up and a person puts in; the stack leaves a placeholder, with which every call to Stripe is refused and
 * every delivery is answered 5xx, so that Stripe sends it again. Functions read them at most every five minutes. A deployment leaves
 * the values alone for as long as the `generateSecretString` below is not changed.
 */
export class StripeSecrets extends Construct {
  /**
   * `{"apiKey":"rk_live_…"}`. Best a restricted key of this stage's own, which can do no more than the functions do
   * (https://docs.stripe.com/keys/restricted-api-keys). In Stripe's words: **write** on Customers, Checkout Sessions, Customer
   * Portal, Subscriptions, Charges and Refunds; **read** on Invoices, PaymentIntents, Disputes, Events, Products, Prices. To rotate: put the
   * new one, wait ten minutes, expire the old one at Stripe.
   */
  readonly apiKey: Secret;

  /**
   * `{"secrets":["whsec_…"]}`, newest first, two at most: while Stripe rolls an endpoint's secret it signs with both
   * (https://docs.stripe.com/webhooks#roll-endpoint-secrets). To rotate: roll at Stripe with a day's overlap, put
   * `{"secrets":["<new>","<old>"]}`, and the new one alone when the day is over.
   */
  readonly webhook: Secret;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.apiKey = this.placeholder('ApiKey', 'Calls Stripe', '{"apiKey":"rk_…"}');
    this.webhook = this.placeholder('Webhook', 'Stripe signs its deliveries with it', '{"secrets":["whsec_…"]}');
  }

  private placeholder(id: string, description: string, shape: string): Secret {
    const secret = new Secret(this, id, {
      description: `${description}; to be put by hand: ${shape}`,
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ toBeReplacedBy: shape }),
        generateStringKey: 'placeholder',
      },
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Validations.of(secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: 'Stripe makes it and lets nobody else make one: it is rolled there, then put here',
    });
    return secret;
  }
}
