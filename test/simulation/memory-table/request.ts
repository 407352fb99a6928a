import type { Scope } from './operand.ts';
import { invalid, NotKnown, Refused } from './refused.ts';
import { type IndexShape, type Key, textAt } from './rows.ts';
import { type Item, isObject, parseItem } from './value.ts';

/** A request as it came: nothing of it is known yet. */
export type Request = Readonly<Record<string, unknown>>;

export interface TableShape {
  readonly name: string;
  readonly indexes: readonly IndexShape[];
}

export const KEY_NAMES = ['pk', 'sk'] as const;

export const objectIn = (request: Request, name: string): Request => {
  const value = request[name];
  if (!isObject(value)) throw invalid(`1 validation error detected: '${name}' must not be null`);
  return value;
};

export const listIn = (request: Request, name: string): readonly unknown[] => {
  const value = request[name];
  if (!Array.isArray(value)) throw invalid(`1 validation error detected: '${name}' must not be null`);
  return value;
};

export const textIn = (request: Request, name: string): string | null => {
  const value = request[name];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw invalid(`${name} is not a string`);
  return value;
};

export const flagIn = (request: Request, name: string, otherwise: boolean): boolean => {
  const value = request[name];
  if (value === undefined || value === null) return otherwise;
  if (typeof value !== 'boolean') throw invalid(`${name} is not a boolean`);
  return value;
};

/** One of some words; the first where none is given. */
export const wordIn = <T extends string>(request: Request, name: string, words: readonly [T, ...T[]]): T => {
  const given = textIn(request, name);
  if (given === null) return words[0];
  const word = words.find((each) => each === given);
  if (word === undefined) throw invalid(`Value '${given}' at '${name}' failed to satisfy constraint`);
  return word;
};

/** A parameter the memory table would ignore is not ignored. */
export const knowing = (request: Request, names: readonly string[]): void => {
  for (const name in request) {
    if (request[name] !== undefined && !names.includes(name)) throw new NotKnown(`the parameter ${name}`);
  }
};

const NO_NAMES: Readonly<Record<string, string>> = {};
const NO_VALUES: Item = {};

export const scopeOf = (request: Request): Scope => {
  const { ExpressionAttributeNames: rawNames, ExpressionAttributeValues: rawValues } = request;
  const names: Record<string, string> = {};
  if (isObject(rawNames)) {
    for (const alias in rawNames) names[alias] = String(rawNames[alias]);
    if (Object.keys(names).length === 0) throw invalid('ExpressionAttributeNames must not be empty');
  }
  const values = isObject(rawValues) ? parseItem(rawValues) : NO_VALUES;
  if (isObject(rawValues) && Object.keys(values).length === 0)
    throw invalid('ExpressionAttributeValues must not be empty');
  return { names: isObject(rawNames) ? names : NO_NAMES, values };
};

const MAX_KEY_BYTES = { pk: 2048, sk: 1024 } as const;

const keyText = (item: Item, name: (typeof KEY_NAMES)[number]): string => {
  const text = textAt(item, name);
  if (text === null) throw invalid(`One or more parameter values were invalid: Missing the key ${name} in the item`);
  if (text === '')
    throw invalid(`The AttributeValue for a key attribute cannot contain an empty string value: ${name}`);
  if (Buffer.byteLength(text) > MAX_KEY_BYTES[name]) throw invalid('Size of a key has exceeded the size limit');
  return text;
};

export const keyIn = (item: Item): Key => ({ pk: keyText(item, 'pk'), sk: keyText(item, 'sk') });

/** A `Key`: the key's attributes and no others. */
export const parseKey = (raw: unknown): Key => {
  if (!isObject(raw)) throw invalid("1 validation error detected: 'key' must not be null");
  if (Object.keys(raw).length !== KEY_NAMES.length) throw invalid('The provided key element does not match the schema');
  return keyIn(parseItem(raw));
};

export const itemOfKey = ({ pk, sk }: Key): Item => ({ pk: { S: pk }, sk: { S: sk } });

export const checkTable = (request: Request, shape: TableShape): void => {
  const name = textIn(request, 'TableName');
  if (name === null) throw invalid("1 validation error detected: 'tableName' must not be null");
  if (name !== shape.name)
    throw new Refused({ type: 'ResourceNotFoundException', message: 'Requested resource not found' });
};
