import type { Catalog } from '../domain/catalog.ts';
import type { Fault } from '../domain/refusal.ts';

interface Format {
  readonly message: string;
  readonly pattern: RegExp;
}

const ID: Format = {
  message: 'must be an id in kebab-case of at most 40 characters',
  pattern: /^(?=.{1,40}$)[a-z0-9]+(-[a-z0-9]+)*$/,
};
const LABEL: Format = { message: 'must be a text of 1 to 200 characters', pattern: /^.{1,200}$/ };
/** Pinned in every hold, and so short: an account with eight of them is to fit in 1,024 bytes. */
const VERSION: Format = { message: 'must be a version like 2026-11', pattern: /^\d{4}-\d{2}(\.\d{1,3})?$/ };
const CURRENCY: Format = { message: 'must be a currency in three small letters', pattern: /^[a-z]{3}$/ };
/** Not what every object has by birth, and not `refused`, by which a refusal is known. */
const FIELD: Format = {
  message: 'must be a name in camelCase of at most 30 characters',
  pattern:
    /^(?!(constructor|hasOwnProperty|isPrototypeOf|propertyIsEnumerable|to\w*String|valueOf|refused)$)[a-z][A-Za-z0-9]{0,29}$/,
};
const CHOICE: Format = {
  message: 'must be a choice of at most 30 characters',
  pattern: /^[A-Za-z0-9][A-Za-z0-9.-]{0,29}$/,
};

/** Texts by the field they stand in. */
const TEXTS: Readonly<Record<string, Format>> = {
  id: ID,
  name: LABEL,
  model: LABEL,
  description: LABEL,
  contact: LABEL,
  priceVersion: VERSION,
  currency: CURRENCY,
  unit: FIELD,
};
/** What the names of named things look like, by the field they are in: first theirs, then those within. */
const NAMES: Readonly<Record<string, readonly Format[]>> = { options: [FIELD, CHOICE], meters: [FIELD] };
/** Checked by the tool's own schema. */
const SKIPPED = 'exampleInput';

const within = (at: string, key: string): string => {
  if (!/^[\w$]+$/.test(key)) return `${at}[${JSON.stringify(key)}]`;
  return at === '' ? key : `${at}.${key}`;
};

const faultsAt = (value: unknown, at: string, field: string, names: readonly Format[]): Fault[] => {
  if (typeof value === 'string') {
    const format = TEXTS[field];
    return format === undefined || format.pattern.test(value) ? [] : [{ path: at, message: format.message }];
  }
  if (Array.isArray(value)) return value.flatMap((item, index) => faultsAt(item, `${at}[${index}]`, field, []));
  if (typeof value !== 'object' || value === null) return [];
  const [name, ...inner] = names;
  return Object.entries(value).flatMap(([key, item]) => {
    const path = within(at, key);
    if (key === SKIPPED) return [];
    if (name === undefined) return faultsAt(item, path, key, NAMES[key] ?? []);
    return name.pattern.test(key) ? faultsAt(item, path, '', inner) : [{ path, message: name.message }];
  });
};

/** Every text and name of a catalog that does not look as it must, by its path. */
export const formatFaults = (catalog: Catalog): Fault[] => faultsAt(catalog, '', '', []);
