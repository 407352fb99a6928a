import type * as z from 'zod/mini';
import type { Catalog } from '../../lib/domain/catalog.ts';
import { highestOf, typicalOf } from '../../lib/domain/price.ts';
import type { getPricing } from '../../lib/http/contract/pricing.ts';

/** R24: listed plans, packs, and tools with what they typically and at most cost. */
export const pricing = (catalog: Catalog): z.infer<typeof getPricing.reply> => ({
  priceVersion: catalog.priceVersion,
  plans: catalog.plans.filter((plan) => plan.listed),
  packs: [...catalog.packs],
  tools: catalog.tools.map((tool) => ({
    id: tool.id,
    name: tool.name,
    model: tool.model,
    pricing: { ...tool.pricing },
    typicalCredits: typicalOf(tool),
    maxCredits: highestOf(tool.pricing),
    exampleInput: { ...tool.exampleInput },
  })),
  enterprise: catalog.enterprise,
});
