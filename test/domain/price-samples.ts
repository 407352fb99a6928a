import fc from 'fast-check';
import type { PerUnitPricing, Pricing, ToolInput } from '../../lib/domain/catalog.ts';
import { costOf, MAX_QUANTITY } from '../../lib/domain/price.ts';

/** A price within the catalog's bounds, an input it permits, and a usage that need not keep to the input. */
export interface Sample {
  readonly pricing: Pricing;
  readonly input: ToolInput;
  readonly usage: ToolInput;
}

const rate = fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 1_000_000 }));
const quantity = fc.oneof(fc.nat({ max: 5000 }), fc.nat({ max: MAX_QUANTITY }), fc.constant(MAX_QUANTITY));
const positive = quantity.map((value) => Math.max(1, value));

const percents = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 1, max: 1000 }), { minKeys: 1 });

const pricings: fc.Arbitrary<Pricing> = fc.oneof(
  fc.record({ kind: fc.constant('fixed' as const), creditsPerCall: positive }),
  fc.record({
    kind: fc.constant('per_unit' as const),
    unit: fc.constant('units'),
    milliCreditsEach: rate,
    maxUnits: positive,
    options: fc.dictionary(fc.constantFrom('first', 'second', 'third'), percents),
  }),
  fc.record({
    kind: fc.constant('tokens' as const),
    inputPerMillion: rate,
    outputPerMillion: rate,
    maxInputTokens: positive,
    maxOutputTokens: positive,
    typicalOutputTokens: fc.constant(1),
  }),
  fc
    .record({
      baseCredits: fc.nat({ max: 100 }),
      above: positive,
      meters: fc.dictionary(
        fc.constantFrom('steps', 'calls', 'seconds'),
        fc.record({ milliCreditsEach: rate, max: positive }),
        { minKeys: 1 },
      ),
    })
    .map(({ baseCredits, above, meters }) => ({
      kind: 'open_ended' as const,
      baseCredits,
      ceilingCredits: Math.min(MAX_QUANTITY, baseCredits + above),
      typicalCredits: baseCredits + 1,
      meters,
    })),
);

const upTo = (max: number, min = 0) => fc.oneof(fc.integer({ min, max }), fc.constant(max), fc.constant(min));

const choicesOf = (pricing: PerUnitPricing): fc.Arbitrary<ToolInput> =>
  fc.record(
    Object.fromEntries(
      Object.entries(pricing.options).map(([name, choices]) => [name, fc.constantFrom(...Object.keys(choices))]),
    ),
  );

/** An input the price permits, and a usage within it: of an open-ended tool, one that stops at its ceiling. */
export const usageWithin = (pricing: Pricing): fc.Arbitrary<{ input: ToolInput; usage: ToolInput }> => {
  switch (pricing.kind) {
    case 'fixed':
      return fc.constant({ input: {}, usage: {} });
    case 'per_unit':
      return fc.tuple(choicesOf(pricing), upTo(pricing.maxUnits, 1)).chain(([choices, units]) =>
        upTo(units).map((used) => ({
          input: { ...choices, [pricing.unit]: units },
          usage: { ...choices, [pricing.unit]: used },
        })),
      );
    case 'tokens':
      return fc
        .tuple(upTo(pricing.maxInputTokens), fc.option(upTo(pricing.maxOutputTokens, 1)))
        .chain(([inputTokens, outputTokens]) =>
          fc
            .record({ inputTokens: upTo(inputTokens), outputTokens: upTo(outputTokens ?? pricing.maxOutputTokens) })
            .map((usage) => ({
              input: outputTokens === null ? { inputTokens } : { inputTokens, outputTokens },
              usage,
            })),
        );
    case 'open_ended': {
      const meters = fc.record(
        Object.fromEntries(Object.entries(pricing.meters).map(([name, { max }]) => [name, upTo(max)])),
      );
      return fc
        .tuple(fc.option(upTo(pricing.ceilingCredits, Math.max(1, pricing.baseCredits))), meters, meters)
        .map(([maxCredits, foreseen, usage]) => ({
          input: maxCredits === null ? foreseen : { ...foreseen, maxCredits },
          usage: cutToCeiling(pricing, usage, maxCredits ?? pricing.ceilingCredits),
        }));
    }
  }
};

const cutToCeiling = (pricing: Pricing, usage: Record<string, number>, ceiling: number): ToolInput => {
  let cut = usage;
  while (costOf(pricing, cut) > ceiling) {
    if (Object.values(cut).every((value) => value === 0)) throw new Error('no work at all costs more than the ceiling');
    cut = Object.fromEntries(Object.entries(cut).map(([name, value]) => [name, Math.floor(value / 2)]));
  }
  return cut;
};

const anyUsage = (pricing: Pricing): fc.Arbitrary<ToolInput> => {
  switch (pricing.kind) {
    case 'fixed':
      return fc.constant({});
    case 'per_unit':
      return fc.tuple(choicesOf(pricing), quantity).map(([choices, units]) => ({ ...choices, [pricing.unit]: units }));
    case 'tokens':
      return fc.record({ inputTokens: quantity, outputTokens: quantity });
    case 'open_ended':
      return fc.record(Object.fromEntries(Object.keys(pricing.meters).map((name) => [name, quantity])));
  }
};

export const samples: fc.Arbitrary<Sample> = pricings.chain((pricing) =>
  fc.tuple(usageWithin(pricing), anyUsage(pricing)).map(([{ input }, usage]) => ({ pricing, input, usage })),
);
