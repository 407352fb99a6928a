import type { Catalog } from '../domain/catalog.ts';
import { MAX_QUANTITY } from '../domain/price.ts';

// The shape of `catalog-schema.ts` once more, as plain predicates: zod takes 6 ms for it at a cold start, a third of the code's own.
// A test holds the two together over random changes of the catalog.

type Is = (value: unknown) => boolean;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const text: Is = (value) => typeof value === 'string';
const truth: Is = (value) => typeof value === 'boolean';
const whole =
  (min: number, max = MAX_QUANTITY): Is =>
  (value) =>
    typeof value === 'number' && Number.isInteger(value) && min <= value && value <= max;
const oneOf =
  (...choices: readonly string[]): Is =>
  (value) =>
    choices.some((choice) => choice === value);
const nullable =
  (is: Is): Is =>
  (value) =>
    value === null || is(value);
const listOf =
  (is: Is): Is =>
  (value) =>
    Array.isArray(value) && value.every(is);
const named =
  (is: Is): Is =>
  (value) =>
    isRecord(value) && Object.values(value).every(is);
/** Just these fields. */
const object = (shape: Readonly<Record<string, Is>>): Is => {
  const fields = Object.entries(shape);
  return (value) =>
    isRecord(value) &&
    Object.keys(value).length === fields.length &&
    fields.every(([name, is]) => Object.hasOwn(value, name) && is(value[name]));
};

const [count, positive, months, rate] = [whole(0), whole(1), whole(1, 120), whole(1, 1_000_000)];
const money = { amount: positive, currency: text };
const tokens = { inputPerMillion: rate, outputPerMillion: rate, maxInputTokens: positive, maxOutputTokens: positive };
const unit = { unit: text, milliCreditsEach: rate, maxUnits: positive, options: named(named(whole(1, 1000))) };
const meters = named(object({ milliCreditsEach: rate, max: positive }));
const pricings = [
  object({ kind: oneOf('fixed'), creditsPerCall: positive }),
  object({ kind: oneOf('per_unit'), ...unit }),
  object({ kind: oneOf('tokens'), ...tokens, typicalOutputTokens: positive }),
  object({
    kind: oneOf('open_ended'),
    baseCredits: count,
    ceilingCredits: positive,
    typicalCredits: positive,
    meters,
  }),
];
const pricing: Is = (value) => pricings.some((is) => is(value));
const exampleInput = named((field) => typeof field === 'number' || typeof field === 'string');
const tools = listOf(object({ id: text, code: whole(1, 9999), name: text, model: text, pricing, exampleInput }));
const plan = object({
  id: text,
  name: text,
  price: nullable(object({ ...money, interval: oneOf('month', 'year') })),
  creditsPerCycle: count,
  dailyFreeCredits: count,
  dailyRunLimit: nullable(positive),
  listed: truth,
});
const pack = object({ id: text, name: text, price: object(money), credits: positive, expiresAfterMonths: months });
const catalog = object({
  priceVersion: text,
  plans: listOf(plan),
  packs: listOf(pack),
  tools,
  retired: listOf(object({ priceVersion: text, tools })),
  subscription: object({ graceHours: whole(0, 72) }),
  promotional: object({ expiresAfterMonths: months }),
  enterprise: object({ description: text, contact: text }),
});

/** Whether this is a catalog (R1): every field there, of its type and within its bounds, and no other. Says nothing of what is wrong. */
export const isCatalog = (value: unknown): value is Catalog => catalog(value);
