import { invalid, NotKnown } from './refused.ts';

/** A DynamoDB value: on the wire, in the table, in an expression. Never changed once made; an update makes new ones. */
export type Value =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly BOOL: boolean }
  | { readonly NULL: true }
  | { readonly M: Item }
  | { readonly L: Value[] }
  | { readonly SS: string[] }
  | { readonly NS: string[] };
export type Item = { readonly [name: string]: Value };
export type ValueType = 'S' | 'N' | 'BOOL' | 'NULL' | 'M' | 'L' | 'SS' | 'NS';

export const typeOf = (value: Value): ValueType => {
  if ('S' in value) return 'S';
  if ('N' in value) return 'N';
  if ('M' in value) return 'M';
  if ('L' in value) return 'L';
  if ('BOOL' in value) return 'BOOL';
  if ('NULL' in value) return 'NULL';
  return 'SS' in value ? 'SS' : 'NS';
};

export const isObject = (raw: unknown): raw is Readonly<Record<string, unknown>> =>
  typeof raw === 'object' && raw !== null && !Array.isArray(raw);

const INTEGER = /^-?\d{1,17}$/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Numbers as DynamoDB writes them. Integers this side of 2^53 only: any other number is `NotKnown`, never rounded. */
export const numberText = (raw: string): string => {
  if (!INTEGER.test(raw)) {
    if (!NUMBER.test(raw)) throw invalid('The parameter cannot be converted to a numeric value');
    throw new NotKnown(`the number ${raw}`);
  }
  return textOfNumber(Number(raw));
};

export const textOfNumber = (number: number): string => {
  if (!Number.isSafeInteger(number)) throw new NotKnown(`the number ${number}`);
  return number === 0 ? '0' : String(number);
};

const setOf = (raw: unknown, normal: (text: string) => string): string[] => {
  if (!Array.isArray(raw)) throw invalid('a set is not a list');
  if (raw.length === 0) throw invalid('One or more parameter values were invalid: An set may not be empty');
  const members = raw.map((each) => normal(String(each)));
  if (new Set(members).size < members.length) throw invalid('Input collection contains duplicates.');
  return members;
};

/** DynamoDB's limit. */
const MAX_DEPTH = 32;

/** Reads a value as it came over the wire: checked, numbers made normal, nothing shared with what it was read from. */
export const parseValue = (raw: unknown, depth = 0): Value => {
  if (!isObject(raw)) throw invalid('Supplied AttributeValue is empty');
  if (depth > MAX_DEPTH) throw invalid('Nesting Levels have exceeded supported limits');
  if (typeof raw['S'] === 'string') return { S: raw['S'] };
  if (typeof raw['N'] === 'string') return { N: numberText(raw['N']) };
  if (isObject(raw['M'])) return { M: parseItem(raw['M'], depth + 1) };
  if (Array.isArray(raw['L'])) return { L: raw['L'].map((each) => parseValue(each, depth + 1)) };
  if (typeof raw['BOOL'] === 'boolean') return { BOOL: raw['BOOL'] };
  if (raw['NULL'] === true) return { NULL: true };
  if ('SS' in raw) return { SS: setOf(raw['SS'], (text) => text) };
  if ('NS' in raw) return { NS: setOf(raw['NS'], numberText) };
  if ('B' in raw || 'BS' in raw) throw new NotKnown('binary values');
  throw invalid('Supplied AttributeValue is empty, must contain exactly one of the supported datatypes');
};

export const parseItem = (raw: Readonly<Record<string, unknown>>, depth = 0): Item => {
  const item: Record<string, Value> = {};
  for (const name in raw) item[name] = parseValue(raw[name], depth);
  return item;
};

export const at = (item: Item, name: string): Value | undefined => (Object.hasOwn(item, name) ? item[name] : undefined);

/** UTF-16 code units put characters beyond U+FFFF before some below it; UTF-8, by whose bytes DynamoDB sorts, does not. */
const utf8Rank = (unit: number): number => (unit < 0xd800 ? unit : unit >= 0xe000 ? unit - 0x800 : unit + 0x2000);

export const compareText = (a: string, b: string): number => {
  const shorter = Math.min(a.length, b.length);
  for (let place = 0; place < shorter; place++) {
    const one = a.charCodeAt(place);
    const other = b.charCodeAt(place);
    if (one !== other) return utf8Rank(one) - utf8Rank(other);
  }
  return a.length - b.length;
};

/** Less than, equal to or greater than zero; `null` where the two have no order: of two types, or of one without. */
export const compare = (a: Value, b: Value): number | null => {
  if ('N' in a && 'N' in b) return Number(a.N) - Number(b.N);
  if ('S' in a && 'S' in b) return compareText(a.S, b.S);
  return null;
};

const sameMembers = (a: readonly string[], b: readonly string[]): boolean => {
  if (a.length !== b.length) return false;
  const members = new Set(a);
  return b.every((each) => members.has(each));
};

const sameItem = (a: Item, b: Item): boolean => {
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  return names.every((name) => {
    const [one, other] = [at(a, name), at(b, name)];
    return one !== undefined && other !== undefined && same(one, other);
  });
};

/** Of one type and equal; sets and maps in any order. */
export const same = (a: Value, b: Value): boolean => {
  if (a === b) return true;
  if ('S' in a) return 'S' in b && a.S === b.S;
  if ('N' in a) return 'N' in b && a.N === b.N;
  if ('BOOL' in a) return 'BOOL' in b && a.BOOL === b.BOOL;
  if ('NULL' in a) return 'NULL' in b;
  if ('M' in a) return 'M' in b && sameItem(a.M, b.M);
  if ('SS' in a) return 'SS' in b && sameMembers(a.SS, b.SS);
  if ('NS' in a) return 'NS' in b && sameMembers(a.NS, b.NS);
  if (!('L' in b) || a.L.length !== b.L.length) return false;
  return a.L.every((each, place) => {
    const other = b.L[place];
    return other !== undefined && same(each, other);
  });
};
