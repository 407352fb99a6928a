import { describe, expect, test } from 'vitest';
import { readHttpApi } from '../../local/routes.ts';
import { readTable } from '../../local/table.ts';
import { readTemplate } from '../../local/template.ts';
import { smallResources, writeAssembly } from './small-stack.ts';

const routes = [{ key: 'GET /v1/open' }, { key: 'POST /v1/runs/{runId}/settle', scopes: ['credits/agent'] }];

describe('what is read from the template', () => {
  test('routes with their scopes, functions with their bundles and variables', () => {
    const assembly = writeAssembly(smallResources(routes));
    const api = readHttpApi(readTemplate(assembly));
    expect(api.routes).toEqual([
      {
        routeKey: 'GET /v1/open',
        method: 'GET',
        segments: ['v1', 'open'],
        guarded: false,
        scopes: [],
        functionId: 'Echo',
      },
      {
        routeKey: 'POST /v1/runs/{runId}/settle',
        method: 'POST',
        segments: ['v1', 'runs', '{runId}', 'settle'],
        guarded: true,
        scopes: ['credits/agent'],
        functionId: 'Echo',
      },
    ]);
    expect([...api.functions.values()]).toEqual([
      {
        id: 'Echo',
        bundle: `${assembly}/asset.echo/index.mjs`,
        environment: new Map([
          ['STAGE', 'dev'],
          ['TABLE_NAME', null],
          ['NODE_OPTIONS', '--enable-source-maps'],
        ]),
      },
    ]);
    expect(api.cors).toBeUndefined();
  });

  test('the table as a request that makes it, with keys, indexes and stream, without what concerns a deployment', () => {
    const resources = smallResources(routes);
    const index = {
      IndexName: 'due',
      KeySchema: [{ AttributeName: 'shard', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    };
    const Table = {
      Type: 'AWS::DynamoDB::Table',
      Properties: { ...tableOf(resources), GlobalSecondaryIndexes: [index] },
    };
    expect(readTable(readTemplate(writeAssembly({ ...resources, Table })), 'credits')).toEqual({
      TableName: 'credits',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      GlobalSecondaryIndexes: [index],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    });
  });

  const greedy = smallResources([{ key: 'ANY /{proxy+}' }]);
  const { Table: _table, ...tableless } = smallResources(routes);
  test.each([
    { it: 'a route it cannot serve', resources: greedy, says: /Route0 is not as local\/ serves it[\s\S]*RouteKey/ },
    {
      it: 'a route that leads nowhere',
      resources: smallResources([{ key: 'GET /v1/x', integration: 'Nothing' }]),
      says: /without its AWS::ApiGatewayV2::Integration/,
    },
    { it: 'a stack without an API', resources: {}, says: /has an HTTP API/ },
    { it: 'a stack without a table', resources: tableless, says: /one AWS::DynamoDB::Table/ },
  ])('says what is wrong with $it', ({ resources, says }) => {
    const assembly = writeAssembly(resources);
    const read = () => {
      const template = readTemplate(assembly);
      readHttpApi(template);
      readTable(template, 'credits');
    };
    expect(read).toThrow(says);
  });
});

const tableOf = (resources: Record<string, object>): object => {
  const table = resources['Table'];
  return table !== undefined && 'Properties' in table && typeof table.Properties === 'object'
    ? { ...table.Properties }
    : {};
};
