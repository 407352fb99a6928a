import type { Path } from './document.ts';
import { invalid, NotKnown } from './refused.ts';
import { isReserved } from './reserved-words.ts';
import { accept, type Cursor, cached, expect, listed, next, peek, syntaxError } from './tokens.ts';
import type { Item, Value } from './value.ts';

/** A path as written: `#names` stand for themselves. */
export interface WrittenPath {
  readonly path: Path;
  readonly aliased: boolean;
}

/** A `:value` of the request. */
export interface Given {
  readonly kind: 'given';
  readonly name: string;
}
export type Operand =
  | { readonly kind: 'path'; readonly path: WrittenPath }
  | Given
  | { readonly kind: 'size'; readonly path: WrittenPath };

/** What the request says its `#names` and `:values` are. */
export interface Scope {
  readonly names: Readonly<Record<string, string>>;
  readonly values: Item;
}

const NAME = /^[A-Za-z_]\w*$/;
const INDEX = /^\d+$/;

const parseName = (cursor: Cursor): string => {
  const name = next(cursor);
  if (name.startsWith('#')) cursor.used.add(name);
  else if (!NAME.test(name)) throw syntaxError(name);
  else if (isReserved(name))
    throw invalid(`Invalid expression: Attribute name is a reserved keyword; reserved keyword: ${name}`);
  return name;
};

export const parsePath = (cursor: Cursor): WrittenPath => {
  const path: [string, ...(string | number)[]] = [parseName(cursor)];
  for (;;) {
    if (accept(cursor, '.')) path.push(parseName(cursor));
    else if (accept(cursor, '[')) {
      const index = next(cursor);
      if (!INDEX.test(index)) throw syntaxError(index);
      path.push(Number(index));
      expect(cursor, ']');
    } else return { path, aliased: path.some((key) => typeof key === 'string' && key.startsWith('#')) };
  }
};

export const parseGiven = (cursor: Cursor): Given => {
  const name = next(cursor);
  if (!name.startsWith(':')) throw syntaxError(name);
  cursor.used.add(name);
  return { kind: 'given', name };
};

export const parseOperand = (cursor: Cursor): Operand => {
  if (peek(cursor).startsWith(':')) return parseGiven(cursor);
  if (peek(cursor, 1) !== '(') return { kind: 'path', path: parsePath(cursor) };
  const name = next(cursor);
  if (name !== 'size') throw invalid(`Invalid expression: Invalid function name; function: ${name}`);
  cursor.operators++;
  expect(cursor, '(');
  if (peek(cursor).startsWith(':')) throw new NotKnown('size() of a value');
  const path = parsePath(cursor);
  expect(cursor, ')');
  return { kind: 'size', path };
};

export const resolvePath = ({ path, aliased }: WrittenPath, { names }: Scope): Path => {
  if (!aliased) return path;
  const [first, ...rest] = path;
  const named = (key: string): string => (key.startsWith('#') ? (names[key] ?? key) : key);
  return [named(first), ...rest.map((key) => (typeof key === 'string' ? named(key) : key))];
};

/** What the request gives for a `:value`. `checkUse` has seen that it gives one. */
export const givenValue = ({ name }: Given, { values }: Scope): Value => {
  const value = values[name];
  if (value === undefined) throw invalid(`An expression attribute value used in expression is not defined; ${name}`);
  return value;
};

/** `ProjectionExpression`: its paths. */
export const parseProjection = cached((cursor: Cursor) => listed(cursor, parsePath));

/** Every `#name` and `:value` used must be given, and every one given used. */
export const checkUse = (scope: Scope, expressions: readonly ({ readonly used: readonly string[] } | null)[]): void => {
  const used = new Set<string>();
  for (const expression of expressions) {
    if (expression === null) continue;
    for (const name of expression.used) {
      const given = name.startsWith('#') ? scope.names : scope.values;
      if (!Object.hasOwn(given, name))
        throw invalid(`Invalid expression: An expression attribute used in expression is not defined: ${name}`);
      used.add(name);
    }
  }
  for (const given of [scope.names, scope.values]) {
    for (const name in given) if (!used.has(name)) throw invalid(`Value provided but unused in expressions: {${name}}`);
  }
};
