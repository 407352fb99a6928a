/** What is sold and at what price. Parsed and checked in `lib/catalog`; pure data here. All credits are whole numbers. */
export interface Catalog {
  /** Version of the prices in force; an estimate pins it (R2). */
  readonly priceVersion: string;
  readonly plans: readonly Plan[];
  readonly packs: readonly Pack[];
  readonly tools: readonly Tool[];
  /** Earlier price lists, kept for as long as a run priced by them may still settle (estimate 15 min + hold 24 h). */
  readonly retired: readonly { readonly priceVersion: string; readonly tools: readonly Tool[] }[];
  /** R13: how long a cycle's credits stay usable while its renewal is not paid. */
  readonly subscription: { readonly graceHours: number };
  readonly promotional: { readonly expiresAfterMonths: number };
  readonly enterprise: { readonly description: string; readonly contact: string };
}

export interface Money {
  /** In the currency's smallest unit (cents), as Stripe counts. */
  readonly amount: number;
  readonly currency: string;
}

export interface Plan {
  readonly id: string;
  readonly name: string;
  /** `null`: free of charge, or by agreement. */
  readonly price: (Money & { readonly interval: 'month' | 'year' }) | null;
  /** Subscription credits granted each month of the cycle (a yearly plan is granted month by month, R13). */
  readonly creditsPerCycle: number;
  /** Free credits for each UTC day (R12). */
  readonly dailyFreeCredits: number;
  /** Runs approved in one UTC day (R8); `null` is no limit. */
  readonly dailyRunLimit: number | null;
  /** Listed plans are public and sold; the others are assigned by support (R26). */
  readonly listed: boolean;
}

export interface Pack {
  readonly id: string;
  readonly name: string;
  readonly price: Money;
  readonly credits: number;
  readonly expiresAfterMonths: number;
}

export interface Tool {
  readonly id: string;
  /** Small number that stands for the tool in stored holds; never used again for another tool. */
  readonly code: number;
  readonly name: string;
  readonly model: string;
  readonly pricing: Pricing;
  readonly exampleInput: ToolInput;
}

/** A rate in thousandths of a credit, so that prices below one credit stay integers. */
export type MilliCredits = number;

/** R1: the four kinds of price. */
export type Pricing =
  | { readonly kind: 'fixed'; readonly creditsPerCall: number }
  | PerUnitPricing
  | {
      readonly kind: 'tokens';
      /** Credits for a million tokens. */
      readonly inputPerMillion: number;
      readonly outputPerMillion: number;
      readonly maxInputTokens: number;
      readonly maxOutputTokens: number;
      /** What the model mostly writes; the typical cost reckons with it, the estimate with the maximum (R2). */
      readonly typicalOutputTokens: number;
    }
  | {
      readonly kind: 'open_ended';
      readonly baseCredits: number;
      readonly ceilingCredits: number;
      readonly typicalCredits: number;
      /** What is metered while it runs, e.g. `steps`, `toolCalls`, `seconds`. */
      readonly meters: Readonly<Record<string, { readonly milliCreditsEach: MilliCredits; readonly max: number }>>;
    };

export interface PerUnitPricing {
  readonly kind: 'per_unit';
  /** The counted input field, e.g. `images` or `seconds`. */
  readonly unit: string;
  readonly milliCreditsEach: MilliCredits;
  readonly maxUnits: number;
  /** Named choices that multiply the price, e.g. resolution. In percent: 150 is one and a half times. */
  readonly options: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Checked input of a tool; a usage reported at settle has the same shape with what was really used. */
export type ToolInput = Readonly<Record<string, number | string>>;

/** An account's plan; the free one where the catalog no longer has it. */
export const planOrFree = (catalog: Catalog, planId: string): Plan => {
  const plan =
    catalog.plans.find((each) => each.id === planId) ?? catalog.plans.find((each) => each.id === FREE_PLAN_ID);
  if (plan === undefined) throw new Error('the catalog has no free plan');
  return plan;
};

export const FREE_PLAN_ID = 'free';
