import type { PerUnitPricing, Pricing, Tool, ToolInput } from './catalog.ts';

/** The largest quantity of one kind (units, tokens, steps) that an input or a usage may name; keeps every price a safe integer. */
export const MAX_QUANTITY = 1_000_000_000;

/** One line of a price. The lines of a breakdown add up to its credits; the last one carries the rounding. */
export interface PriceLine {
  readonly item: string;
  readonly quantity: number;
  readonly credits: number;
}

/** R2: the most an input can cost and, beside it, what it mostly costs (1 ≤ typicalCredits ≤ credits). */
export interface Price {
  readonly credits: number;
  readonly typicalCredits: number;
  readonly breakdown: readonly PriceLine[];
}

/** A price before its rounding: each line costs `amount / scale` credits. BigInt, because the products leave the safe integers. */
interface Exact {
  readonly scale: bigint;
  readonly lines: readonly { readonly item: string; readonly quantity: number; readonly amount: bigint }[];
}

/**
 * The most `input` can cost (R2): no usage within it costs more. An open-ended tool costs at most its ceiling, or the
 * input's own `maxCredits`; what its work costs beyond that is never the user's (R9). Expects checked input.
 */
export const mostOf = (pricing: Pricing, input: ToolInput): Price => {
  const most = mostExactly(pricing, input);
  const credits = roundedUp(most);
  const typicalCredits = Math.min(credits, Math.max(1, typicalCost(pricing, input)));
  return { credits, typicalCredits, breakdown: breakdownOf(most, credits) };
};

/**
 * What was really used costs this much; by the same arithmetic as `mostOf`, so that the two cannot drift. May exceed an
 * estimate whose input it exceeds (R9). Never negative, and 0 only where nothing was used. Expects a checked usage.
 */
export const costOf = (pricing: Pricing, usage: ToolInput): number => roundedUp(exactly(pricing, usage));

/** The most that any permitted input of this price can cost. */
export const highestOf = (pricing: Pricing): number => {
  switch (pricing.kind) {
    case 'fixed':
      return pricing.creditsPerCall;
    case 'per_unit':
      return mostOf(pricing, { ...dearestChoices(pricing), [pricing.unit]: pricing.maxUnits }).credits;
    case 'tokens':
      return mostOf(pricing, { inputTokens: pricing.maxInputTokens, outputTokens: pricing.maxOutputTokens }).credits;
    case 'open_ended':
      return pricing.ceilingCredits;
  }
};

/** What the tool's example mostly costs. */
export const typicalOf = (tool: Tool): number => mostOf(tool.pricing, tool.exampleInput).typicalCredits;

const exactly = (pricing: Pricing, used: ToolInput): Exact => {
  switch (pricing.kind) {
    case 'fixed':
      return { scale: 1n, lines: [{ item: 'call', quantity: 1, amount: BigInt(pricing.creditsPerCall) }] };
    case 'per_unit':
      return perUnitExactly(pricing, used);
    case 'tokens': {
      const line = (item: string, quantity: number, perMillion: number) => lineOf(item, quantity, BigInt(perMillion));
      return {
        scale: 1_000_000n,
        lines: [
          line('input tokens', quantityOf(used, 'inputTokens'), pricing.inputPerMillion),
          line('output tokens', quantityOf(used, 'outputTokens'), pricing.outputPerMillion),
        ],
      };
    }
    case 'open_ended': {
      const meters = Object.entries(pricing.meters)
        .filter(([name]) => Object.hasOwn(used, name))
        .map(([name, { milliCreditsEach }]) => lineOf(name, quantityOf(used, name), BigInt(milliCreditsEach)));
      return { scale: 1000n, lines: [lineOf('base', 1, BigInt(pricing.baseCredits) * 1000n), ...meters] };
    }
  }
};

const perUnitExactly = (pricing: PerUnitPricing, used: ToolInput): Exact => {
  const choices = Object.entries(pricing.options).map(([name, percents]) => {
    const choice = Object.hasOwn(used, name) ? used[name] : undefined;
    const percent = typeof choice === 'string' && Object.hasOwn(percents, choice) ? percents[choice] : undefined;
    if (percent === undefined) throw new RangeError(`${name} is not a checked choice`);
    return { label: `${name} ${choice}`, percent: BigInt(percent) };
  });
  const each = choices.reduce((product, { percent }) => product * percent, BigInt(pricing.milliCreditsEach));
  const labels = choices.map(({ label }) => label).join(', ');
  const item = labels === '' ? pricing.unit : `${pricing.unit} (${labels})`;
  return {
    scale: 1000n * 100n ** BigInt(choices.length),
    lines: [lineOf(item, quantityOf(used, pricing.unit), each)],
  };
};

const mostExactly = (pricing: Pricing, input: ToolInput): Exact => {
  switch (pricing.kind) {
    case 'fixed':
    case 'per_unit':
      return exactly(pricing, input);
    case 'tokens':
      return exactly(pricing, { outputTokens: pricing.maxOutputTokens, ...input });
    case 'open_ended': {
      const most = Object.hasOwn(input, 'maxCredits') ? quantityOf(input, 'maxCredits') : pricing.ceilingCredits;
      const base = Math.min(pricing.baseCredits, most);
      const work = `${Object.keys(pricing.meters).join(' and ')}, at most`;
      return { scale: 1n, lines: [lineOf('base', 1, BigInt(base)), lineOf(work, 1, BigInt(most - base))] };
    }
  }
};

/** May exceed the most that this input can cost: `mostOf` cuts it to that. */
const typicalCost = (pricing: Pricing, input: ToolInput): number => {
  switch (pricing.kind) {
    case 'fixed':
    case 'per_unit':
      return costOf(pricing, input);
    case 'tokens':
      return costOf(pricing, { ...input, outputTokens: pricing.typicalOutputTokens });
    case 'open_ended': {
      const foreseen = Object.keys(pricing.meters).some((name) => Object.hasOwn(input, name));
      return foreseen ? costOf(pricing, input) : pricing.typicalCredits;
    }
  }
};

const dearestChoices = (pricing: PerUnitPricing): ToolInput =>
  Object.fromEntries(
    Object.entries(pricing.options).map(([name, percents]) => {
      const dearest = Object.entries(percents).reduce((a, b) => (b[1] > a[1] ? b : a));
      return [name, dearest[0]];
    }),
  );

const lineOf = (item: string, quantity: number, each: bigint) => ({ item, quantity, amount: BigInt(quantity) * each });

/** Checked input never gets this far with anything else: what does is a fault of ours, and no price is better than a wrong one. */
const quantityOf = (used: ToolInput, name: string): number => {
  const quantity = Object.hasOwn(used, name) ? used[name] : undefined;
  if (typeof quantity !== 'number' || !Number.isInteger(quantity) || quantity < 0 || quantity > MAX_QUANTITY) {
    throw new RangeError(`${name} is not a checked quantity`);
  }
  return quantity;
};

/** R1: the only rounding of a price. */
const roundedUp = ({ lines, scale }: Exact): number => {
  const sum = lines.reduce((total, { amount }) => total + amount, 0n);
  return Number((sum + scale - 1n) / scale);
};

const breakdownOf = ({ lines, scale }: Exact, credits: number): PriceLine[] => {
  let rest = credits;
  return lines.map(({ item, quantity, amount }, index) => {
    const own = index === lines.length - 1 ? rest : Number(amount / scale);
    rest -= own;
    return { item, quantity, credits: own };
  });
};
