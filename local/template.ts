import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { StartupProblem } from './startup-problem.ts';

const resource = z.object({
  Type: z.string(),
  Properties: z._default(z.record(z.string(), z.unknown()), {}),
  Metadata: z._default(z.record(z.string(), z.unknown()), {}),
});
export type Resource = z.infer<typeof resource>;

const templateFile = z.object({ Resources: z.record(z.string(), resource) });

/** Resources by their logical id. */
export interface Template {
  /** The directory of the cloud assembly; asset paths are relative to it. */
  readonly assembly: string;
  readonly resources: ReadonlyMap<string, Resource>;
}

/** The synthesized template that has the HTTP API in it. */
export const readTemplate = (assembly: string): Template => {
  const files = readdirSync(assembly).filter((file) => file.endsWith('.template.json'));
  for (const file of files) {
    const { Resources } = templateFile.parse(JSON.parse(readFileSync(join(assembly, file), 'utf8')));
    const resources = new Map(Object.entries(Resources));
    if ([...resources.values()].some(({ Type }) => Type === 'AWS::ApiGatewayV2::Api')) return { assembly, resources };
  }
  throw new StartupProblem(`No stack in ${assembly} has an HTTP API.`);
};

export const ofType = (template: Template, ...types: string[]): [id: string, resource: Resource][] =>
  [...template.resources].filter(([, { Type }]) => types.includes(Type));

/** The one resource of a type; more or fewer are a fault of the stack, or of this runtime. */
export const theOnly = (template: Template, ...types: string[]): [id: string, resource: Resource] => {
  const [found, ...others] = ofType(template, ...types);
  if (!found || others.length > 0)
    throw new StartupProblem(`The stack must have one ${types.join(' or ')} for this machine.`);
  return found;
};

/** Logical ids a value refers to by `Ref` or `Fn::GetAtt`, in reading order, through `Fn::Join` and whatever else is around them. */
const references = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(references);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === 'Ref' && typeof inner === 'string') return [inner];
    if (key === 'Fn::GetAtt' && Array.isArray(inner) && typeof inner[0] === 'string') return [inner[0]];
    return references(inner);
  });
};

/** The resource of a type that a value refers to. */
export const referred = (template: Template, value: unknown, type: string): [id: string, resource: Resource] => {
  for (const id of references(value)) {
    const found = template.resources.get(id);
    if (found?.Type === type) return [id, found];
  }
  throw new StartupProblem(`The stack has a reference without its ${type}: ${JSON.stringify(value)}`);
};
