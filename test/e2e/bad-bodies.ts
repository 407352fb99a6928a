import * as z from 'zod/mini';

/** A body as it goes over the wire, and where its fault lies. */
export interface BadBody {
  readonly it: string;
  readonly rawBody: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
  /** The paths of all faults. */
  readonly paths: readonly string[];
}

type Body = Readonly<Record<string, unknown>>;

const FORM = 'a=1&credits=5&tool=web-search';

const nested = (depth: number, open: string, close: string): string => open.repeat(depth) + close.repeat(depth);

/** What no operation takes for a body, whatever its fields. */
export const shapelessBodies = (good: Body): readonly BadBody[] => {
  const text = JSON.stringify(good);
  const raw: readonly (readonly [string, BadBody['rawBody']])[] = [
    ['nothing', ''],
    ['blanks', ' \r\n\t '],
    ['half of it', text.slice(0, -3)],
    ['more behind it', `${text} x`],
    ['it twice', text + text],
    ['a comment in it', `{/* */${text.slice(1)}`],
    ['a comma too many', `${text.slice(0, -1)},}`],
    ['single quotes', text.replaceAll('"', "'")],
    ['a byte order mark', `\uFEFF${text}`],
    ['a control character in a text', '{"a":"\u0001"}'],
    ['NaN', 'NaN'],
    ['Infinity', '-Infinity'],
    ['a number like no other', '01'],
    ['bytes that are no text', Uint8Array.from([0xff, 0xfe, 0x00, 0xd8])],
    ['UTF-16', new Uint8Array(Buffer.from(text, 'utf16le'))],
    ['HTML', '<script>alert(1)</script>'],
    ['null', 'null'],
    ['true', 'true'],
    ['a number', '42'],
    ['a huge number', '1e309'],
    ['a text', '"text"'],
    ['itself as a text', JSON.stringify(text)],
    ['an empty array', '[]'],
    ['itself in an array', `[${text}]`],
    ['arrays in arrays, 30,000 deep', nested(30_000, '[', ']')],
    ['arrays without end', '['.repeat(60_000)],
  ];
  const forms: readonly (readonly [string, string])[] = [
    ['application/x-www-form-urlencoded', FORM],
    ['text/plain', FORM],
    ['application/xml', '<credits>5</credits>'],
    ['multipart/form-data; boundary=x', '--x\r\ncontent-disposition: form-data; name="credits"\r\n\r\n5\r\n--x--'],
    ['application/octet-stream', FORM],
  ];
  return [
    ...raw.map(([it, rawBody]) => ({ it, rawBody, paths: ['$'] })),
    ...forms.map(([type, rawBody]) => ({ it: type, rawBody, headers: { 'content-type': type }, paths: ['$'] })),
  ];
};

/** Keys that every object has, and names that mean something to somebody. */
const RESERVED = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'];
const UNKNOWN = [...RESERVED, 'extra', 'accountID', '$where', 'refused', 'length'];

/** JSON with the texts of its values given, so that a key may be any and a number as large as it likes. */
const jsonText = (entries: readonly (readonly [string, string])[]): string =>
  `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`;

const asTexts = (body: Body): [string, string][] =>
  Object.entries(body).map(([key, value]) => [key, JSON.stringify(value)]);

const withKey = (body: Body, key: string, text: string): string =>
  jsonText([...asTexts(body).filter(([name]) => name !== key), [key, text]]);

const DEEP = ['{"credits":1,"tool":"x"}', '[]', nested(5_000, '[', ']')];

/** `at` is where the object lies in the body: nothing, or a name. `values` are tried in turn. */
const unknownKeys = (
  good: Body,
  at: string | null,
  wrap: (text: string) => string,
  values: readonly string[] = ['1', ...DEEP],
): BadBody[] => {
  const path = (key: string) => (at === null ? key : `${at}.${key}`);
  const rows = UNKNOWN.map((key, index) => ({
    it: `an unknown key ${path(key)}`,
    rawBody: wrap(withKey(good, key, values[index % values.length] ?? '1')),
    paths: [path(key)],
  }));
  const bracketed = ['', ' ', 'a.b', 'ключ', '🎬', '"', '\u0000'].map((key) => ({
    it: `an unknown key ${JSON.stringify(key)} ${at ?? ''}`,
    rawBody: wrap(withKey(good, key, values[0] ?? '1')),
    paths: [`${at ?? ''}[${JSON.stringify(key)}]`],
  }));
  return [...rows, ...bracketed];
};

const field = z.object({
  type: z.optional(z.string()),
  enum: z.optional(z.array(z.unknown())),
  minimum: z.optional(z.int()),
  maximum: z.optional(z.int()),
  format: z.optional(z.string()),
});
const alternatives = z.object({ anyOf: z.array(field) });
const bodySchema = z.object({
  properties: z.record(z.string(), z.union([alternatives, field])),
  required: z.optional(z.array(z.string())),
  /** Not there, or a schema of their own: fields unknown here are taken, as long as they are plain. */
  additionalProperties: z.optional(z.unknown()),
});
type Field = z.infer<typeof field>;

const fieldsOf = (schema: Field | z.infer<typeof alternatives>): readonly Field[] =>
  'anyOf' in schema ? schema.anyOf : [schema];

const NO_INSTANTS = [
  '"tomorrow"',
  '"2027-01-01"',
  '"2027-02-30T00:00:00Z"',
  '"2027-01-01T00:00:00+0100"',
  '"9999-12-31T23:59:59-01:00"',
  '"1e9"',
  '"+275760-09-13T00:00:00Z"',
];

const NUMBERS = ['-1', '0.5', '-0.5', '1e309', '-1e309', '9007199254740992', '9007199254740993', '1e21', '"5"', '""'];

const wrongNumbers = ({ minimum, maximum }: Field): string[] => [
  ...NUMBERS,
  ...(minimum === undefined ? [] : [String(minimum - 1)]),
  ...(maximum === undefined ? [] : [String(maximum + 1)]),
];

/** No field takes any text: a lone half of a surrogate pair could not be stored, and nothing may be as long as it likes. */
const wrongTexts = ({ format, enum: choices }: Field): string[] => [
  ...['""', '"   "', '"\\ud800"', '"a\\udc00b"', JSON.stringify('x'.repeat(16_385))],
  ...(format === 'date-time' ? NO_INSTANTS : []),
  ...(choices === undefined ? [] : ['"other"', '"__proto__"', '"constructor"', '"toString"', '" goodwill"']),
];

/** Values the document does not allow for a field, as JSON. */
const wrongValues = (schema: Field | z.infer<typeof alternatives>): string[] => {
  const allowed = fieldsOf(schema);
  const types = new Set(allowed.map(({ type }) => type));
  return [
    ...['true', 'false', '[]', '[1]', '["text"]', nested(3_000, '[', ']')],
    ...(types.has('object') ? ['"{}"'] : ['{}', '{"__proto__":1}', '{"toString":1}']),
    ...(types.has('null') ? [] : ['null']),
    ...(types.has('integer') ? [] : ['5', '1e309', '-1']),
    ...(types.has('string') ? [] : ['"text"']),
    ...allowed.flatMap((each) => (each.type === 'integer' ? wrongNumbers(each) : [])),
    ...allowed.flatMap((each) => (each.type === 'string' ? wrongTexts(each) : [])),
  ];
};

const isObject = (value: unknown): value is Body =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Bodies that are wrong in one field, by the schema the contract has for them: a new field gets its rows by itself. */
export const wrongFields = (good: Body, schemaOfBody: unknown): readonly BadBody[] => {
  const { properties, required = [], additionalProperties } = bodySchema.parse(schemaOfBody);
  const wrong = Object.entries(properties)
    .filter(([name]) => Object.hasOwn(good, name))
    .flatMap(([name, schema]) =>
      wrongValues(schema).map((text) => ({
        it: `${name} is ${text.length > 60 ? `${text.slice(0, 30)}… of ${text.length}` : text}`,
        rawBody: withKey(good, name, text),
        paths: [name],
      })),
    );
  const missing = required.map((name) => ({
    it: `${name} is missing`,
    rawBody: jsonText(asTexts(good).filter(([key]) => key !== name)),
    paths: [name],
  }));
  const twice = required.map((name) => ({
    it: `${name} twice, the good one first`,
    rawBody: `${JSON.stringify(good).slice(0, -1)},${JSON.stringify(name)}:[]}`,
    paths: [name],
  }));
  const inside = Object.entries(good).flatMap(([name, value]) =>
    isObject(value) ? unknownKeys(value, name, (text) => withKey(good, name, text)) : [],
  );
  const isClosed = additionalProperties === false;
  const unknown = unknownKeys(good, null, (text) => text, isClosed ? undefined : DEEP);
  return [...wrong, ...missing, ...twice, ...unknown, ...inside];
};

/** A thousand unknown keys, each long: what is said of them must stay short. */
export const floods = (good: Body): readonly Omit<BadBody, 'paths'>[] => {
  const flood = (key: (at: number) => string) =>
    JSON.stringify({ ...good, ...Object.fromEntries(Array.from({ length: 40 }, (_, at) => [key(at), at])) });
  return [
    { it: 'long keys', rawBody: flood((at) => `${at}${'k'.repeat(900)}`) },
    { it: 'keys of control characters', rawBody: flood((at) => `${'\u0001'.repeat(200)}${at}`) },
    {
      it: 'keys that begin with them',
      rawBody: flood((at) => `${String.fromCharCode(at + 1)}${'\u0002'.repeat(200)}`),
    },
    { it: 'keys of emoji', rawBody: flood((at) => `${at}${'🎬'.repeat(300)}`) },
    { it: 'keys of quotes', rawBody: flood((at) => `${at}${'"\\'.repeat(400)}`) },
  ];
};
