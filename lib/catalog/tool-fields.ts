import * as z from 'zod/mini';
import type { PerUnitPricing, Pricing, ToolInput } from '../domain/catalog.ts';
import type { Refusal } from '../domain/refusal.ts';
import { faultsOf } from '../schema/faults.ts';
import { oneOf, orRequired } from '../schema/field.ts';

// What an input and a usage of a tool have in common.

type Field = z.ZodMiniType<number | string | undefined>;
type Schema = z.ZodMiniType<Record<string, number | string | undefined>>;

export const checked = (schema: Schema, value: unknown, at: string): ToolInput | Refusal => {
  const result = schema.safeParse(value);
  if (!result.success) return { refused: 'validation_failed', faults: faultsOf(result.error.issues, at) };
  const input: Record<string, number | string> = {};
  for (const [name, field] of Object.entries(result.data)) if (field !== undefined) input[name] = field;
  return input;
};

/** A schema for each price, made when it is first asked for. */
export const cached = (make: (pricing: Pricing) => Schema) => {
  const made = new WeakMap<Pricing, Schema>();
  return (pricing: Pricing): Schema => {
    const known = made.get(pricing) ?? make(pricing);
    made.set(pricing, known);
    return known;
  };
};

export const fields = (shape: Record<string, Field>): Schema => z.strictObject(shape, orRequired('must be an object'));

export const choicesOf = ({ options }: PerUnitPricing): Record<string, Field> =>
  Object.fromEntries(Object.entries(options).map(([name, percents]) => [name, oneOf(Object.keys(percents))]));

export const metersOf = <Meter>(
  { meters }: { readonly meters: Readonly<Record<string, Meter>> },
  quantity: (meter: Meter) => Field,
): Record<string, Field> =>
  Object.fromEntries(Object.entries(meters).map(([name, meter]) => [name, z.optional(quantity(meter))]));
