import * as z from 'zod/mini';
import type { PerUnitPricing, Pricing, Tool, ToolInput } from '../domain/catalog.ts';
import { MAX_QUANTITY } from '../domain/price.ts';
import type { Refusal } from '../domain/refusal.ts';
import { faultsOf } from '../schema/faults.ts';
import { oneOf, orRequired, whole } from '../schema/field.ts';

/**
 * Checks what an estimate is asked for: only the fields that make the price, within the tool's maxima. Free text (a
 * prompt, say) is refused like any unknown field: no payload ever comes in here.
 * Refuses with `validation_failed`; paths begin with `at`.
 */
export const parseToolInput = (tool: Tool, value: unknown, at = 'input'): ToolInput | Refusal =>
  checked(inputSchema(tool.pricing), value, at);

/**
 * Checks what was really used: the same field names, but each may be 0 and may exceed what the estimate allowed (R9
 * absorbs that), up to `MAX_QUANTITY`. Refuses with `validation_failed`; paths begin with `at`.
 */
export const parseUsage = (tool: Tool, value: unknown, at = 'usage'): ToolInput | Refusal =>
  checked(usageSchema(tool.pricing), value, at);

type Field = z.ZodMiniType<number | string | undefined>;
type Schema = z.ZodMiniType<Record<string, number | string | undefined>>;

const checked = (schema: Schema, value: unknown, at: string): ToolInput | Refusal => {
  const result = schema.safeParse(value);
  if (!result.success) return { refused: 'validation_failed', faults: faultsOf(result.error.issues, at) };
  const input: Record<string, number | string> = {};
  for (const [name, field] of Object.entries(result.data)) if (field !== undefined) input[name] = field;
  return input;
};

/** A schema for each price, made when it is first asked for. */
const cached = (make: (pricing: Pricing) => Schema) => {
  const made = new WeakMap<Pricing, Schema>();
  return (pricing: Pricing): Schema => {
    const known = made.get(pricing) ?? make(pricing);
    made.set(pricing, known);
    return known;
  };
};

const inputSchema = cached((pricing) => {
  switch (pricing.kind) {
    case 'fixed':
      return fields({});
    case 'per_unit':
      return fields({ ...choicesOf(pricing), [pricing.unit]: whole(1, pricing.maxUnits) });
    case 'tokens':
      return fields({
        inputTokens: whole(0, pricing.maxInputTokens),
        outputTokens: z.optional(whole(1, pricing.maxOutputTokens)),
      });
    case 'open_ended':
      return fields({
        // The base is owed as soon as it starts: a lower ceiling would be an estimate that every run exceeds (R2).
        maxCredits: z.optional(whole(Math.max(1, pricing.baseCredits), pricing.ceilingCredits)),
        ...metersOf(pricing, ({ max }) => whole(0, max)),
      });
  }
});

const usageSchema = cached((pricing) => {
  switch (pricing.kind) {
    case 'fixed':
      return fields({});
    case 'per_unit':
      return fields({ ...choicesOf(pricing), [pricing.unit]: anyQuantity });
    case 'tokens':
      return fields({ inputTokens: anyQuantity, outputTokens: anyQuantity });
    case 'open_ended': {
      const names = Object.keys(pricing.meters);
      return fields({
        maxCredits: z.optional(whole(1, MAX_QUANTITY)),
        ...metersOf(pricing, () => anyQuantity),
      }).check(
        z.refine(
          (usage) => names.some((name) => usage[name] !== undefined),
          `must name at least one of ${names.join(', ')}`,
        ),
      );
    }
  }
});

const fields = (shape: Record<string, Field>): Schema => z.strictObject(shape, orRequired('must be an object'));

const choicesOf = ({ options }: PerUnitPricing): Record<string, Field> =>
  Object.fromEntries(Object.entries(options).map(([name, percents]) => [name, oneOf(Object.keys(percents))]));

const metersOf = <Meter>(
  { meters }: { readonly meters: Readonly<Record<string, Meter>> },
  quantity: (meter: Meter) => Field,
): Record<string, Field> =>
  Object.fromEntries(Object.entries(meters).map(([name, meter]) => [name, z.optional(quantity(meter))]));

const anyQuantity = whole(0, MAX_QUANTITY);
