import * as z from 'zod/mini';

const content = z.record(z.string(), z.object({ schema: z.unknown() }));
const parameter = z.object({
  name: z.string(),
  in: z.enum(['path', 'query', 'header']),
  required: z.boolean(),
  schema: z.unknown(),
});
const described = z.object({
  operationId: z.string(),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  parameters: z.array(parameter),
  requestBody: z.optional(z.object({ content })),
  responses: z.record(z.string(), z.object({ description: z.string(), content })),
});
const document = z.looseObject({ openapi: z.string(), paths: z.record(z.string(), z.record(z.string(), described)) });

/** One call of the API, as the served document describes it. */
export interface DescribedOperation extends z.infer<typeof described> {
  readonly method: string;
  readonly path: string;
  /** Scopes any one of which lets in; none: public. */
  readonly scopes: readonly string[];
}

export interface ContractDocument {
  readonly json: object;
  readonly operations: readonly DescribedOperation[];
}

/** Reads an OpenAPI document as far as the tests need it; throws where it lacks something they rely on. */
export const readContract = (json: unknown): ContractDocument => {
  const parsed = document.parse(json);
  const operations = Object.entries(parsed.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...operation,
      method: method.toUpperCase(),
      path,
      scopes: operation.security.flatMap((alternative) => Object.values(alternative).flat()),
    })),
  );
  return { json: parsed, operations };
};

const matches = (template: string, path: string): boolean => {
  const wanted = template.split('/');
  const given = path.split('/');
  return (
    wanted.length === given.length &&
    wanted.every((segment, at) => (segment.startsWith('{') ? given[at] !== '' : segment === given[at]))
  );
};

/** What the gateway would route a request to; `undefined` where it has no route. A path without parameters comes first. */
export const operationAt = (
  { operations }: ContractDocument,
  method: string,
  path: string,
): DescribedOperation | undefined => {
  let decoded: string;
  try {
    decoded = decodeURIComponent(path).replace(/\?.*$/s, '');
  } catch {
    return undefined;
  }
  const found = operations.filter((each) => each.method === method && matches(each.path, decoded));
  return found.sort((a, b) => a.path.split('{').length - b.path.split('{').length)[0];
};
