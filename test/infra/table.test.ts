import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { DUE_INDEX } from '../../lib/store/due-accounts.ts';
import { stripeAccess } from '../../lib/stripe/stripe-access.ts';
import { verifyWebhook } from '../../lib/stripe/verify-webhook.ts';
import { synthesize } from './synthesize.ts';

describe.each(['dev', 'prod'])('on %s', (stage) => {
  const { template, ofType } = synthesize({ stage });

  it('there is one table, by text keys, on demand, recoverable, guarded, encrypted, streamed, without a fixed name', () => {
    template.resourceCountIs('AWS::DynamoDB::Table', 1);
    template.hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        TableName: Match.absent(),
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'S' },
          { AttributeName: 'q', AttributeType: 'S' },
          { AttributeName: 'e', AttributeType: 'N' },
          { AttributeName: 't', AttributeType: 'N' },
        ],
        GlobalSecondaryIndexes: Object.values(DUE_INDEX).map(({ name, attribute }) => ({
          IndexName: name,
          KeySchema: [
            { AttributeName: 'q', KeyType: 'HASH' },
            { AttributeName: attribute, KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        })),
        BillingMode: 'PAY_PER_REQUEST',
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        DeletionProtectionEnabled: true,
        SSESpecification: { SSEEnabled: true },
        StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      },
    });
  });

  const secrets = new Map(ofType('AWS::SecretsManager::Secret').map(([id, r]) => [id.slice(0, -8), r]));

  it('the signing key is made up at deployment, kept, and in the template nowhere', () => {
    const secret = secrets.get('SigningKey');
    expect(secret?.DeletionPolicy).toBe('Retain');
    expect(secret?.Properties).toEqual({
      Description: expect.any(String),
      GenerateSecretString: {
        SecretStringTemplate: '{"kid":"first"}',
        GenerateStringKey: 'k',
        PasswordLength: 64,
        ExcludePunctuation: true,
      },
    });
  });

  it.each([
    { id: 'StripeApiKey', shape: '{"apiKey":"rk_…"}' },
    { id: 'StripeWebhook', shape: '{"secrets":["whsec_…"]}' },
  ])('$id is a placeholder that says what to put, kept, and in the template nowhere', async ({ id, shape }) => {
    const secret = secrets.get(id);
    expect(secret?.DeletionPolicy).toBe('Retain');
    expect(secret?.Properties['Description']).toContain(shape);
    expect(secret?.Properties['GenerateSecretString']).toEqual({
      SecretStringTemplate: JSON.stringify({ toBeReplacedBy: shape }),
      GenerateStringKey: 'placeholder',
    });
    expect(JSON.stringify(template.toJSON())).not.toMatch(/\b([sr]k|whsec)_\w/);
  });

  it('of Stripe’s secrets the placeholders are refused, by what would read them', async () => {
    const text = JSON.stringify({ toBeReplacedBy: '{"apiKey":"rk_…"}', placeholder: 'k3v…' });
    const source = { now: () => 0, readSecret: async () => text };
    await expect(stripeAccess(source, 'any', undefined)()).rejects.toThrow('must read {"apiKey"');
    await expect(verifyWebhook(source, 'any')(Buffer.from('{}'), 't=0,v1=00')).rejects.toThrow('must read {"secrets"');
  });
});
