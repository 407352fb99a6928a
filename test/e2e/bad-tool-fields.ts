import type { Pricing } from './api.ts';
import { pricingOf } from './price-model.ts';

type Tool = Pricing['tools'][number];
type Where = 'input' | 'usage';

/** A tool's fields as JSON, and the path of what is wrong with them. */
export interface WrongField {
  readonly it: string;
  readonly text: string;
  readonly path: string;
}

const OVER_EVERYTHING = '1000000001';
const NO_QUANTITY = [
  '-1',
  '0.5',
  '1e309',
  '-1e309',
  '9007199254740992',
  OVER_EVERYTHING,
  '"1"',
  '""',
  'null',
  'true',
  '[]',
  '[1]',
  '{}',
];
const NO_CHOICE = [
  '"other"',
  '""',
  '"__proto__"',
  '"constructor"',
  '"toString"',
  '" 720p"',
  '1',
  'null',
  'true',
  '[]',
  '{}',
  '1e309',
];

/** Fields a tool cannot do without. */
const requiredOf = (tool: Tool, where: Where): readonly string[] => {
  const price = pricingOf(tool);
  if (price.kind === 'per_unit') return [price.unit, ...Object.keys(price.options)];
  if (price.kind === 'tokens') return where === 'input' ? ['inputTokens'] : ['inputTokens', 'outputTokens'];
  return [];
};

const without = (fields: object, name: string): [string, unknown][] =>
  Object.entries(fields).filter(([key]) => key !== name);

const jsonOf = (entries: readonly (readonly [string, unknown])[], name?: string, text?: string): string => {
  const texts = entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
  return `{${[...texts, ...(name === undefined ? [] : [`${JSON.stringify(name)}:${text}`])].join(',')}}`;
};

/** Every field of a tool, wrong in every way a client can get it wrong, one at a time. */
export const wrongToolFields = (tool: Tool, where: Where): readonly WrongField[] => {
  const fields = tool.exampleInput;
  const values = Object.entries(fields).flatMap(([name, value]) =>
    (typeof value === 'number' ? NO_QUANTITY : NO_CHOICE).map((text) => ({
      it: `${name} is ${text}`,
      text: jsonOf(without(fields, name), name, text),
      path: `${where}.${name}`,
    })),
  );
  const missing = requiredOf(tool, where).map((name) => ({
    it: `${name} is missing`,
    text: jsonOf(without(fields, name)),
    path: `${where}.${name}`,
  }));
  const unknown = ['prompt', '__proto__', 'constructor', 'toString', 'credits', 'maxcredits'].map((name) => ({
    it: `an unknown field ${name}`,
    text: jsonOf(Object.entries(fields), name, '{"images":1}'),
    path: `${where}.${name}`,
  }));
  return [...values, ...missing, ...unknown];
};
