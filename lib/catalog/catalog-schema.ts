import * as z from 'zod/mini';
import type { Pricing, ToolInput } from '../domain/catalog.ts';
import { MAX_QUANTITY } from '../domain/price.ts';
import { oneOf, orRequired, whole } from '../schema/field.ts';

// Every kind of zod schema costs some 0.2 ms at a cold start the first time it is made: hence `custom` for all that is no object.

/** What a text must look like is checked at build (`format-faults.ts`), and no bundle carries it. */
const text = z.custom<string>((value) => typeof value === 'string', orRequired('must be a text'));

const object = <Shape extends Record<string, z.core.SomeType>>(shape: Shape) =>
  z.strictObject(shape, orRequired('must be an object'));

/** Named things. Not `z.record`, which costs every bundle 2 KB more. */
const named = <Value extends z.core.SomeType>(value: Value) =>
  z.catchall(z.object({}, orRequired('must be an object')), value);

const listOf = <Item extends z.core.SomeType>(item: Item) => z.array(item, orRequired('must be a list'));

const count = whole(0, MAX_QUANTITY);
const positive = whole(1, MAX_QUANTITY);
const months = whole(1, 120);
/** A rate in thousandths of a credit for one, or in credits for a million: at most 1,000 credits, or 1, for one. */
const rate = whole(1, 1_000_000);

const pricings = {
  fixed: object({ kind: oneOf(['fixed']), creditsPerCall: positive }),
  per_unit: object({
    kind: oneOf(['per_unit']),
    unit: text,
    milliCreditsEach: rate,
    maxUnits: positive,
    options: named(named(whole(1, 1000))),
  }),
  tokens: object({
    kind: oneOf(['tokens']),
    inputPerMillion: rate,
    outputPerMillion: rate,
    maxInputTokens: positive,
    maxOutputTokens: positive,
    typicalOutputTokens: positive,
  }),
  open_ended: object({
    kind: oneOf(['open_ended']),
    baseCredits: count,
    ceilingCredits: positive,
    typicalCredits: positive,
    meters: named(object({ milliCreditsEach: rate, max: positive })),
  }),
} satisfies { readonly [Kind in Pricing['kind']]: z.ZodMiniType<Extract<Pricing, { kind: Kind }>> };

const isKind = (kind: unknown): kind is Pricing['kind'] => typeof kind === 'string' && Object.hasOwn(pricings, kind);

/** A nested schema's issues, as a check raises them. */
const raised = (error: z.core.$ZodError | undefined): z.core.$ZodRawIssue[] =>
  (error?.issues ?? []).map(({ message, path, ...issue }) =>
    issue.code === 'unrecognized_keys'
      ? { code: 'unrecognized_keys', keys: issue.keys, input: issue.input, message, path }
      : { code: 'custom', input: issue.input, message, path },
  );

const withKind = z.looseObject({ kind: z.unknown() });

/** By its kind, so that a fault is named where it is; a discriminated union of zod's would add 2 KB to every bundle. */
const pricing = z.custom<Pricing>().check(({ value, issues }) => {
  const kind: unknown = withKind.safeParse(value).data?.kind;
  if (value === undefined) {
    issues.push({ code: 'custom', input: value, message: 'is required' });
  } else if (isKind(kind)) {
    issues.push(...raised(pricings[kind].safeParse(value).error));
  } else {
    const message = `must be one of ${Object.keys(pricings).join(', ')}`;
    issues.push({ code: 'custom', input: value, path: ['kind'], message });
  }
});

/** Only its outline: the tool's own schema checks the rest. */
const exampleInput = z.custom<ToolInput>(
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((field) => typeof field === 'number' || typeof field === 'string'),
  orRequired('must be an object of numbers and texts'),
);

const tools = listOf(object({ id: text, code: whole(1, 9999), name: text, model: text, pricing, exampleInput }));

/** The shape of the catalog file: strict, and within bounds that keep every price a safe integer. */
export const catalogSchema = object({
  priceVersion: text,
  plans: listOf(
    object({
      id: text,
      name: text,
      price: z.nullable(object({ amount: positive, currency: text, interval: oneOf(['month', 'year']) })),
      creditsPerCycle: count,
      dailyFreeCredits: count,
      dailyRunLimit: z.nullable(positive),
      listed: z.custom<boolean>((value) => typeof value === 'boolean', orRequired('must be true or false')),
    }),
  ),
  packs: listOf(
    object({
      id: text,
      name: text,
      price: object({ amount: positive, currency: text }),
      credits: positive,
      expiresAfterMonths: months,
    }),
  ),
  tools,
  retired: listOf(object({ priceVersion: text, tools })),
  subscription: object({ graceHours: whole(0, 72) }),
  promotional: object({ expiresAfterMonths: months }),
  enterprise: object({ description: text, contact: text }),
});
