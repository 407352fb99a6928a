import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';

/**
 * The key that signs estimates, receipts and cursors. Secrets Manager makes it up at deployment, so it is in no template; it can fill
 * in one top-level field only, hence the first form `{"kid":"first","k":"<64 random characters>"}`.
 *
 * To rotate, put a new secret value `{"keys":[{"kid":"2027-01","k":"<new>"},{"kid":"first","k":"<the one before>"}]}`: the first
 * signs, the last two are accepted, so keep the previous one as second. A deployment leaves the value alone for as long as the
 * `generateSecretString` below is not changed; changing it makes a new one and voids every estimate and receipt given.
 */
export const signingKey = (scope: Construct): Secret => {
  const key = new Secret(scope, 'SigningKey', {
    description: 'Signs estimates, receipts and cursors',
    generateSecretString: {
      secretStringTemplate: JSON.stringify({ kid: 'first' }),
      generateStringKey: 'k',
      passwordLength: 64,
      excludePunctuation: true,
    },
    removalPolicy: RemovalPolicy.RETAIN,
  });
  Validations.of(key).acknowledge({
    id: 'AwsSolutions-SMG4',
    reason:
      'Rotated by hand, in two steps with ten minutes between (first accept, then sign): one more function that may write it would be one more that may read it',
  });
  return key;
};
