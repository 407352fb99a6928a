import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { operations } from '../../lib/http/contract/operations.ts';
import { idOf, synthesize } from './synthesize.ts';

const { template, resources, ofType } = synthesize();

const route = z.object({
  RouteKey: z.string(),
  AuthorizationType: z.enum(['NONE', 'JWT']),
  AuthorizationScopes: z._default(z.array(z.string()), []),
  AuthorizerId: z.optional(z.unknown()),
  Target: z.object({ 'Fn::Join': z.tuple([z.literal(''), z.tuple([z.literal('integrations/'), z.unknown()])]) }),
});
const routes = ofType('AWS::ApiGatewayV2::Route').map(([, r]) => route.parse(r.Properties));

const doorOf = (target: z.infer<typeof route>['Target']) => {
  const integration = resources[idOf(target['Fn::Join'][1][1])];
  return resources[idOf(integration?.Properties['IntegrationUri'])]?.Metadata?.['credits:door'];
};

describe('routes', () => {
  it('are the operations of the contract, one each, with exactly their scopes, to their doors, and no other', () => {
    const made = routes.map((r) => [r.RouteKey, [...r.AuthorizationScopes].sort(), doorOf(r.Target)]);
    const wanted = operations.map((o) => [`${o.method} ${o.path}`, [...o.scopes].sort(), o.door]);
    expect(made.sort()).toEqual(wanted.sort());
  });

  it('let nobody in without a token but for prices, contract and health, and Stripe, which signs', () => {
    const open = routes.filter((r) => r.AuthorizationType === 'NONE');
    expect(open.map((r) => r.RouteKey).sort()).toEqual([
      'GET /v1/health',
      'GET /v1/openapi.json',
      'GET /v1/pricing',
      'POST /v1/webhooks/stripe',
    ]);
    for (const r of open) expect(r.AuthorizerId).toBeUndefined();
  });

  it('ask the one authorizer everywhere else, each for at least one scope', () => {
    const [authorizer] = ofType('AWS::ApiGatewayV2::Authorizer').map(([id]) => id);
    for (const r of routes.filter((one) => one.AuthorizationType === 'JWT')) {
      expect(r.AuthorizerId).toEqual({ Ref: authorizer });
      expect(r.AuthorizationScopes).not.toEqual([]);
    }
    template.resourceCountIs('AWS::ApiGatewayV2::Authorizer', 1);
  });

  it('hand the event over in payload format 2.0, through one integration a door', () => {
    template.resourceCountIs('AWS::ApiGatewayV2::Integration', new Set(operations.map(({ door }) => door)).size);
    template.allResourcesProperties('AWS::ApiGatewayV2::Integration', {
      IntegrationType: 'AWS_PROXY',
      PayloadFormatVersion: '2.0',
    });
  });

  it('are the only thing from which API Gateway may call a door', () => {
    const permissions = template.findResources('AWS::Lambda::Permission', {
      Properties: { Principal: 'apigateway.amazonaws.com' },
    });
    const from = Object.values(permissions).map((p) => JSON.stringify(p['Properties'].SourceArn));
    for (const { path } of operations) expect(from.some((arn) => arn.includes(`/*/*${path}"`))).toBe(true);
    expect(from).toHaveLength(operations.length);
  });
});

describe('the default stage', () => {
  it('throttles', () => {
    template.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      StageName: '$default',
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: Match.anyValue(), ThrottlingBurstLimit: Match.anyValue() },
    });
  });

  it.each([
    { context: { stage: 'dev' }, whole: 200, open: 50, slow: 25 },
    { context: { stage: 'prod' }, whole: 2_000, open: 500, slow: 25 },
    { context: { throttleRate: 4, throttleBurst: 4 }, whole: 4, open: 1, slow: 4 },
  ])('lets less through to what needs no token, and to what Stripe or support does: $context', (row) => {
    const [[, stage] = []] = synthesize(row.context).ofType('AWS::ApiGatewayV2::Stage');
    const limit = z.object({ ThrottlingRateLimit: z.int(), ThrottlingBurstLimit: z.int().check(z.gte(1)) });
    const { DefaultRouteSettings, RouteSettings } = z
      .object({ DefaultRouteSettings: limit, RouteSettings: z.record(z.string(), limit) })
      .parse(stage?.Properties);
    for (const { door, method, path } of operations) {
      const { ThrottlingRateLimit } = RouteSettings[`${method} ${path}`] ?? DefaultRouteSettings;
      const slow = door === 'support' || (door === 'billing' && method !== 'GET');
      expect([door, ThrottlingRateLimit]).toEqual([door, door === 'pricing' ? row.open : slow ? row.slow : row.whole]);
    }
  });

  it('is made after the routes it has settings for, without which API Gateway refuses it', () => {
    const [[, stage] = []] = ofType('AWS::ApiGatewayV2::Stage');
    const keys = Object.keys(z.record(z.string(), z.unknown()).parse(stage?.Properties['RouteSettings']));
    const before = (stage?.DependsOn ?? []).map((id) => resources[id]?.Properties['RouteKey']);
    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) expect(before).toContain(key);
  });

  it('logs each request as JSON, with its id, and nothing that could carry a token or name an account', () => {
    const [[, stage] = []] = ofType('AWS::ApiGatewayV2::Stage');
    const { Format } = z.object({ Format: z.string() }).parse(stage?.Properties['AccessLogSettings']);
    const logged = Object.values(z.record(z.string(), z.string()).parse(JSON.parse(Format)));
    expect(logged).toContain('$context.requestId');
    expect(logged.filter((variable) => /header|token|query|\.path|body|email|claims/i.test(variable))).toEqual([]);
  });

  it('answers browsers of the configured origins only', () => {
    const cors = {
      AllowMethods: ['GET', 'POST', 'PUT'],
      AllowOrigins: ['https://a.example.com', 'https://b.example.com'],
    };
    const of = (given: Record<string, unknown>) => synthesize(given).template;
    of({ origins: 'https://a.example.com, https://b.example.com' }).hasResourceProperties('AWS::ApiGatewayV2::Api', {
      CorsConfiguration: Match.objectLike(cors),
    });
    of({ stage: 'prod' }).hasResourceProperties('AWS::ApiGatewayV2::Api', { CorsConfiguration: Match.absent() });
  });
});
