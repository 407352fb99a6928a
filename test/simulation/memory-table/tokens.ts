import { invalid } from './refused.ts';

/** Where a parser stands in an expression. */
export interface Cursor {
  readonly tokens: readonly string[];
  place: number;
  /** Operators and functions met so far. */
  operators: number;
  /** `#names` and `:values` met so far. */
  readonly used: Set<string>;
}

const TOKEN = /\s*([#:]?[A-Za-z0-9_]+|<=|>=|<>|[=<>()[\].,+-])/y;
const MAX_BYTES = 4096;
/** DynamoDB's documents say so of an update alone; a condition of 301 is refused as well (scylladb/scylladb#14473). */
const MAX_OPERATORS = 300;

export const syntaxError = (found: string): Error => invalid(`Invalid expression: Syntax error; token: "${found}"`);

export const cursorOf = (text: string): Cursor => {
  if (text.trim() === '') throw invalid('Invalid expression: The expression can not be empty;');
  if (Buffer.byteLength(text) > MAX_BYTES)
    throw invalid('Invalid expression: Expression size has exceeded the maximum');
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  const end = text.trimEnd().length;
  while (TOKEN.lastIndex < end) {
    const from = TOKEN.lastIndex;
    const token = TOKEN.exec(text)?.[1];
    if (token === undefined) throw syntaxError(text.slice(from, from + 10));
    tokens.push(token);
  }
  return { tokens, place: 0, operators: 0, used: new Set() };
};

/** The token here, `''` at the end. */
export const peek = (cursor: Cursor, ahead = 0): string => cursor.tokens[cursor.place + ahead] ?? '';

export const next = (cursor: Cursor): string => {
  const token = peek(cursor);
  cursor.place++;
  return token;
};

export const accept = (cursor: Cursor, token: string): boolean => {
  if (peek(cursor) !== token) return false;
  cursor.place++;
  return true;
};

export const expect = (cursor: Cursor, token: string): void => {
  if (!accept(cursor, token)) throw syntaxError(peek(cursor));
};

/** Keywords may be written in any case; functions may not. */
export const acceptWord = (cursor: Cursor, word: string): boolean => {
  if (peek(cursor).toUpperCase() !== word) return false;
  cursor.place++;
  return true;
};

export const atEnd = (cursor: Cursor): boolean => cursor.place >= cursor.tokens.length;

/** A list with commas between. */
export const listed = <T>(cursor: Cursor, one: (cursor: Cursor) => T): readonly T[] => {
  const all = [one(cursor)];
  while (accept(cursor, ',')) all.push(one(cursor));
  return all;
};

/** An expression's meaning by its text, so that each text is read once. */
export const cached = <T>(parse: (cursor: Cursor) => T): ((text: string) => Parsed<T>) => {
  const known = new Map<string, Parsed<T>>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const cursor = cursorOf(text);
    const meaning = parse(cursor);
    if (!atEnd(cursor)) throw syntaxError(peek(cursor));
    const { operators } = cursor;
    if (operators > MAX_OPERATORS)
      throw invalid(`Invalid expression: The expression contains too many operators; operator count: ${operators}`);
    const parsed = { meaning, used: [...cursor.used] };
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(text, parsed);
    return parsed;
  };
};

const MAX_KNOWN = 5000;

export interface Parsed<T> {
  readonly meaning: T;
  /** Every `#name` and `:value` in it. */
  readonly used: readonly string[];
}
