import { join } from 'node:path';
import * as z from 'zod/mini';
import { StartupProblem } from './startup-problem.ts';
import { ofType, type Resource, referred, type Template, theOnly } from './template.ts';

/** One call of the API, as the stack routes it. */
export interface Route {
  /** `POST /v1/runs/{runId}/settle` */
  readonly routeKey: string;
  readonly method: string;
  /** `['v1', 'runs', '{runId}', 'settle']` */
  readonly segments: readonly string[];
  /** Behind the JWT authorizer; otherwise public. */
  readonly guarded: boolean;
  /** Any one of them lets a token in; none: any good token. */
  readonly scopes: readonly string[];
  /** Logical id of the function behind it. */
  readonly functionId: string;
}

/** A function as the stack bundles it. */
export interface LambdaFunction {
  readonly id: string;
  /** Where the bundle's `index.mjs` lies. */
  readonly bundle: string;
  /** Literal values as text; `null` for what only CloudFormation knows. */
  readonly environment: ReadonlyMap<string, string | null>;
}

export interface Cors {
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  readonly headers: readonly string[];
  readonly exposed: readonly string[];
  readonly maxAgeSeconds: number | undefined;
  readonly credentials: boolean;
}

export interface HttpApi {
  readonly routes: readonly Route[];
  readonly functions: ReadonlyMap<string, LambdaFunction>;
  readonly cors: Cors | undefined;
}

const strings = z._default(z.array(z.string()), []);
const routeProperties = z.object({
  RouteKey: z.string().check(z.regex(/^[A-Z]+ \/[^+]*$/, 'METHOD /path without a greedy parameter')),
  AuthorizationType: z._default(z.enum(['NONE', 'JWT']), 'NONE'),
  AuthorizationScopes: strings,
  Target: z.unknown(),
});
const integrationProperties = z.object({
  IntegrationType: z.literal('AWS_PROXY'),
  PayloadFormatVersion: z.literal('2.0'),
  IntegrationUri: z.unknown(),
});
const functionProperties = z.object({
  Environment: z._default(z.object({ Variables: z.record(z.string(), z.unknown()) }), { Variables: {} }),
});
const corsProperties = z.object({
  AllowOrigins: strings,
  AllowMethods: strings,
  AllowHeaders: strings,
  ExposeHeaders: strings,
  MaxAge: z.optional(z.int()),
  AllowCredentials: z._default(z.boolean(), false),
});
const ASSET_PATH = 'aws:asset:path';

/** What the stack says, or a `StartupProblem` that names the part this runtime cannot serve. */
const properties = <T>(id: string, { Type, Properties }: Resource, schema: z.ZodMiniType<T>): T => {
  const parsed = schema.safeParse(Properties);
  if (parsed.success) return parsed.data;
  throw new StartupProblem(`The stack's ${Type} ${id} is not as local/ serves it:\n${z.prettifyError(parsed.error)}`);
};

const readRoute = (template: Template, id: string, resource: Resource): Route => {
  const route = properties(id, resource, routeProperties);
  const [integrationId, integration] = referred(template, route.Target, 'AWS::ApiGatewayV2::Integration');
  const { IntegrationUri } = properties(integrationId, integration, integrationProperties);
  const [functionId] = referred(template, IntegrationUri, 'AWS::Lambda::Function');
  const [method = '', path = ''] = route.RouteKey.split(' ');
  return {
    routeKey: route.RouteKey,
    method,
    segments: path.split('/').slice(1),
    guarded: route.AuthorizationType === 'JWT',
    scopes: route.AuthorizationScopes,
    functionId,
  };
};

/** A function and where its bundle lies. */
export const readFunction = (template: Template, id: string): LambdaFunction => {
  const resource = template.resources.get(id);
  const asset = resource?.Metadata[ASSET_PATH];
  if (!resource || typeof asset !== 'string')
    throw new StartupProblem(`The stack does not say where the bundle of ${id} lies.`);
  const { Variables } = properties(id, resource, functionProperties).Environment;
  const environment = Object.entries(Variables).map(([name, value]): [string, string | null] => [
    name,
    typeof value === 'string' ? value : null,
  ]);
  return { id, bundle: join(template.assembly, asset, 'index.mjs'), environment: new Map(environment) };
};

const readCors = (template: Template): Cors | undefined => {
  const [id, api] = theOnly(template, 'AWS::ApiGatewayV2::Api');
  const given = properties(id, api, z.object({ CorsConfiguration: z.optional(corsProperties) })).CorsConfiguration;
  return (
    given && {
      origins: given.AllowOrigins,
      methods: given.AllowMethods,
      headers: given.AllowHeaders,
      exposed: given.ExposeHeaders,
      maxAgeSeconds: given.MaxAge,
      credentials: given.AllowCredentials,
    }
  );
};

/** Routes, scopes, functions and CORS of the stack. */
export const readHttpApi = (template: Template): HttpApi => {
  const routes = ofType(template, 'AWS::ApiGatewayV2::Route').map(([id, route]) => readRoute(template, id, route));
  const ids = new Set(routes.map(({ functionId }) => functionId));
  return {
    routes,
    functions: new Map([...ids].map((id) => [id, readFunction(template, id)])),
    cors: readCors(template),
  };
};
