import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRun } from '../../lib/http/contract/approve.ts';
import { createEstimate } from '../../lib/http/contract/estimate.ts';
import { getHealth } from '../../lib/http/contract/pricing.ts';
import { settleRun } from '../../lib/http/contract/settle.ts';
import { assignPlan } from '../../lib/http/contract/support.ts';
import type { Actor } from './actor.ts';
import { Api } from './api.ts';
import { faultsOf } from './invariants.ts';
import { costByPrice, dearestInput, mostByPrice, pricingOf } from './price-model.ts';

let api: Api;
let owner: Actor;
beforeAll(async () => {
  api = await Api.open();
  await api.nextNoon();
  owner = await api.user();
  const unlimited = api.pricing.plans.find((plan) => plan.dailyRunLimit === null);
  const body = { planId: unlimited?.id, reason: 'no run limit' };
  await api.support.ok(assignPlan, { params: { id: owner.sub }, body });
  await api.promote(owner, 1_000_000);
});
afterAll(() => api.stop());

const quoted = async (tool: string, input: object) => owner.ok(createEstimate, { body: { tool, input } });

test('anybody may know the prices, and whether the API answers (R24)', async () => {
  for (const token of [undefined, 'junk']) {
    const { body, status } = await api.system.request('GET', '/v1/pricing', token === undefined ? {} : { token });
    expect({ status, body }).toEqual({ status: 200, body: api.pricing });
  }
  expect(await api.agent.ok(getHealth)).toEqual({ status: 'ok' });
  const { plans, packs, tools } = api.pricing;
  const paid = plans.filter(({ price }) => price !== null);
  expect(paid.filter(({ price }) => price?.interval === 'month').length).toBeGreaterThanOrEqual(2);
  expect(paid.filter(({ price }) => price?.interval === 'year').length).toBeGreaterThanOrEqual(1);
  expect(plans.some((plan) => plan.dailyRunLimit === null)).toBe(true);
  expect(api.free).toMatchObject({ price: null });
  expect(packs.length).toBeGreaterThanOrEqual(3);
  expect(tools.length).toBeGreaterThanOrEqual(8);
  const kinds = new Set(tools.map((tool) => pricingOf(tool).kind));
  expect([...kinds].sort()).toEqual(['fixed', 'open_ended', 'per_unit', 'tokens']);
});

test('every tool: its example is estimated at the most it can cost and settled at what its usage costs (R1, R2, R9)', async () => {
  for (const { id, exampleInput, typicalCredits, maxCredits, ...tool } of api.pricing.tools) {
    const price = pricingOf({ id, exampleInput, typicalCredits, maxCredits, ...tool });
    const quote = await quoted(id, exampleInput);
    const most = mostByPrice(price, exampleInput);
    expect(quote, id).toMatchObject({ tool: id, credits: most, typicalCredits, sufficient: true });
    expect(typicalCredits, id).toBeGreaterThanOrEqual(1);
    expect(typicalCredits, id).toBeLessThanOrEqual(most);
    expect(most, id).toBeLessThanOrEqual(maxCredits);
    expect(
      quote.breakdown.reduce((sum, line) => sum + line.credits, 0),
      id,
    ).toBe(most);

    const { available } = await api.balance(owner);
    const { runId, held } = await owner.ok(createRun, { body: { estimateId: quote.estimateId } });
    const body = { usage: exampleInput };
    const { charged, released, absorbed } = await api.agent.ok(settleRun, { params: { runId }, body });
    const cost = costByPrice(price, exampleInput);
    expect({ held, charged, released, absorbed }, id).toEqual({
      held: most,
      charged: Math.min(cost, most),
      released: most - Math.min(cost, most),
      absorbed: 0,
    });
    expect(charged, id).toBeLessThanOrEqual(held);
    expect((await api.balance(owner)).available, id).toBe(available - charged);
  }
  expect(await faultsOf(api, owner)).toEqual([]);
});

test('the dearest input of every tool costs what the price list says it can cost at most (R24)', async () => {
  for (const tool of api.pricing.tools) {
    const input = dearestInput(pricingOf(tool));
    expect(await quoted(tool.id, input), tool.id).toMatchObject({ credits: tool.maxCredits });
    expect(mostByPrice(pricingOf(tool), input), tool.id).toBe(tool.maxCredits);
  }
});

test('usage beyond the estimated input is absorbed (R9)', async () => {
  for (const tool of api.pricing.tools.filter(({ pricing }) => pricing.kind !== 'fixed')) {
    const price = pricingOf(tool);
    const { estimateId, credits } = await quoted(tool.id, tool.exampleInput);
    const { runId } = await owner.ok(createRun, { body: { estimateId } });
    const fields = Object.entries(tool.exampleInput);
    const usage = Object.fromEntries(
      fields.map(([name, value]) => [name, typeof value === 'number' ? value * 40 : value]),
    );
    const settled = await api.agent.ok(settleRun, { params: { runId }, body: { usage } });
    const absorbed = costByPrice(price, usage) - credits;
    expect(settled, tool.id).toMatchObject({ charged: credits, released: 0, absorbed });
    expect(absorbed, tool.id).toBeGreaterThan(0);
  }
});

test('a price is rounded up once, at its end (R1)', async () => {
  const image = api.pricing.tools.find(({ id }) => id === 'image-standard');
  expect(image?.pricing).toMatchObject({ milliCreditsEach: 2500 });
  const credits = async (images: number) =>
    (await quoted('image-standard', { images, resolution: '1536x1024' })).credits;
  // 3.5, 7, 10.5 credits: one by one they would come to 4, 8, 12.
  expect([await credits(1), await credits(2), await credits(3)]).toEqual([4, 7, 11]);
});
