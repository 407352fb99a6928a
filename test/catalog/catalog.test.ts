import { describe, expect, it } from 'vitest';
import json from '../../lib/catalog/catalog.json' with { type: 'json' };
import { catalog, planById, toolAt, toolById } from '../../lib/catalog/catalog.ts';
import type { Catalog, Tool } from '../../lib/domain/catalog.ts';
import { mostOf, typicalOf } from '../../lib/domain/price.ts';

const needed = (id: string): Tool => toolById(catalog, id) ?? expect.fail(`no tool ${id}`);

describe('the catalog in force', () => {
  it('is the file, unchanged', () => {
    expect(catalog).toEqual(json);
  });

  it('has tools of all four kinds of price (R1)', () => {
    expect(new Set(catalog.tools.map((tool) => tool.pricing.kind))).toEqual(
      new Set(['fixed', 'per_unit', 'tokens', 'open_ended']),
    );
  });

  it.each([
    ['image-standard', 'image-pro', { images: 2, resolution: '2048x2048' }, { quality: 'standard' }],
    ['video-standard', 'video-pro', { seconds: 5, resolution: '720p' }, { sound: 'none' }],
    ['llm-small', 'llm-medium', { inputTokens: 90_000, outputTokens: 9_000 }, {}],
    ['llm-medium', 'llm-large', { inputTokens: 4_000, outputTokens: 2_000 }, {}],
  ])('the dearer model costs more: %s and %s (R1)', (cheap, dear, input, more) => {
    const cheaper = mostOf(needed(cheap).pricing, input).credits;
    expect(mostOf(needed(dear).pricing, { ...input, ...more }).credits).toBeGreaterThan(cheaper);
  });

  it('has a plan by the month and by the year, one without a run limit, and one that only support assigns', () => {
    const intervals = catalog.plans.flatMap((plan) => plan.price?.interval ?? []);
    expect(intervals.filter((interval) => interval === 'month').length).toBeGreaterThanOrEqual(2);
    expect(intervals).toContain('year');
    expect(catalog.plans.some((plan) => plan.listed && plan.dailyRunLimit === null)).toBe(true);
    expect(catalog.plans.filter((plan) => !plan.listed).map((plan) => plan.price)).toEqual([null]);
  });

  it('has three sizes of pack at least, each good for six months, a bigger one dearer but cheaper by the credit (R14)', () => {
    expect(catalog.packs.length).toBeGreaterThanOrEqual(3);
    const bySize = [...catalog.packs].sort((a, b) => a.credits - b.credits);
    bySize.forEach((pack, index) => {
      expect(pack.expiresAfterMonths).toBe(6);
      const smaller = bySize[index - 1];
      if (smaller === undefined) return;
      expect(pack.price.amount).toBeGreaterThan(smaller.price.amount);
      expect(pack.price.amount * smaller.credits).toBeLessThan(smaller.price.amount * pack.credits);
    });
  });

  it('gives a free day enough credits for several images', () => {
    const free = planById(catalog, 'free')?.dailyFreeCredits ?? 0;
    expect(free).toBeGreaterThanOrEqual(3 * typicalOf(needed('image-standard')));
  });
});

describe('looking up', () => {
  const [first] = catalog.tools;
  if (first === undefined) throw new Error('the catalog has a tool');
  const dearer: Tool = { ...first, pricing: { kind: 'fixed', creditsPerCall: 99 }, exampleInput: {} };
  const changed: Catalog = { ...catalog, retired: [{ priceVersion: '2026-08', tools: [dearer] }] };

  it('finds tools and plans by their ids', () => {
    expect(toolById(catalog, first.id)).toBe(first);
    expect(planById(catalog, 'enterprise')).toMatchObject({ listed: false });
  });

  it('finds a tool as it was priced then (R2)', () => {
    expect(toolAt(changed, catalog.priceVersion, first.id)).toBe(first);
    expect(toolAt(changed, '2026-08', first.id)).toBe(dearer);
    expect(toolAt(changed, '2026-08', 'web-search')).toBeUndefined();
    expect(toolAt(changed, '2026-05', first.id)).toBeUndefined();
  });

  it.each(['__proto__', 'constructor', 'toString', 'length', '0', '', 'IMAGE-STANDARD'])(
    'finds nothing for %j',
    (id) => {
      expect(toolById(catalog, id)).toBeUndefined();
      expect(toolAt(catalog, catalog.priceVersion, id)).toBeUndefined();
      expect(toolAt(catalog, id, first.id)).toBeUndefined();
      expect(planById(catalog, id)).toBeUndefined();
    },
  );
});
