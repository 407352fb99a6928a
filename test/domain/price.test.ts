import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalog } from '../../lib/catalog/catalog.ts';
import type { Pricing, ToolInput } from '../../lib/domain/catalog.ts';
import { costOf, highestOf, MAX_QUANTITY, mostOf, typicalOf } from '../../lib/domain/price.ts';
import { type Sample, samples, usageWithin } from './price-samples.ts';

const fixed = { kind: 'fixed', creditsPerCall: 3 } satisfies Pricing;
const plain = {
  kind: 'per_unit',
  unit: 'seconds',
  milliCreditsEach: 20,
  maxUnits: 14_400,
  options: {},
} satisfies Pricing;
const counted = { ...plain, unit: 'outputTokens' } satisfies Pricing;
const images = {
  kind: 'per_unit',
  unit: 'images',
  milliCreditsEach: 2500,
  maxUnits: 8,
  options: { resolution: { small: 50, large: 250 }, quality: { normal: 100, high: 133 } },
} satisfies Pricing;
const tokens = {
  kind: 'tokens',
  inputPerMillion: 60,
  outputPerMillion: 240,
  maxInputTokens: 100_000,
  maxOutputTokens: 50_000,
  typicalOutputTokens: 1_000,
} satisfies Pricing;
const agent = {
  kind: 'open_ended',
  baseCredits: 2,
  ceilingCredits: 60,
  typicalCredits: 12,
  meters: { steps: { milliCreditsEach: 800, max: 50 }, toolCalls: { milliCreditsEach: 500, max: 100 } },
} satisfies Pricing;
const freeAgent = { ...agent, baseCredits: 0 } satisfies Pricing;

describe('what was used costs, rounded up once at the end', () => {
  it.each<[string, Pricing, ToolInput, number]>([
    ['a fixed price is for one call', fixed, {}, 3],
    ['a whole number of credits stays as it is', plain, { seconds: 50 }, 1],
    ['one unit more begins a new credit', plain, { seconds: 51 }, 2],
    ['one unit less does not round down', plain, { seconds: 49 }, 1],
    ['a fraction of a credit costs one', plain, { seconds: 1 }, 1],
    ['no units cost nothing', plain, { seconds: 0 }, 0],
    ['options multiply: 2.5 × 0.5 × 1 = 1.25', images, { images: 1, resolution: 'small', quality: 'normal' }, 2],
    ['and are not rounded in between: 4 × 1.25 = 5', images, { images: 4, resolution: 'small', quality: 'normal' }, 5],
    ['3 × 2.5 × 2.5 × 1.33 = 24.9375', images, { images: 3, resolution: 'large', quality: 'high' }, 25],
    [
      'both token prices are summed before rounding: 0.6 + 0.24',
      tokens,
      { inputTokens: 10_000, outputTokens: 1_000 },
      1,
    ],
    ['0.6 + 0.4 = 1 exactly', tokens, { inputTokens: 6_000, outputTokens: 2_666 }, 1],
    ['0.76 + 0.24 = 1 exactly', tokens, { inputTokens: 12_000, outputTokens: 1_166 }, 1],
    ['0.36 + 0.64008', tokens, { inputTokens: 6_000, outputTokens: 2_667 }, 2],
    ['a single token costs a credit', tokens, { inputTokens: 0, outputTokens: 1 }, 1],
    ['no tokens cost nothing', tokens, { inputTokens: 0, outputTokens: 0 }, 0],
    ['base and meters are summed: 2 + 6.4 + 2.5', agent, { steps: 8, toolCalls: 5 }, 11],
    ['2 + 4 + 1 = 7 exactly', agent, { steps: 5, toolCalls: 2 }, 7],
    ['a meter that is not named counts nothing', agent, { toolCalls: 2 }, 3],
    ['the base is owed once it runs', agent, { steps: 0 }, 2],
    ['without a base and without work nothing is owed', freeAgent, { steps: 0, toolCalls: 0 }, 0],
    ['the ceiling does not lower the real cost (R9)', agent, { maxCredits: 5, steps: 100 }, 82],
    ['a usage may exceed the maxima of the input', images, { images: 9, resolution: 'large', quality: 'normal' }, 57],
  ])('%s', (_, pricing, usage, credits) => {
    expect(costOf(pricing, usage)).toBe(credits);
  });
});

describe('an estimate is the most its input can cost, with the typical cost beside it (R2)', () => {
  it.each<[string, Pricing, ToolInput, number, number]>([
    ['fixed', fixed, {}, 3, 3],
    ['per unit', images, { images: 3, resolution: 'large', quality: 'high' }, 25, 25],
    ['per unit: a tool may count what another kind is priced by', counted, { outputTokens: 51 }, 2, 2],
    ['tokens: all the output allowed, typically less', tokens, { inputTokens: 50_000, outputTokens: 40_000 }, 13, 4],
    ['tokens: the allowed output lies below the typical', tokens, { inputTokens: 50_000, outputTokens: 500 }, 4, 4],
    ['tokens: no limit named is the tool’s maximum', tokens, { inputTokens: 50_000 }, 15, 4],
    ['open-ended: the ceiling, typically as the catalog says', agent, {}, 60, 12],
    ['open-ended: a lower ceiling', agent, { maxCredits: 20 }, 20, 12],
    ['open-ended: a ceiling below the typical', agent, { maxCredits: 7 }, 7, 7],
    ['open-ended: foreseen work is the typical cost', agent, { maxCredits: 20, steps: 8, toolCalls: 5 }, 20, 11],
    ['open-ended: foreseen work beyond the ceiling', agent, { maxCredits: 20, steps: 50 }, 20, 20],
    ['open-ended: no work foreseen still typically costs 1', freeAgent, { steps: 0 }, 60, 1],
  ])('%s', (_, pricing, input, credits, typicalCredits) => {
    expect(mostOf(pricing, input)).toMatchObject({ credits, typicalCredits });
  });

  it.each<[string, Pricing, ToolInput, [string, number, number][]]>([
    ['fixed', fixed, {}, [['call', 1, 3]]],
    ['no options', plain, { seconds: 51 }, [['seconds', 51, 2]]],
    [
      'options by name',
      images,
      { images: 3, resolution: 'large', quality: 'high' },
      [['images (resolution large, quality high)', 3, 25]],
    ],
    [
      'the last line carries the rounding: 3 + 9.6 is 13',
      tokens,
      { inputTokens: 50_000, outputTokens: 40_000 },
      [
        ['input tokens', 50_000, 3],
        ['output tokens', 40_000, 10],
      ],
    ],
    [
      'the ceiling beyond the base',
      agent,
      { maxCredits: 20 },
      [
        ['base', 1, 2],
        ['steps and toolCalls, at most', 1, 18],
      ],
    ],
  ])('breakdown: %s', (_, pricing, input, lines) => {
    const expected = lines.map(([item, quantity, credits]) => ({ item, quantity, credits }));
    expect(mostOf(pricing, input).breakdown).toEqual(expected);
  });

  it.each<[string, Pricing, number]>([
    ['fixed', fixed, 3],
    ['per unit: all units at the dearest choices, 8 × 2.5 × 2.5 × 1.33', images, 67],
    ['tokens: both maxima, 6 + 12', tokens, 18],
    ['open-ended: the ceiling', agent, 60],
  ])('the highest cost: %s', (_, pricing, credits) => {
    expect(highestOf(pricing)).toBe(credits);
  });
});

describe('input that was not checked makes no price, and it is said of which field', () => {
  const sizes = { ...plain, options: { size: { 1: 100, 2: 150 } } } satisfies Pricing;

  it.each<[string, Pricing, ToolInput, string]>([
    ['a quantity is missing', plain, {}, 'seconds is not a checked quantity'],
    ['a fraction', plain, { seconds: 0.5 }, 'seconds is not a checked quantity'],
    ['a negative', plain, { seconds: -1 }, 'seconds is not a checked quantity'],
    ['not a number', plain, { seconds: Number.NaN }, 'seconds is not a checked quantity'],
    ['too large', plain, { seconds: MAX_QUANTITY + 1 }, 'seconds is not a checked quantity'],
    ['a text for a quantity', plain, { seconds: '5' }, 'seconds is not a checked quantity'],
    ['the second of two is missing', tokens, { inputTokens: 1 }, 'outputTokens is not a checked quantity'],
    [
      'an unknown choice',
      images,
      { images: 1, resolution: 'huge', quality: 'high' },
      'resolution is not a checked choice',
    ],
    [
      'a choice that every object has',
      images,
      { images: 1, resolution: 'constructor', quality: 'high' },
      'resolution is not a checked choice',
    ],
    ['a missing choice', images, { images: 1, resolution: 'large' }, 'quality is not a checked choice'],
    ['a number for a choice of that name', sizes, { seconds: 1, size: 2 }, 'size is not a checked choice'],
  ])('%s', (_, pricing, input, fault) => {
    expect(() => costOf(pricing, input)).toThrow(new RangeError(fault));
  });
});

/** The same price by plain rational arithmetic, each kind spelled out, over a denominator of its own. */
const byHand = (pricing: Pricing, usage: ToolInput): number => {
  const of = (name: string) => BigInt(Number(usage[name] ?? 0));
  const up = (numerator: bigint, denominator: bigint) => {
    const quotient = numerator / denominator;
    return Number(quotient * denominator === numerator ? quotient : quotient + 1n);
  };
  switch (pricing.kind) {
    case 'fixed':
      return pricing.creditsPerCall;
    case 'per_unit': {
      let numerator = of(pricing.unit) * BigInt(pricing.milliCreditsEach);
      let denominator = 1000n;
      for (const [name, percents] of Object.entries(pricing.options)) {
        numerator *= BigInt(percents[String(usage[name])] ?? 0);
        denominator *= 100n;
      }
      return up(numerator, denominator);
    }
    case 'tokens': {
      const input = of('inputTokens') * BigInt(pricing.inputPerMillion);
      return up(input + of('outputTokens') * BigInt(pricing.outputPerMillion), 1_000_000n);
    }
    case 'open_ended': {
      let numerator = BigInt(pricing.baseCredits) * 1000n;
      for (const [name, meter] of Object.entries(pricing.meters))
        numerator += of(name) * BigInt(meter.milliCreditsEach);
      return up(numerator, 1000n);
    }
  }
};

describe('for every price the catalog may hold', () => {
  const always = (holds: (sample: Sample) => void) => fc.assert(fc.property(samples, holds), { numRuns: 2000 });

  it('the cost is the exact rational cost, rounded up once, and a safe integer', () => {
    always(({ pricing, usage }) => {
      const cost = costOf(pricing, usage);
      expect(cost).toBe(byHand(pricing, usage));
      expect(Number.isSafeInteger(cost)).toBe(true);
      expect(cost).toBeGreaterThanOrEqual(0);
    });
  });

  it('the breakdown is of whole credits that add up to the estimate', () => {
    always(({ pricing, input }) => {
      const { credits, breakdown } = mostOf(pricing, input);
      expect(breakdown.reduce((sum, line) => sum + line.credits, 0)).toBe(credits);
      for (const line of breakdown) expect(Number.isSafeInteger(line.credits) && line.credits >= 0).toBe(true);
    });
  });

  it('1 ≤ typical ≤ estimate ≤ highest', () => {
    always(({ pricing, input }) => {
      const { credits, typicalCredits } = mostOf(pricing, input);
      expect(typicalCredits).toBeGreaterThanOrEqual(1);
      expect(typicalCredits).toBeLessThanOrEqual(credits);
      expect(credits).toBeLessThanOrEqual(highestOf(pricing));
    });
  });

  it('a quantity more never costs less', () => {
    always(({ pricing, usage }) => {
      for (const [name, value] of Object.entries(usage)) {
        if (typeof value !== 'number' || value === MAX_QUANTITY) continue;
        expect(costOf(pricing, { ...usage, [name]: value + 1 })).toBeGreaterThanOrEqual(costOf(pricing, usage));
      }
    });
  });

  it('an input that allows more is never estimated lower', () => {
    always(({ pricing, input }) => {
      for (const [name, value] of Object.entries(input)) {
        if (typeof value !== 'number' || value === 0) continue;
        const less = mostOf(pricing, { ...input, [name]: value - 1 }).credits;
        expect(less).toBeLessThanOrEqual(mostOf(pricing, input).credits);
      }
    });
  });
});

describe.each(catalog.tools.map((tool) => ({ ...tool })))('the catalog’s $id', (tool) => {
  it('never costs more than its estimate, whatever is used of the input', () => {
    fc.assert(
      fc.property(usageWithin(tool.pricing), ({ input, usage }) => {
        const most = mostOf(tool.pricing, input).credits;
        expect(costOf(tool.pricing, usage)).toBeLessThanOrEqual(most);
        expect(most).toBeLessThanOrEqual(highestOf(tool.pricing));
      }),
    );
  });

  it('has an example that costs at least 1 and no more than its estimate', () => {
    const { credits, typicalCredits } = mostOf(tool.pricing, tool.exampleInput);
    expect(costOf(tool.pricing, tool.exampleInput)).toBeGreaterThanOrEqual(1);
    expect(costOf(tool.pricing, tool.exampleInput)).toBeLessThanOrEqual(credits);
    expect(typicalOf(tool)).toBe(typicalCredits);
  });
});
