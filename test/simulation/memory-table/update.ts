import { type Given, parseGiven, parsePath, type WrittenPath } from './operand.ts';
import { invalid } from './refused.ts';
import { accept, acceptWord, atEnd, type Cursor, cached, expect, listed, next, peek, syntaxError } from './tokens.ts';

export type Term =
  | { readonly kind: 'path'; readonly path: WrittenPath }
  | Given
  | { readonly kind: 'if-not-exists'; readonly path: WrittenPath; readonly otherwise: Term }
  | { readonly kind: 'list-append'; readonly left: Term; readonly right: Term };

export interface Sum {
  readonly kind: 'sum';
  readonly sign: 1 | -1;
  readonly left: Term;
  readonly right: Term;
}
export type SetValue = Term | Sum;

export type Action =
  | { readonly kind: 'set'; readonly path: WrittenPath; readonly to: SetValue }
  | { readonly kind: 'remove'; readonly path: WrittenPath }
  | { readonly kind: 'add' | 'delete'; readonly path: WrittenPath; readonly given: Given };

const parseTerm = (cursor: Cursor): Term => {
  if (peek(cursor).startsWith(':')) return parseGiven(cursor);
  if (peek(cursor, 1) !== '(') return { kind: 'path', path: parsePath(cursor) };
  const name = next(cursor);
  if (name !== 'if_not_exists' && name !== 'list_append')
    throw invalid(`Invalid UpdateExpression: Invalid function name; function: ${name}`);
  cursor.operators++;
  expect(cursor, '(');
  const term: Term =
    name === 'if_not_exists'
      ? { kind: 'if-not-exists', path: parsePath(cursor), otherwise: afterComma(cursor) }
      : { kind: 'list-append', left: parseTerm(cursor), right: afterComma(cursor) };
  expect(cursor, ')');
  return term;
};

const afterComma = (cursor: Cursor): Term => {
  expect(cursor, ',');
  return parseTerm(cursor);
};

const parseSet = (cursor: Cursor): Action => {
  const path = parsePath(cursor);
  expect(cursor, '=');
  const left = parseTerm(cursor);
  const sign = accept(cursor, '+') ? 1 : accept(cursor, '-') ? -1 : null;
  if (sign === null) return { kind: 'set', path, to: left };
  cursor.operators++;
  return { kind: 'set', path, to: { kind: 'sum', sign, left, right: parseTerm(cursor) } };
};

const CLAUSES: Readonly<Record<string, (cursor: Cursor) => Action>> = {
  SET: parseSet,
  REMOVE: (cursor) => ({ kind: 'remove', path: parsePath(cursor) }),
  ADD: (cursor) => ({ kind: 'add', path: parsePath(cursor), given: parseGiven(cursor) }),
  DELETE: (cursor) => ({ kind: 'delete', path: parsePath(cursor), given: parseGiven(cursor) }),
};

/** `UpdateExpression`: its actions as written. Each of the four clauses at most once, in any order. */
export const parseUpdate = cached((cursor: Cursor): readonly Action[] => {
  const actions: Action[] = [];
  const seen = new Set<string>();
  while (!atEnd(cursor)) {
    const word = Object.keys(CLAUSES).find((each) => acceptWord(cursor, each));
    const clause = word === undefined ? undefined : CLAUSES[word];
    if (word === undefined || clause === undefined) throw syntaxError(peek(cursor));
    if (seen.has(word)) throw invalid(`Invalid UpdateExpression: The "${word}" section can only be used once`);
    seen.add(word);
    actions.push(...listed(cursor, clause));
  }
  return actions;
});
