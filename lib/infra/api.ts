import { Duration, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  CfnStage,
  CorsHttpMethod,
  HttpApi,
  HttpMethod,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Construct } from 'constructs';
import { type Door, type Operation, routeKey } from '../http/contract/operation.ts';
import { operations } from '../http/contract/operations.ts';
import type { LambdaDoor } from './door.ts';
import { logGroup } from './log-group.ts';
import { routeThrottle } from './route-throttle.ts';
import type { Stage, Throttle, TokenIssuer } from './stage.ts';
import { AFTER, BEFORE } from './watched.ts';

/**
 * What a line of the access log says. Never a header: they carry tokens. The route, not the path, which has accounts in it. Who it was is in
 * the function's own line of the same request, hashed (`lib/http/request-line.ts`).
 */
const accessLine = AccessLogFormat.custom(
  JSON.stringify({
    requestId: '$context.requestId',
    at: '$context.requestTime',
    ip: '$context.identity.sourceIp',
    route: '$context.routeKey',
    status: '$context.status',
    bytes: '$context.responseLength',
    latencyMs: '$context.responseLatency',
    integrationLatencyMs: '$context.integrationLatency',
    authorizerError: '$context.authorizer.error',
    integrationError: '$context.integrationErrorMessage',
  }),
);

export interface CreditsApiProps {
  readonly stage: Stage;
  readonly tokens: TokenIssuer;
  readonly doors: Readonly<Record<Door, LambdaDoor>>;
}

/** The HTTP API: one route per operation of the contract, each with exactly its scopes, to its door. There is no catch-all. */
export class CreditsApi extends Construct {
  readonly url: string;
  readonly apiId: string;

  constructor(scope: Construct, id: string, { stage, tokens, doors }: CreditsApiProps) {
    super(scope, id);

    const api = new HttpApi(this, 'Http', {
      apiName: `credits-${stage.name}`,
      createDefaultStage: false,
      ...(stage.origins.length > 0 && { corsPreflight: cors(stage.origins) }),
    });
    const integrations = new Map<Door, HttpLambdaIntegration>();
    const integrationOf = (door: Door) => {
      const known = integrations.get(door) ?? new HttpLambdaIntegration(`${door}Integration`, doors[door].function);
      integrations.set(door, known);
      return known;
    };
    const authorizer = new HttpJwtAuthorizer('Jwt', tokens.issuer, { jwtAudience: [...tokens.audience] });

    const routes = operations.map(({ id: name, method, path, door, scopes }) => {
      const made = new HttpRoute(this, name, {
        httpApi: api,
        routeKey: HttpRouteKey.with(path, httpMethod[method]),
        integration: integrationOf(door),
        ...(scopes.length > 0 && { authorizer, authorizationScopes: [...scopes] }),
      });
      if (scopes.length === 0) Validations.of(made).acknowledge({ id: 'AwsSolutions-APIG4', reason: whyOpen(door) });
      return made;
    });

    const logs = logGroup(this, 'AccessLogs', stage);
    const throttled = new HttpStage(this, 'Stage', {
      httpApi: api,
      autoDeploy: true,
      throttle: { rateLimit: stage.throttle.rate, burstLimit: stage.throttle.burst },
      accessLogSettings: { destination: new LogGroupLogDestination(logs), format: accessLine },
    });
    setRoutes(throttled, stage.throttle);
    // API Gateway takes settings only for a route that is there.
    throttled.node.addDependency(...routes);
    this.url = throttled.url;
    this.apiId = api.apiId;
  }
}

const whyOpen = (door: Door): string =>
  door === 'webhooks'
    ? 'Stripe calls it, and signs what it sends: the function checks the signature on the raw body'
    : 'What it costs is said before signing up; contract and liveness hold nothing of anyone’s';

/** Metrics of their own, at $0.30 each a month: how the routes of a run do must not drown in what all others do. */
const MEASURED: readonly Door[] = [...BEFORE, ...AFTER];

/** CDK's stage knows the default only. */
const setRoutes = (on: HttpStage, stage: Throttle): void => {
  const resource = on.node.defaultChild;
  if (!(resource instanceof CfnStage)) throw new Error('a stage without its resource');
  const own = operations.flatMap((one): [string, object][] => {
    const { rate, burst } = routeThrottle(one, stage);
    const measured = MEASURED.includes(one.door);
    if (rate === stage.rate && burst === stage.burst && !measured) return [];
    const throttle = { ThrottlingRateLimit: rate, ThrottlingBurstLimit: burst };
    return [[routeKey(one), measured ? { ...throttle, DetailedMetricsEnabled: true } : throttle]];
  });
  resource.routeSettings = Object.fromEntries(own);
};

const httpMethod = { GET: HttpMethod.GET, POST: HttpMethod.POST, PUT: HttpMethod.PUT } satisfies Record<
  Operation['method'],
  HttpMethod
>;

const cors = (origins: readonly string[]) => ({
  allowOrigins: [...origins],
  allowMethods: [CorsHttpMethod.GET, CorsHttpMethod.POST, CorsHttpMethod.PUT],
  allowHeaders: ['authorization', 'content-type', 'idempotency-key'],
  exposeHeaders: ['retry-after', 'x-next-cursor'],
  maxAge: Duration.hours(1),
});
