import * as z from 'zod/mini';
import type { Pricing } from './api.ts';

type Tool = Pricing['tools'][number];
type Fields = Readonly<Record<string, number | string>>;

const priced = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('fixed'), creditsPerCall: z.int() }),
  z.object({
    kind: z.literal('per_unit'),
    unit: z.string(),
    milliCreditsEach: z.int(),
    maxUnits: z.int(),
    options: z.record(z.string(), z.record(z.string(), z.int())),
  }),
  z.object({
    kind: z.literal('tokens'),
    inputPerMillion: z.int(),
    outputPerMillion: z.int(),
    maxInputTokens: z.int(),
    maxOutputTokens: z.int(),
    typicalOutputTokens: z.int(),
  }),
  z.object({
    kind: z.literal('open_ended'),
    baseCredits: z.int(),
    ceilingCredits: z.int(),
    meters: z.record(z.string(), z.object({ milliCreditsEach: z.int(), max: z.int() })),
  }),
]);
type Priced = z.infer<typeof priced>;

export const pricingOf = (tool: Tool): Priced => priced.parse(tool.pricing);

/** R1: rounded up, once, at the end. Quantities and rates of the tests keep every product a safe integer. */
const up = (amount: number, scale: number): number => Math.ceil(amount / scale);

const number = (fields: Fields, name: string): number => Number(fields[name] ?? 0);

/** What a usage costs by the published price, worked out anew: the tests' own reckoning, not the product's. */
export const costByPrice = (price: Priced, used: Fields): number => {
  switch (price.kind) {
    case 'fixed':
      return price.creditsPerCall;
    case 'per_unit': {
      const options = Object.entries(price.options);
      const percents = options.map(([name, choices]) => choices[String(used[name])] ?? 0);
      const each = percents.reduce((product, percent) => product * percent, price.milliCreditsEach);
      return up(number(used, price.unit) * each, 1000 * 100 ** options.length);
    }
    case 'tokens': {
      const input = number(used, 'inputTokens') * price.inputPerMillion;
      return up(input + number(used, 'outputTokens') * price.outputPerMillion, 1_000_000);
    }
    case 'open_ended': {
      const meters = Object.entries(price.meters).map(
        ([name, { milliCreditsEach }]) => number(used, name) * milliCreditsEach,
      );
      return up(
        meters.reduce((sum, each) => sum + each, price.baseCredits * 1000),
        1000,
      );
    }
  }
};

/** The most an input can cost (R2): an open-ended tool's ceiling or the input's own, all the tokens a model can write. */
export const mostByPrice = (price: Priced, input: Fields): number => {
  switch (price.kind) {
    case 'fixed':
    case 'per_unit':
      return costByPrice(price, input);
    case 'tokens':
      return costByPrice(price, { outputTokens: price.maxOutputTokens, ...input });
    case 'open_ended':
      return number({ maxCredits: price.ceilingCredits, ...input }, 'maxCredits');
  }
};

/** The dearest input a tool takes. */
export const dearestInput = (price: Priced): Fields => {
  switch (price.kind) {
    case 'fixed':
    case 'open_ended':
      return {};
    case 'tokens':
      return { inputTokens: price.maxInputTokens };
    case 'per_unit': {
      const dearest = Object.entries(price.options).map(([name, choices]): [string, string] => {
        const [choice = ''] = Object.entries(choices).reduce((a, b) => (b[1] > a[1] ? b : a));
        return [name, choice];
      });
      return { ...Object.fromEntries(dearest), [price.unit]: price.maxUnits };
    }
  }
};
