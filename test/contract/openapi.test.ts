import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { openapi } from '../../lib/http/contract/openapi.ts';
import { operations } from '../../lib/http/contract/operations.ts';
import { STATUS } from '../../lib/http/problem.ts';
import { type DescribedOperation, readContract } from '../e2e/contract-document.ts';

const committed: unknown = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8'));
const contract = readContract(committed);
const refusalsOf = ({ responses }: DescribedOperation) =>
  Object.entries(responses)
    .filter(([status]) => Number(status) >= 400)
    .map(([status, { description, content }]) => ({
      status: Number(status),
      codes: [...description.matchAll(/`(\w+)`/g)].map(([, code = '']) => code),
      types: Object.keys(content),
    }));

test('the committed openapi.json is what the schemas say; where it is not: npm run openapi', () => {
  expect(committed).toEqual(JSON.parse(JSON.stringify(openapi())));
});

test('it is OpenAPI 3.1 by the official schema, and all its references lead somewhere', async () => {
  const validator = new Validator();
  const document = JSON.parse(JSON.stringify(committed));
  expect(await validator.validate(document)).toEqual({ valid: true });
  expect(validator.version).toBe('3.1');
  expect(() => validator.resolveRefs()).not.toThrow();
});

test('it describes the operations of the contract, each once, by method and path', () => {
  const described = contract.operations.map(({ operationId, method, path }) => `${operationId} ${method} ${path}`);
  expect(described.toSorted()).toEqual(operations.map(({ id, method, path }) => `${id} ${method} ${path}`).toSorted());
  expect(new Set(contract.operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
});

describe.each(contract.operations)('$operationId', (operation) => {
  const refusals = refusalsOf(operation);
  const codes = refusals.flatMap((each) => each.codes);

  test('says who may call it, in words of the one security scheme', () => {
    const known = operations.find(({ id }) => id === operation.operationId);
    expect(operation.scopes).toEqual(known?.scopes);
    for (const alternative of operation.security) expect(Object.keys(alternative)).toEqual(['jwt']);
    const tokenless = codes.filter((code) => code === 'unauthenticated' || code === 'forbidden');
    expect(tokenless).toEqual(operation.scopes.length > 0 ? ['unauthenticated', 'forbidden'] : []);
  });

  test('names every parameter of its path, and none that is not there', () => {
    const named = operation.parameters.filter((each) => each.in === 'path').map(({ name }) => name);
    expect(named).toEqual([...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
    if (named.length > 0) expect(codes).toContain('not_found');
  });

  test('has one success, and refuses in problem+json with codes that have a status of their own', () => {
    const successes = Object.keys(operation.responses).filter((status) => Number(status) < 400);
    expect(successes).toHaveLength(1);
    expect(codes).toEqual(expect.arrayContaining(['validation_failed', 'payload_too_large', 'unavailable']));
    const statusOf = new Map<string, number>(Object.entries(STATUS));
    for (const { status, codes: own, types } of refusals) {
      expect(types[0]).toBe('application/problem+json');
      expect(own.length).toBeGreaterThan(0);
      for (const code of own) expect(statusOf.get(code.replace(/^(run_already)_\w+$/, '$1')), code).toBe(status);
    }
    expect(new Set(codes).size).toBe(codes.length);
  });

  test('takes a body where it changes something, and says what is in it', () => {
    const schema = operation.requestBody?.content['application/json']?.schema;
    expect(operation.requestBody !== undefined).toBe(operation.method !== 'GET');
    // Stripe's events are Stripe's to describe; what a front end asks of a quote varies, in plain fields.
    const open = operation.operationId === 'stripeWebhook' || operation.operationId === 'requestQuote';
    if (schema !== undefined && !open) expect(schema).toMatchObject({ type: 'object', additionalProperties: false });
  });
});

test('every schema in it compiles, strictly, and its patterns are those of every JSON Schema reader', () => {
  const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true });
  formats.default(ajv);
  const found: unknown[] = [];
  const patterns: string[] = [];
  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (key === 'schema' && !('$ref' in Object(inner))) found.push(inner);
      if (key === 'pattern' && typeof inner === 'string') patterns.push(inner);
      collect(inner);
    }
  };
  collect(committed);
  expect(found.length).toBeGreaterThan(operations.length);
  for (const schema of found) expect(() => ajv.compile(Object(schema))).not.toThrow();
  // `[^]` is a class of JavaScript alone; elsewhere it does not even parse.
  for (const pattern of patterns) expect(pattern).not.toContain('[^]');
});
