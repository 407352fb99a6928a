import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from './temporary.ts';

interface SmallRoute {
  readonly key: string;
  /** Without any: public. */
  readonly scopes?: readonly string[];
  readonly integration?: string;
}

/** The resources of a small HTTP API with one function, as CDK writes them. */
export const smallResources = (routes: readonly SmallRoute[], cors?: object): Record<string, object> => ({
  Api: {
    Type: 'AWS::ApiGatewayV2::Api',
    Properties: { ProtocolType: 'HTTP', ...(cors && { CorsConfiguration: cors }) },
  },
  Echo: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Environment: { Variables: { STAGE: 'dev', TABLE_NAME: { Ref: 'Table' }, NODE_OPTIONS: '--enable-source-maps' } },
    },
    Metadata: { 'aws:asset:path': 'asset.echo' },
  },
  EchoIntegration: {
    Type: 'AWS::ApiGatewayV2::Integration',
    Properties: {
      ApiId: { Ref: 'Api' },
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: { 'Fn::GetAtt': ['Echo', 'Arn'] },
      PayloadFormatVersion: '2.0',
    },
  },
  Table: {
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      BillingMode: 'PAY_PER_REQUEST',
      DeletionProtectionEnabled: true,
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
    },
  },
  ...Object.fromEntries(
    routes.map(({ key, scopes, integration = 'EchoIntegration' }, index) => [
      `Route${index}`,
      {
        Type: 'AWS::ApiGatewayV2::Route',
        Properties: {
          ApiId: { Ref: 'Api' },
          RouteKey: key,
          AuthorizationType: scopes ? 'JWT' : 'NONE',
          ...(scopes && { AuthorizationScopes: scopes, AuthorizerId: { Ref: 'Authorizer' } }),
          Target: { 'Fn::Join': ['', ['integrations/', { Ref: integration }]] },
        },
      },
    ]),
  ),
});

/** A cloud assembly with nothing but a template of these resources. */
export const writeAssembly = (resources: Record<string, object>): string => {
  const assembly = temporaryDirectory();
  writeFileSync(join(assembly, 'small.template.json'), JSON.stringify({ Resources: resources }));
  writeFileSync(join(assembly, 'manifest.json'), '{}');
  return assembly;
};
