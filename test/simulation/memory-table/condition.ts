import { type Given, type Operand, parseGiven, parseOperand, parsePath, type WrittenPath } from './operand.ts';
import { invalid } from './refused.ts';
import { accept, acceptWord, type Cursor, cached, expect, listed, next, peek, syntaxError } from './tokens.ts';

export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>=';

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'compare'; readonly how: Comparator; readonly left: Operand; readonly right: Operand }
  | { readonly kind: 'between'; readonly of: Operand; readonly low: Operand; readonly high: Operand }
  | { readonly kind: 'in'; readonly of: Operand; readonly list: readonly Operand[] }
  | { readonly kind: 'exists'; readonly path: WrittenPath; readonly wanted: boolean }
  | { readonly kind: 'type'; readonly path: WrittenPath; readonly type: Given }
  | { readonly kind: 'begins' | 'contains'; readonly of: Operand; readonly what: Operand };

const COMPARATORS: readonly Comparator[] = ['=', '<>', '<', '<=', '>', '>='];
const FUNCTIONS = new Set(['attribute_exists', 'attribute_not_exists', 'attribute_type', 'begins_with', 'contains']);

const parseFunction = (cursor: Cursor): Condition => {
  const name = next(cursor);
  cursor.operators++;
  expect(cursor, '(');
  if (name === 'attribute_exists' || name === 'attribute_not_exists')
    return { kind: 'exists', path: parsePath(cursor), wanted: name === 'attribute_exists' };
  if (name === 'attribute_type') {
    const path = parsePath(cursor);
    expect(cursor, ',');
    return { kind: 'type', path, type: parseGiven(cursor) };
  }
  const of = parseOperand(cursor);
  expect(cursor, ',');
  return { kind: name === 'contains' ? 'contains' : 'begins', of, what: parseOperand(cursor) };
};

const MAX_IN = 100;

const parseComparison = (cursor: Cursor): Condition => {
  const of = parseOperand(cursor);
  cursor.operators++;
  if (acceptWord(cursor, 'BETWEEN')) {
    const low = parseOperand(cursor);
    if (!acceptWord(cursor, 'AND')) throw syntaxError(peek(cursor));
    return { kind: 'between', of, low, high: parseOperand(cursor) };
  }
  if (acceptWord(cursor, 'IN')) {
    expect(cursor, '(');
    const list = listed(cursor, parseOperand);
    expect(cursor, ')');
    if (list.length > MAX_IN) throw invalid('Invalid expression: The IN operator is provided with too many operands');
    return { kind: 'in', of, list };
  }
  const token = next(cursor);
  const how = COMPARATORS.find((each) => each === token);
  if (how === undefined) throw syntaxError(token);
  return { kind: 'compare', how, left: of, right: parseOperand(cursor) };
};

const parsePrimary = (cursor: Cursor): Condition => {
  if (acceptWord(cursor, 'NOT')) {
    cursor.operators++;
    return { kind: 'not', of: parsePrimary(cursor) };
  }
  if (accept(cursor, '(')) {
    const from = cursor.place;
    const inner = parseOr(cursor);
    // Brackets around nothing but brackets.
    if (cursor.tokens[from] === '(' && closes(cursor.tokens, from) === cursor.place - 1)
      throw invalid('Invalid expression: The expression has redundant parentheses;');
    expect(cursor, ')');
    return inner;
  }
  if (!FUNCTIONS.has(peek(cursor)) || peek(cursor, 1) !== '(') return parseComparison(cursor);
  const called = parseFunction(cursor);
  expect(cursor, ')');
  return called;
};

/** Where the bracket that opens at a place closes. */
const closes = (tokens: readonly string[], from: number): number => {
  let open = 0;
  for (let place = from; place < tokens.length; place++) {
    if (tokens[place] === '(') open++;
    if (tokens[place] === ')' && --open === 0) return place;
  }
  return -1;
};

const parseAnd = (cursor: Cursor): Condition => {
  let left = parsePrimary(cursor);
  while (acceptWord(cursor, 'AND')) {
    cursor.operators++;
    left = { kind: 'and', left, right: parsePrimary(cursor) };
  }
  return left;
};

const parseOr = (cursor: Cursor): Condition => {
  let left = parseAnd(cursor);
  while (acceptWord(cursor, 'OR')) {
    cursor.operators++;
    left = { kind: 'or', left, right: parseAnd(cursor) };
  }
  return left;
};

/** `ConditionExpression`, `FilterExpression`, `KeyConditionExpression`. NOT binds tighter than AND, AND than OR. */
export const parseCondition = cached(parseOr);
