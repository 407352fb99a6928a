import * as z from 'zod/mini';
import type { Refusal } from '../../domain/refusal.ts';
import { STATUS } from '../problem.ts';
import { checkoutBody } from './billing.ts';
import type { Operation } from './operation.ts';
import { operations } from './operations.ts';
import { settleBody } from './settle.ts';
import { instant, toolFields } from './words.ts';

type Json = Record<string, unknown>;

z.globalRegistry.add(instant, { format: 'date-time' });
z.globalRegistry.add(toolFields, { type: 'object' });
z.globalRegistry.add(settleBody, { oneOf: [{ required: ['credits'] }, { required: ['usage'] }] });
z.globalRegistry.add(checkoutBody, { oneOf: [{ required: ['planId'] }, { required: ['packId'] }] });

/** What a schema accepts (`input`) or answers (`output`), as OpenAPI 3.1's own dialect of JSON Schema. */
const schemaOf = (schema: z.ZodMiniType, io: 'input' | 'output'): Json => {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { target: 'draft-2020-12', io, unrepresentable: 'any' });
  return json;
};

const propertiesOf = (schema: Json): [string, unknown][] =>
  Object.entries(z.record(z.string(), z.unknown()).parse(schema['properties'] ?? {}));

const parametersOf = (operation: Operation): Json[] => {
  const query = schemaOf(operation.query, 'input');
  const required = new Set(z.array(z.string()).parse(query['required'] ?? []));
  const key = {
    name: 'Idempotency-Key',
    in: 'header',
    required: operation.idempotencyKey?.safeParse(undefined).success === false,
    schema: operation.idempotencyKey === undefined ? {} : schemaOf(operation.idempotencyKey, 'input'),
  };
  return [
    ...propertiesOf(schemaOf(operation.params, 'input')).map(([name, schema]) => ({
      name,
      in: 'path',
      required: true,
      schema,
    })),
    ...propertiesOf(query).map(([name, schema]) => ({ name, in: 'query', required: required.has(name), schema })),
    ...(operation.idempotencyKey === undefined ? [] : [key]),
  ];
};

/** A body too large is refused before anybody knows whether there should be one. */
const EVERYWHERE = ['validation_failed', 'payload_too_large', 'unavailable'] as const;
const WITH_PATH = ['not_found'] as const;
const WITH_TOKEN = ['unauthenticated', 'forbidden'] as const;

const refusalsOf = (operation: Operation): ReadonlySet<Refusal['refused']> =>
  new Set([
    ...EVERYWHERE,
    ...(operation.path.includes('{') ? WITH_PATH : []),
    ...(operation.scopes.length === 0 ? [] : WITH_TOKEN),
    ...operation.refusals,
  ]);

const codesOf = (refused: Refusal['refused']): readonly string[] =>
  refused === 'run_already' ? ['run_already_settled', 'run_already_failed', 'run_already_expired'] : [refused];

/** These may also come from API Gateway itself, whose body is `{message}`. */
const GATEWAYS_OWN = [401, 403, 413];

const problems = (operation: Operation): Json => {
  const byStatus = new Map<number, string[]>();
  for (const refused of refusalsOf(operation)) {
    const status = STATUS[refused];
    byStatus.set(status, [...(byStatus.get(status) ?? []), ...codesOf(refused)]);
  }
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
  const gateway = { 'application/json': { schema: { $ref: '#/components/schemas/GatewayMessage' } } };
  return Object.fromEntries(
    [...byStatus]
      .sort(([a], [b]) => a - b)
      .map(([status, codes]) => [
        String(status),
        {
          description: codes.map((code) => `\`${code}\``).join(', '),
          content: GATEWAYS_OWN.includes(status) ? { ...content, ...gateway } : content,
        },
      ]),
  );
};

const CSV = { 'text/csv': { schema: { type: 'string' } } };

const described = (operation: Operation): Json => {
  const json = { 'application/json': { schema: schemaOf(operation.reply, 'output') } };
  const success = {
    description: operation.summary,
    content: operation.id === 'listUsage' ? { ...json, ...CSV } : json,
  };
  const required = !operation.body.safeParse(undefined).success;
  const body = { required, content: { 'application/json': { schema: schemaOf(operation.body, 'input') } } };
  return {
    operationId: operation.id,
    summary: operation.summary,
    ...(operation.scopes.length === 0
      ? { security: [] }
      : { security: operation.scopes.map((scope) => ({ jwt: [scope] })) }),
    parameters: parametersOf(operation),
    ...(operation.method === 'GET' ? {} : { requestBody: body }),
    responses: { [String(operation.status)]: success, ...problems(operation) },
  };
};

const COMPONENTS = {
  securitySchemes: { jwt: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
  schemas: {
    Problem: {
      type: 'object',
      description: 'RFC 9457',
      properties: {
        type: { type: 'string' },
        title: { type: 'string' },
        status: { type: 'integer' },
        code: { type: 'string' },
        detail: { type: 'string' },
        errors: {
          type: 'array',
          items: {
            type: 'object',
            properties: { path: { type: 'string' }, message: { type: 'string' } },
            required: ['path', 'message'],
          },
        },
      },
      required: ['type', 'title', 'status', 'code'],
    },
    GatewayMessage: { type: 'object', properties: { message: { type: 'string' } }, required: ['message'] },
  },
} as const;

/** The contract as OpenAPI 3.1, made from the very schemas the handlers parse with. */
export const openapi = (): { openapi: string } & Json => {
  const paths: Record<string, Json> = {};
  for (const operation of operations) {
    paths[operation.path] = { ...paths[operation.path], [operation.method.toLowerCase()]: described(operation) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Credits',
      version: '1',
      description: 'Credits and payments for AI agent products: price first, approval, hold, settle.',
    },
    paths,
    components: COMPONENTS,
  };
};
