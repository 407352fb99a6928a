import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { DUE_INDEX } from '../../lib/store/due-accounts.ts';
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

  it('the signing key is made up at deployment, kept, and in the template nowhere', () => {
    const [[, secret] = []] = ofType('AWS::SecretsManager::Secret');
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
});
