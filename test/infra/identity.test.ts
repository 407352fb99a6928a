import { runInNewContext } from 'node:vm';
import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { samplePrices } from './sample-prices.ts';
import { idOf, synthesize } from './synthesize.ts';

const origins = 'https://app.example.com';
const own = synthesize({ origins, stripePrices: samplePrices });

const jwt = z.object({ JwtConfiguration: z.object({ Issuer: z.unknown(), Audience: z.array(z.unknown()) }) });
const jwtOf = ({ ofType }: typeof own) => {
  const [[, authorizer] = []] = ofType('AWS::ApiGatewayV2::Authorizer');
  return jwt.parse(authorizer?.Properties).JwtConfiguration;
};
const outputsOf = ({ template }: typeof own) => Object.keys(template.findOutputs('*')).sort();

describe('the own user pool', () => {
  it('takes people by email, with strong passwords, and is kept', () => {
    own.template.hasResource('AWS::Cognito::UserPool', {
      DeletionPolicy: 'Retain',
      Properties: {
        UsernameAttributes: ['email'],
        AutoVerifiedAttributes: ['email'],
        DeletionProtection: 'ACTIVE',
        Policies: {
          PasswordPolicy: {
            MinimumLength: 12,
            RequireLowercase: true,
            RequireUppercase: true,
            RequireNumbers: true,
            RequireSymbols: true,
          },
        },
      },
    });
  });

  it('knows the three scopes of the API', () => {
    own.template.hasResourceProperties('AWS::Cognito::UserPoolResourceServer', {
      Identifier: 'credits',
      Scopes: ['user', 'agent', 'support'].map((name) => Match.objectLike({ ScopeName: name })),
    });
    own.template.resourceCountIs('AWS::Cognito::UserPoolClient', 3);
  });

  it.each([
    { client: 'FrontEndClientId', flow: 'code', scope: 'user', secret: false },
    { client: 'SupportClientId', flow: 'code', scope: 'support', secret: false },
    { client: 'AgentClientId', flow: 'client_credentials', scope: 'agent', secret: true },
  ])('gives $client the scope $scope by $flow, and no other way in', ({ client, flow, scope, secret }) => {
    const [output] = Object.values(own.template.findOutputs(client));
    expect(own.resources[idOf(output?.['Value'])]?.Properties).toMatchObject({
      AllowedOAuthFlows: [flow],
      AllowedOAuthFlowsUserPoolClient: true,
      AllowedOAuthScopes: [{ 'Fn::Join': ['', [{ Ref: expect.any(String) }, `/${scope}`]] }],
      ExplicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH'],
      GenerateSecret: secret,
      ...(flow === 'code' && { CallbackURLs: [`${origins}/signed-in`], LogoutURLs: [origins] }),
    });
  });

  it('is whom the authorizer trusts, for these clients only', () => {
    const [pool] = own.ofType('AWS::Cognito::UserPool').map(([id]) => id);
    const clients = own.ofType('AWS::Cognito::UserPoolClient').map(([id]) => id);
    const { Issuer, Audience } = jwtOf(own);
    expect(Issuer).toEqual({ 'Fn::GetAtt': [pool, 'ProviderURL'] });
    expect(Audience.map(idOf).sort()).toEqual(clients.sort());
  });

  it('makes no sign-in client where no front end is known, and says so', () => {
    const prod = synthesize({ stage: 'prod' });
    prod.template.resourceCountIs('AWS::Cognito::UserPoolClient', 1);
    expect(prod.warnings).toContainEqual(expect.stringContaining('No -c origins'));
    expect(own.warnings).toEqual([]);
    expect(outputsOf(prod)).not.toContain('FrontEndClientId');
  });
});

describe('the scope credits/support in a token', () => {
  const gate = own.ofType('AWS::Lambda::Function').find(([, fn]) => !fn.Metadata?.['credits:door']);
  const { Code } = z.object({ Code: z.object({ ZipFile: z.string() }) }).parse(gate?.[1].Properties);
  const ask = async (groupConfiguration: unknown) => {
    const sandbox: { exports: { handler?: (event: unknown) => Promise<unknown> } } = { exports: {} };
    runInNewContext(Code.ZipFile, sandbox);
    const answer = await sandbox.exports.handler?.({ request: { groupConfiguration }, response: {} });
    // Through JSON, as Lambda hands it over.
    return z.object({ response: z.unknown() }).parse(JSON.parse(JSON.stringify(answer))).response;
  };
  const suppressed = {
    claimsAndScopeOverrideDetails: { accessTokenGeneration: { scopesToSuppress: ['credits/support'] } },
  };

  it.each([
    { who: 'a member of the group support', groups: { groupsToOverride: ['beta', 'support'] }, response: {} },
    { who: 'somebody of another group', groups: { groupsToOverride: ['supporters'] }, response: suppressed },
    { who: 'somebody of no group', groups: { groupsToOverride: [] }, response: suppressed },
    { who: 'somebody whose groups are not said', groups: undefined, response: suppressed },
  ])('is left to or taken from $who', async ({ groups, response }) => {
    expect(await ask(groups)).toEqual(response);
  });

  it('is decided by the pool before each token', () => {
    own.template.hasResourceProperties('AWS::Cognito::UserPool', {
      UserPoolTier: 'ESSENTIALS',
      LambdaConfig: {
        PreTokenGenerationConfig: { LambdaArn: { 'Fn::GetAtt': [gate?.[0], 'Arn'] }, LambdaVersion: 'V2_0' },
      },
    });
    own.template.hasResourceProperties('AWS::Cognito::UserPoolGroup', { GroupName: 'support' });
  });
});

describe('an OIDC issuer by context', () => {
  const other = synthesize({ issuer: 'https://id.example.com/', audience: 'credits-api, credits-agents' });

  it('is whom the authorizer trusts', () => {
    expect(jwtOf(other)).toEqual({ Issuer: 'https://id.example.com/', Audience: ['credits-api', 'credits-agents'] });
  });

  it('leaves nothing of Cognito', () => {
    expect(Object.values(other.resources).filter((r) => r.Type.startsWith('AWS::Cognito::'))).toEqual([]);
    expect(JSON.stringify(other.template.toJSON())).not.toMatch(/cognito/i);
    expect(outputsOf(other)).toEqual([
      'AlarmTopicArn',
      'ApiUrl',
      'EventBusName',
      'Issuer',
      'StripeApiKeySecret',
      'StripeWebhookSecret',
      'TableName',
      'WebhookUrl',
    ]);
  });
});

it('a stage says where it is, who signs its tokens, and what Stripe’s are to be put into', () => {
  expect(outputsOf(own)).toEqual(
    [
      'AgentClientId',
      'AlarmTopicArn',
      'ApiUrl',
      'EventBusName',
      'FrontEndClientId',
      'Issuer',
      'SignInUrl',
      'StripeApiKeySecret',
      'StripeWebhookSecret',
      'SupportClientId',
      'TableName',
      'UserPoolId',
      'WebhookUrl',
    ].sort(),
  );
});
