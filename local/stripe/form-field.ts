import * as z from 'zod/mini';

// Parameters as they come in a form, where everything is text. https://docs.stripe.com/api/metadata for the limits of metadata.

const MAX_METADATA_KEYS = 50;
const MAX_PAGE = 100;

const isIndexed = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && Object.keys(value).every((key) => /^\d+$/.test(key));

export const text = z.string().check(z.minLength(1, 'You passed an empty string'), z.maxLength(5000));
/** Empty: nothing there any more. */
export const textOrNone = z.pipe(
  z.string(),
  z.transform((value) => (value === '' ? null : value)),
);
export const whole = z.pipe(
  z.string().check(z.regex(/^-?\d{1,15}$/, 'Invalid integer')),
  z.transform((value) => Number(value)),
);
export const positive = z.pipe(
  z.string().check(z.regex(/^[1-9]\d{0,11}$/, 'must be greater than or equal to 1')),
  z.transform((value) => Number(value)),
);
export const flag = z.pipe(
  z.enum(['true', 'false'], 'Invalid boolean'),
  z.transform((value) => value === 'true'),
);
/** https only in live mode; a stand-in takes both. */
export const url = z.url({ protocol: /^https?$/, error: 'Not a valid URL' });

export const listOf = <T>(item: z.ZodMiniType<T>) =>
  z.pipe(
    z.transform((value: unknown) => (isIndexed(value) ? Object.values(value) : value)),
    z.array(item, 'Invalid array'),
  );

export const metadataValues = z.record(
  z.string().check(z.maxLength(40, 'metadata keys have at most 40 characters')),
  z.string().check(z.maxLength(500, 'metadata values have at most 500 characters')),
);

/** Empty: all keys go. A key with an empty value goes. */
export const metadata = z.union([
  z.pipe(
    z.literal(''),
    z.transform((): null => null),
  ),
  metadataValues.check(
    z.refine((values) => Object.keys(values).length <= MAX_METADATA_KEYS, 'at most 50 metadata keys'),
  ),
]);

/** What metadata is after a request that gives `change`. */
export const mergedMetadata = (
  before: Readonly<Record<string, string>>,
  change: Readonly<Record<string, string>> | null | undefined,
): Record<string, string> => {
  if (change === null) return {};
  return Object.fromEntries(Object.entries({ ...before, ...change }).filter(([, value]) => value !== ''));
};

const range = z.strictObject({
  gt: z.optional(whole),
  gte: z.optional(whole),
  lt: z.optional(whole),
  lte: z.optional(whole),
});

export const expandable = { expand: z.optional(listOf(text)) };

/** What every list call takes. */
export const paging = {
  ...expandable,
  limit: z.optional(positive.check(z.refine((limit) => limit <= MAX_PAGE, 'must be less than or equal to 100'))),
  starting_after: z.optional(text),
  ending_before: z.optional(text),
};

/** An instant in seconds, or bounds of one. */
export const instants = z.optional(
  z.union([
    z.pipe(
      whole,
      z.transform((at) => ({ gte: at, lte: at })),
    ),
    range,
  ]),
);

export const created = { created: instants };

/**
 * The parameters of a call, and no others. Only a name that the SDK knows for it compiles; what Stripe knows and the stand-in does not simulate
 * is refused like an unknown one.
 */
export const paramsOf =
  <Params extends object>() =>
  <Shape extends Record<string, z.ZodMiniType>>(shape: Shape & Record<Exclude<keyof Shape, keyof Params>, never>) =>
    z.strictObject<Shape>(shape);
